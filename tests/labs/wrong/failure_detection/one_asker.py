"""helps: Remembers one asker for each member, so the second takes the first one's
place.
"""


class MyMember(MyMember):
    def on_message(self, sender, message):
        match message:
            case Please(_, member):
                self.favours[member] = {}
        super().on_message(sender, message)
