"""stands: Leads, and leaves its election timer as it is."""


class MyServer(MyServer):
    def cancel_timer(self, name):
        if name != "election":
            super().cancel_timer(name)
