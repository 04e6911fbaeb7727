"""A timer for each round, named by its number, and favours kept in a list."""


class MyMember(MyMember):
    def __init__(self):
        self.favours = []

    def on_message(self, sender, message):
        match message:
            case Please(number, member):
                old = [each for each in self.favours if each[:2] == (sender, member)]
                if all(each[2] <= number for each in old):
                    kept = [each for each in self.favours if each not in old]
                    self.favours = [*kept, (sender, member, number)]
                    self.send(member, Call(number))
            case _:
                super().on_message(sender, message)

    def report(self, member, number):
        for each in self.favours:
            if each[1:] == (member, number):
                self.send(each[0], Word(number, member))
        self.favours = [each for each in self.favours if each[1:] != (member, number)]
