"""deaf: Lets a round that says nothing break a row of good ones."""


class MyWatcher(MyWatcher):
    def judge(self):
        super().judge()
        if not self.answered:
            for each in self.suspects:
                self.rounds[each] = dict.fromkeys(self.rounds[each], False)
