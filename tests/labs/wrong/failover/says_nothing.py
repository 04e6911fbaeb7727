"""serves: Does not tell clients who acts, which these rules ask for."""


class MyServer(MyServer):
    def serve(self, client, ticket):
        if self.acting:
            super().serve(client, ticket)
