"""recovers: Ships a row once, so that a message that is lost is lost for good."""


class MyKeeper(MyKeeper):
    def on_timer(self, name):
        self.beating = False
        for key in self.rows:
            if self.lazy(key):
                self.ship(key)
