"""window: Takes a report for an answer of the helper's own, too."""


class MyWatcher(MyWatcher):
    def on_message(self, sender, message):
        super().on_message(sender, message)
        match message:
            case Word(number, _):
                self.hear(sender, number)
