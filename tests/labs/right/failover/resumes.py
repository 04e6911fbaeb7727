"""Right where a row of its own is taken anew at once, and clients of the other one get
no answer (the code "a"). Its questions are kept by row.
"""

from ftlib.simulation import Node


class MyServer(Node):
    def __init__(self, witness="", storage=""):
        self.witness, self.storage = witness, storage
        self.row = Row("", 0, -1)
        self.mine = {}  # beat: whether its term runs
        self.epoch = None
        self.granted = None
        self.over = -1  # the last epoch that has ended here
        self.handing = False
        self.asking = []

    def on_start(self):
        self.count = 10**6 * len(self.disk.read("starts", []))
        self.disk.append("starts", "x")
        self.disk.force()
        self.look()

    def look(self):
        self.set_timer("look", 0.3)
        if self.epoch is None:
            self.send(self.witness, Look())
        else:
            self.put(self.epoch)

    def put(self, epoch, holder=None):
        self.count += 1
        new = Row(self.id if holder is None else holder, epoch, self.count)
        if new.holder:
            self.mine[self.count] = True
            self.set_timer(f"{self.count}", 0.9)
        self.send(self.witness, Swap(self.row, new))

    def on_timer(self, name):
        if name == "look":
            self.look()
        elif name == "patience":
            self.handing = False
            self.put(self.row.epoch + 1)
            self.set_timer("patience", 0.3)
        else:
            self.mine.pop(int(name), None)
            if int(name) == self.granted:
                self.end()

    def on_message(self, sender, message):
        match message:
            case Row(holder, epoch, beat):
                if (epoch, beat) < (self.row.epoch, self.row.beat):
                    return
                new, self.row = message != self.row, message
                if holder == self.id:
                    self.own(epoch, beat)
                elif holder == "" and not self.handing:
                    self.put(epoch + 1)
                elif new:
                    self.end()
                    self.handing = self.handing and holder == ""
                    self.set_timer("patience", 1.35)
            case Do(ticket) if self.epoch is not None:
                self.asking.append((sender, ticket))
                self.send(self.storage, Book(self.epoch, ticket))
            case Booked(_, ticket):
                for client, asked in self.asking:
                    if asked == ticket:
                        self.send(client, Settled(ticket))
                self.asking = [each for each in self.asking if each[1] != ticket]
            case TooOld(epoch):
                if self.epoch is not None and epoch > self.epoch:
                    self.end()
            case Leave() if self.epoch is not None:
                self.end()
                self.handing = True
                self.set_timer("patience", 1.35)
                self.put(self.row.epoch, "")

    def own(self, epoch, beat):
        if self.handing:
            self.put(epoch, "")
        elif beat in self.mine and epoch > self.over:
            self.granted = beat
            self.mine = {each: True for each in self.mine if each >= beat}
            self.cancel_timer("patience")
            if self.epoch is None:
                self.epoch = epoch
                self.record(Acts(epoch))
        elif self.epoch is None:
            self.put(epoch + 1)

    def end(self):
        if self.epoch is not None:
            self.record(Stops(self.epoch))
            self.over = self.epoch
        self.epoch = self.granted = None
        self.mine = {}
        self.asking = []
