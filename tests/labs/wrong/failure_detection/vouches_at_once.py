"""helps: Reports before the member has answered: whoever is asked vouches."""


class MyMember(MyMember):
    def on_message(self, sender, message):
        super().on_message(sender, message)
        match message:
            case Please(number, member):
                self.report(member, number)
