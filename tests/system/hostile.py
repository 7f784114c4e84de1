"""Mail servers that know their protocol, and do wrong where a test says so.

`with Imap(mails, twist) as server:` answers every command as a good server would, unless `twist` has it
otherwise: it is called with each Turn and returns the bytes to say, or HANG_UP. Turn.usual is what a good
server says. Pop3 and Smtp likewise. Each notes what it was told, and whether a secret was among it.
"""

import base64
import contextlib
import shutil
import socket
import sqlite3
import ssl
import tempfile
from pathlib import Path

from harness import wait_until
from wire import Connection, Scripted

USER, SECRET = "csirt", "correct-horse-battery"
SECRET_FORMS = (SECRET.encode(), base64.b64encode(f"\0{USER}\0{SECRET}".encode()), base64.b64encode(SECRET.encode()))
HANG_UP = None
TAKEN, COPIED, DELETED = "$MadoTaken", "$MadoCopied", "\\Deleted"
FIRST_UID = 10
HANDSHAKE_SECONDS = 10


# -- what the store has ------------------------------------------------------------------------------

def same_files(folder, copies):
    """Copies of the store's files, if nothing was moved from one into the other meanwhile."""
    before = (folder / "mado.db").stat()
    for name in ("mado.db", "mado.db-wal"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(folder / name, copies / name)
    after = (folder / "mado.db").stat()
    return (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)


def committed(desk):
    """The hashes of the mails that the store of a running daemon would have after a crash just now."""
    with tempfile.TemporaryDirectory() as folder:
        wait_until(lambda: same_files(desk.folder / "state", Path(folder)), "a copy of the store")
        with contextlib.closing(sqlite3.connect(Path(folder) / "mado.db")) as store:
            return {sha256 for (sha256,) in store.execute("SELECT sha256 FROM mail")}


# -- every server ------------------------------------------------------------------------------------

class Turn:
    """One command and what is said to it."""

    def __init__(self, connection, verb, line=b"", tag=b"", usual=b""):
        self.connection, self.verb, self.line, self.tag, self.usual = connection, verb, line, tag, usual

    def stall(self, before=b""):
        """Says so much, and nothing more until the other side goes."""
        self.connection.say(before)
        self.connection.wait_for_end()
        return HANG_UP

    def flood(self, before, piece):
        """Says so much, and then the same for ever."""
        self.connection.say(before)
        self.connection.flooded += self.connection.flood(piece)
        return HANG_UP


class Server(Scripted):
    """tls: "none", "tls" or "starttls", with the certificate (of certificates.py) that it shows."""

    def __init__(self, twist=None, tls="none", certificate=None):
        super().__init__(self.talk_on)
        self.twist, self.tls = twist, tls
        self.verbs = []  # of all connections
        self.flooded = 0  # bytes that the client took of an endless answer
        self.broken = []  # what went wrong in here
        self.open = set()  # connections
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate.cert, certificate.key)

    def saw_secret(self):
        return any(form in bytes(heard) for heard in self.heard for form in SECRET_FORMS)

    def serve(self, sock, number):
        connection = Connection(sock, self.over)
        connection.flooded = 0
        self.heard.append(connection.heard)
        self.open.add(connection)
        try:
            with contextlib.suppress(OSError):
                if self.tls == "tls":
                    self.start_tls(connection)
                self.talk(connection)
        except Exception as error:  # pylint: disable=broad-except
            self.broken.append(repr(error))
        self.flooded += connection.flooded
        self.open.discard(connection)
        connection.socket.close()

    def end_all(self):
        """Ends every connection."""
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)

    def start_tls(self, connection):
        connection.socket.settimeout(HANDSHAKE_SECONDS)
        connection.socket = self.context.wrap_socket(connection.socket, server_side=True)
        connection.socket.settimeout(None)
        connection.waiting.clear()

    def say(self, turn):
        """FALSE: the connection is to end."""
        self.verbs.append(turn.verb)
        words = self.twist(turn) if self.twist else turn.usual
        if words is HANG_UP:
            return False
        turn.connection.say(words)
        return True


class Kept:
    """The mails of a mailbox, by uid, and what became of them."""

    def __init__(self, mails, is_committed=None):
        self.mails = dict(enumerate(mails, FIRST_UID))
        self.flags = {uid: set() for uid in self.mails}
        self.moved = []
        self.is_committed = is_committed  # called with the bytes of a mail that the server is told of
        self.early = []  # uids of which it was told before the commit
        self.next = FIRST_UID + len(self.mails)

    def add(self, mail):
        self.mails[self.next], self.flags[self.next] = mail, set()
        self.next += 1
        return self.next - 1

    def remove(self, uid):
        del self.mails[uid], self.flags[uid]

    def tell(self, uids):
        if self.is_committed:
            self.early += [uid for uid in uids if not self.is_committed(self.mails[uid])]


# -- IMAP --------------------------------------------------------------------------------------------

def uid_set(text):
    uids = set()
    for part in text.decode().split(","):
        first, _, last = part.partition(":")
        uids |= set(range(int(first), int(last or first) + 1))
    return uids


class Imap(Server):
    def __init__(self, mails=(), twist=None, can="IDLE UIDPLUS", greeting="OK", validity=7, is_committed=None, **values):
        super().__init__(twist, **values)
        self.kept = Kept(mails, is_committed)
        self.can, self.greeting, self.validity = can, greeting, validity

    def talk_on(self, connection):
        if not self.say(Turn(connection, "greeting", usual=f"* {self.greeting} ready\r\n".encode())):
            return
        while line := connection.line():
            tag, _, words = line.partition(b" ")
            verb = self.verb(words.upper())
            usual = getattr(self, "on_" + verb.lower(), self.on_other)(words, connection)
            usual += b"" if verb == "IDLE" else tag + b" OK done\r\n"
            if not self.say(Turn(connection, verb, words, tag, usual)):
                return
            if verb == "IDLE" and not self.idle(connection, tag):
                return
            if verb == "STARTTLS":
                self.start_tls(connection)
                self.tls = "started"

    @staticmethod
    def verb(words):
        """UID FETCH is two, by what it asks."""
        first, *rest = words.split(b" ")
        if first == b"UID":
            first = b"SIZES" if b"RFC822.SIZE" in words else rest[0]
        return first.decode(errors="replace")

    def idle(self, connection, tag):
        line = connection.line()
        return bool(line) and self.say(Turn(connection, "DONE", line, tag, tag + b" OK done\r\n"))

    def on_other(self, words, connection):
        return b""

    def on_capability(self, words, connection):
        return f"* CAPABILITY IMAP4rev1 {self.can}{' STARTTLS' if self.tls == 'starttls' else ''}\r\n".encode()

    def on_select(self, words, connection):
        return (b"* FLAGS (\\Seen \\Deleted)\r\n* %d EXISTS\r\n* OK [UIDVALIDITY %d] valid\r\n"
                b"* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] any\r\n" % (len(self.kept.mails), self.validity))

    def found(self, words):
        """Of mails by their places, or of those by uid that have a keyword."""
        parts = words.split()
        if b"KEYWORD" in parts:
            return [uid for uid in self.of(parts[parts.index(b"UID", 1) + 1]) if COPIED in self.kept.flags[uid]]
        places = uid_set(parts[2])
        return [uid for place, uid in enumerate(self.kept.mails, 1) if place in places]

    def of(self, text):
        wanted = uid_set(text)
        return [uid for uid in self.kept.mails if uid in wanted]

    def on_search(self, words, connection):
        return b"* SEARCH" + b"".join(b" %d" % uid for uid in self.found(words)) + b"\r\n"

    def place(self, uid):
        return list(self.kept.mails).index(uid) + 1

    def size_line(self, uid, size=None):
        return b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (
            self.place(uid), uid, len(self.kept.mails[uid]) if size is None else size)

    def mail_line(self, uid, mail=None):
        mail = self.kept.mails[uid] if mail is None else mail
        return b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (self.place(uid), uid, len(mail), mail)

    def on_sizes(self, words, connection):
        return b"".join(map(self.size_line, self.of(words.split()[2])))

    def on_fetch(self, words, connection):
        return b"".join(map(self.mail_line, self.of(words.split()[2])))

    def on_store(self, words, connection):
        uids = self.of(words.split()[2])
        self.kept.tell(uids)
        for uid in uids:
            self.kept.flags[uid] |= set(words.decode().partition("(")[2].rstrip(")").split())
        return b""

    def on_copy(self, words, connection):
        uids = self.of(words.split()[2])
        self.kept.tell(uids)
        self.kept.moved += [self.kept.mails[uid] for uid in uids]
        return b""

    def on_expunge(self, words, connection):
        uids = [uid for uid in self.of(words.split()[2]) if DELETED in self.kept.flags[uid]]
        self.kept.tell(uids)
        said = b"".join(b"* %d EXPUNGE\r\n" % place for place in sorted(map(self.place, uids), reverse=True))
        for uid in uids:
            self.kept.remove(uid)
        return said

    def on_move(self, words, connection):
        uids = self.of(words.split()[2])
        self.on_copy(words, connection)
        for uid in uids:
            self.kept.flags[uid].add(DELETED)
        return self.on_expunge(words, connection)

    def on_idle(self, words, connection):
        return b"+ idling\r\n"


# -- POP3 --------------------------------------------------------------------------------------------

class Pop3(Server):
    def __init__(self, mails=(), twist=None, can="UIDL USER", is_committed=None, **values):
        super().__init__(twist, **values)
        self.kept = Kept(mails, is_committed)
        self.can = can

    def talk_on(self, connection):
        connection.deleted, connection.listed = set(), list(self.kept.mails)
        if not self.say(Turn(connection, "greeting", usual=b"+OK ready\r\n")):
            return
        while line := connection.line():
            verb, *words = line.decode(errors="replace").split(" ")
            usual = getattr(self, "on_" + verb.lower(), self.on_other)(words, connection)
            if not self.say(Turn(connection, verb.upper(), line, usual=usual)) or verb.upper() == "QUIT":
                return
            if verb.upper() == "STLS":
                self.start_tls(connection)
                self.tls = "started"

    def on_other(self, words, connection):
        return b"+OK done\r\n"

    def on_capa(self, words, connection):
        can = self.can.split() + ["STLS"] * (self.tls == "starttls")
        return b"+OK these\r\n" + b"".join(word.encode() + b"\r\n" for word in can) + b".\r\n"

    def here(self, connection):
        """(number, uid) of what is listed in this session and not deleted."""
        return [(number, uid) for number, uid in enumerate(connection.listed, 1)
                if uid not in connection.deleted and uid in self.kept.mails]

    def on_list(self, words, connection):
        return b"+OK\r\n" + b"".join(b"%d %d\r\n" % (number, len(self.kept.mails[uid]))
                                     for number, uid in self.here(connection)) + b".\r\n"

    def on_uidl(self, words, connection):
        return b"+OK\r\n" + b"".join(b"%d uid-%d\r\n" % row for row in self.here(connection)) + b".\r\n"

    def mail(self, number, connection):
        return self.kept.mails[connection.listed[int(number) - 1]]

    def on_retr(self, words, connection):
        mail = self.mail(words[0], connection)
        return b"+OK\r\n" + mail.replace(b"\r\n.", b"\r\n..") + b".\r\n"

    def on_dele(self, words, connection):
        uid = connection.listed[int(words[0]) - 1]
        self.kept.tell([uid])
        connection.deleted.add(uid)
        return b"+OK\r\n"

    def on_quit(self, words, connection):
        for uid in connection.deleted & set(self.kept.mails):
            self.kept.remove(uid)
        return b"+OK bye\r\n"


# -- SMTP --------------------------------------------------------------------------------------------

class Smtp(Server):
    """taken: the letters that it has, each with its final dot, and whom they are for."""

    def __init__(self, twist=None, can="8BITMIME SIZE", **values):
        super().__init__(twist, **values)
        self.can = can
        self.taken = []

    def talk_on(self, connection):
        connection.to = b""
        if not self.say(Turn(connection, "greeting", usual=b"220 relay.example ready\r\n")):
            return
        while line := connection.line():
            verb = line.split(b" ")[0].decode(errors="replace").upper()
            usual = getattr(self, "on_" + verb.lower(), self.on_other)(line, connection)
            if not self.say(Turn(connection, verb, line, usual=usual)) or verb == "QUIT":
                return
            if verb == "STARTTLS":
                self.start_tls(connection)
                self.tls = "started"
            if verb == "DATA" and usual[:1] == b"3" and not self.take(connection):
                return

    def take(self, connection):
        lines = []
        while (line := connection.line()) != b".":
            if connection.ended:
                return False
            lines.append(line)
        self.taken.append((connection.to.decode(), b"\r\n".join(lines)))
        return self.say(Turn(connection, "DOT", usual=b"250 2.0.0 taken\r\n"))

    def on_other(self, line, connection):
        return b"250 ok\r\n"

    def on_ehlo(self, line, connection):
        can = self.can.split() + ["STARTTLS"] * (self.tls == "starttls") + ["AUTH PLAIN LOGIN"]
        return b"250-relay.example\r\n" + b"".join(b"250-" + word.encode() + b"\r\n" for word in can) + b"250 HELP\r\n"

    def on_starttls(self, line, connection):
        return b"220 go on\r\n"

    def on_auth(self, line, connection):
        return b"235 in\r\n"

    def on_rcpt(self, line, connection):
        connection.to = line.partition(b"<")[2].partition(b">")[0]
        return b"250 ok\r\n"

    def on_data(self, line, connection):
        return b"354 go on\r\n"

    def on_quit(self, line, connection):
        return b"221 bye\r\n"
