"""decides: Commits when one vote is missing: off by one."""


class MyCoordinator(MyCoordinator):
    def count(self, txn):
        votes = self.votes[txn]
        if "no" in votes.values():
            self.stop(txn)
        elif len(votes) >= len(dict(self.work)[txn]) - 1:
            self.commit(txn)
