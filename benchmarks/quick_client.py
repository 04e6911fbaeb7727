"""A client for benchmarks of servers, in a file from which its process imports it."""

from ftlib.services import Client


class QuickClient(Client):
    """Has no disk, so that the disk is the servers' alone; it must not crash."""

    def go_on(self) -> None:
        self.waiting = self.sequence < len(self.operations)
        if self.waiting:
            self.sequence += 1
            self.wait = self.patience
            self.call(self.operation)
            self.ask()
            self.set_timer("retry", self.wait)
