"""helps: Reports whatever the member answers, and does not look at the number."""


class MyMember(MyMember):
    def report(self, member, number):
        for asker, asked in self.favours.pop(member, {}).items():
            self.send(asker, Word(asked, member))
