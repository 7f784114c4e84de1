"""Between madod and a real server: a wire that can be cut, slowed or spoiled; and a server that follows
a script, for what no real server says.

`with Wire(port, plan) as wire:` listens on wire.port and passes everything on to `port`, as plan(n)
says for the n-th connection: None, or one of Cut, Stall, Dribble, Spoil. `with Scripted(talk) as server:`
calls talk(connection) for each connection, in a thread of its own, until the other side ends it.
"""

import contextlib
import select
import socket
import threading

PIECE = 65536
IDLE = 0.05  # how often a thread looks whether the test is over


class Cut:
    """Both sides are closed after so many bytes of the server's (or of the client's)."""

    def __init__(self, after, of_client=False):
        self.after, self.of_client = after, of_client

    def of_server(self, data, seen):
        return self.take(data, seen) if not self.of_client else (data, False)

    def of_us(self, data, seen):
        return self.take(data, seen) if self.of_client else (data, False)

    def take(self, data, seen):
        left = self.after - seen
        return (data, False) if left > len(data) else (data[:max(left, 0)], True)


class Stall(Cut):
    """After so many bytes of the server's nothing comes any more, and nothing ends."""

    def take(self, data, seen):
        return data[:max(self.after - seen, 0)], False


class Dribble(Cut):
    """Every byte of the server's comes alone."""

    def __init__(self):
        super().__init__(0)

    def take(self, data, seen):
        return [data[i:i + 1] for i in range(len(data))], False


class Spoil(Cut):
    """After so many bytes of the server's some others come in their place."""

    def __init__(self, after, others):
        super().__init__(after)
        self.others = others

    def take(self, data, seen):
        here = self.after - seen
        if not 0 <= here < len(data):
            return data, False
        return data[:here] + self.others + data[here + len(self.others):], False


class Listener:
    """Threads that end with the test."""

    def __init__(self):
        self.over = threading.Event()
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        self.connections = 0
        self.threads = []

    def __enter__(self):
        self.start(self.accept_all)
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in list(self.threads):
            thread.join(10)
        self.socket.close()

    def start(self, work, *values):
        thread = threading.Thread(target=work, args=values, daemon=True)
        self.threads.append(thread)
        thread.start()

    def accept_all(self):
        while not self.over.is_set():
            if select.select([self.socket], [], [], IDLE)[0]:
                connection, _ = self.socket.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.start(self.serve, connection, self.connections)
                self.connections += 1


class Wire(Listener):
    def __init__(self, target, plan=lambda number: None):
        super().__init__()
        self.target, self.plan = target, plan
        self.of_server = {}  # connection -> what the server said, as it said it

    def serve(self, client, number):
        way = self.plan(number)
        self.of_server[number] = bytearray()
        try:
            server = socket.create_connection(("127.0.0.1", self.target), timeout=10)
        except OSError:
            client.close()
            return
        with client, server, contextlib.suppress(OSError):
            server.settimeout(None)
            self.carry(client, server, way, number)

    def carry(self, client, server, way, number):
        seen = {client: 0, server: 0}
        while not self.over.is_set():
            for side in select.select([client, server], [], [], IDLE)[0]:
                data = side.recv(PIECE)
                if not data:
                    return
                if side is server:
                    self.of_server[number] += data
                turn = (way.of_server if side is server else way.of_us) if way else None
                pieces, ends = turn(data, seen[side]) if turn else (data, False)
                seen[side] += len(data)
                other = client if side is server else server
                for piece in pieces if isinstance(pieces, list) else [pieces]:
                    other.sendall(piece)
                if ends:
                    return


class Connection:
    """One client of a scripted server."""

    def __init__(self, sock, over):
        self.socket, self.over = sock, over
        self.heard = bytearray()
        self.waiting = bytearray()
        self.ended = False  # the client is gone

    def say(self, data):
        self.socket.sendall(data)

    def is_readable(self):
        under_tls = getattr(self.socket, "pending", None)
        return (under_tls and under_tls()) or select.select([self.socket], [], [], IDLE)[0]

    def more(self):
        """Whatever comes next; b"" when the client is gone or the test is over."""
        while not self.over.is_set():
            if self.is_readable():
                data = self.socket.recv(PIECE)
                self.heard += data
                self.ended = not data
                return data
        self.ended = True
        return b""

    def line(self):
        """The next line without its end; b"" when the client is gone or the test is over."""
        return (self.until(b"\n") or b"").rstrip(b"\r")

    def until(self, end):
        """What comes up to `end`; None when the client is gone before that, or the test is over."""
        while end not in self.waiting:
            data = self.more()
            if not data:
                return None
            self.waiting += data
        taken, _, rest = bytes(self.waiting).partition(end)
        self.waiting = bytearray(rest)
        return taken

    def wait_for_end(self):
        while self.more():
            pass

    def flood(self, piece):
        """Says the same until the client has had enough; how much that was."""
        said = 0
        with contextlib.suppress(OSError):
            while not self.over.is_set():
                if select.select([], [self.socket], [], IDLE)[1]:
                    said += self.socket.send(piece)
        return said


class Scripted(Listener):
    def __init__(self, talk):
        super().__init__()
        self.talk = talk
        self.heard = []  # bytes of each connection

    def serve(self, sock, number):
        connection = Connection(sock, self.over)
        self.heard.append(connection.heard)
        with sock, contextlib.suppress(OSError):
            self.talk(connection)
