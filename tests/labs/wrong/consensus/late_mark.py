"""witness: Keeps the mark that came last, and not the greatest one."""


class MyWitness(MyWitness):
    def told(self, leader, term, last):
        if term == self.term:
            self.mark = last
        super().told(leader, term, last)
