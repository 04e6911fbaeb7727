"""A small server, which has a child in another session."""

import socket
import sys

from ftlib.real.servers import Server

ECHO = """
import os, socket, subprocess, sys, time
print("listening soon", flush=True)
time.sleep({wait})
listener = socket.create_server(("127.0.0.1", {port}))
child = "import os, time; os.setsid(); time.sleep(99)"
subprocess.Popen([sys.executable, "-c", child])
{more}
while True:
    connection, _ = listener.accept()
    connection.sendall(str(os.getpid()).encode())
    connection.close()
"""


class Echo(Server):
    """Says its process's number to whoever connects; has a child in another session."""

    def __init__(self, more="", wait=0.0):
        super().__init__("echo")
        self.more, self.wait = more, wait

    def command(self):
        code = ECHO.format(port=self.port, more=self.more, wait=self.wait)
        return [sys.executable, "-c", code]

    def ask(self):
        with socket.create_connection(("127.0.0.1", self.port), 0.5) as connection:
            return int(connection.recv(99) or 0)

    ready = ask
