"""helps: Keeps what it has reported, and reports again when the answer comes twice."""


class MyMember(MyMember):
    def report(self, member, number):
        for asker, asked in self.favours.get(member, {}).items():
            if asked == number:
                self.send(asker, Word(number, member))
