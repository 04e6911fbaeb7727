"""holds: A helper probes in numbers of its own, and the watcher hears of rounds that it
does not know.
"""


class MyMember(MyMember):
    def on_message(self, sender, message):
        match message:
            case Please(number, member):
                super().on_message(sender, Please(number + 1, member))
            case _:
                super().on_message(sender, message)
