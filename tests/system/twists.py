"""Ways of doing wrong, and a daemon that meets many of them at once.

A Row is a mail server with one of them; `run(rows)` has a daemon read all of them and a Maildir beside
them, and looks that every row comes to what it says, that no role dies or grows, that the Maildir goes on,
and that no control character of a stranger comes through to the log or a screen.
"""

import contextlib
import hashlib
import os
import re
import socket
import struct
from pathlib import Path

from dovecot import source_at
from harness import LONG, STEP, Desk, Failed, case, expect, expect_equal, plain_mail, wait_until
from hostile import HANG_UP, SECRET, USER, Imap, committed
from mailboxes import sources

os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=1")  # what was freed is not what is measured

MAILS = 3
MANY = 201  # more than the desk is asked about at once
MOST_GROWTH = 24 << 10  # kB of a role, with what the sanitizers keep
MOST_CONNECTIONS = 120  # of one server: a second apart
MOST_FLOOD = 24 << 20  # bytes that the kernels' buffers hold, too
EVIL = b"\x1b]0;owned\x07\x1b[2J\xc2\x9b1m \xe2\x80\xae" b"ALARM desk: forged\x7f"
FORGED = b"a\rALARM desk: forged\x1b[31mred \xe2\x80\xaeevil \xc2\x9b1m\xff"


def long_case(function):
    """A case that takes its time, and whose subject has a unit test that does not."""
    return case(function) if LONG else function


# -- a daemon with many mailboxes --------------------------------------------------------------------

class Row:
    """A server that does wrong: what status says then, how many of its mails are taken, how many that it
    never had, and how many wait."""

    def __init__(self, name, twist, says, takes=0, others=0, waits=None, mails=MAILS, kind=Imap, source=None, **server):
        self.name, self.twist, self.says, self.takes, self.waits = name, twist, says, takes, waits
        self.others, self.mails = others, mails
        self.kind, self.server, self.source = kind, server, source or {}

    def start(self, number):
        mails = [mail(1000 * number + i) for i in range(self.mails)]
        server = self.kind(mails, self.twist, **self.server)
        server.sums = {hashlib.sha256(one).hexdigest() for one in mails}
        return server


def mail(number):
    return plain_mail(number, sender=f"r{number}@peer.example")


@contextlib.contextmanager
def house(rows, certificates=None, rescan="1s"):
    """A desk with a mailbox for each row, and a Maildir of its own; and the servers."""
    with contextlib.ExitStack() as stack:
        desk = stack.enter_context(Desk(start=False))
        servers = [stack.enter_context(row.start(number)) for number, row in enumerate(rows, 1)]
        common = {"password": SECRET, "user": USER, "timeout": "1s", "tls": "none"}
        if certificates:
            common["ca_file"] = certificates.ca
        sources = ['{ name = "inbox"; path = "Maildir"; }']
        for number, (row, server) in enumerate(zip(rows, servers), 1):
            values = {**common, "name": f"row-{number}", "type": row.kind.__name__.lower(), "after": "keyword"
                      if row.kind is Imap else "delete", **row.source}
            sources.append(source_at(server.port, desk.folder, **values))
        desk.configure(sources=", ".join(sources), acknowledge='mode = "off";',
                       intake=f'rescan = "{rescan}"; max_message = "64KiB";')
        desk.start()
        yield desk, servers


def states(desk):
    """What status says of each source, and of a mail that stays there."""
    return {name: f"{source['state']} {source['left'] or ''}" for name, source in sources(desk).items()}


def peaks(desk, role="intake"):
    """The most memory that each process of a role has had, in kB."""
    found = {}
    for pid in desk.role_pids(role):
        with contextlib.suppress(OSError):
            found[pid] = int(re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{pid}/status").read_text())[1])
    return found


def expect_flat(desk, before):
    """Nobody died, and nobody has grown beyond the one that has grown least."""
    after = peaks(desk)
    expect_equal(set(after), set(before), "intakes, by pid")
    least = min(after.values())
    expect(max(after.values()) - least < MOST_GROWTH, f"kB of each intake: {sorted(after.values())}")


def expect_clean(desk):
    """No stranger's control character comes through, no line is begun by a stranger, and nobody died. What
    doctor says."""
    shown = [desk.ask(*words).stdout for words in (["doctor"], ["status"], ["alarms"], ["outbox"], ["status", "--json"])]
    for word in ("role-ended", "role-died", "role-killed", "Sanitizer"):
        expect(word not in desk.log_text(), f"the log has {word}")
    for text in (desk.log.read_bytes().decode(), *shown):  # madoctl itself puts tabs between columns
        found = re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]", text)
        expect(not found, f"control characters: {found[:10]}")
        expect(not re.search(r"^\W*ALARM desk: forged", text, re.M), "a line that a server wrote")
    return shown[0]


def faults_of(row, server, seen, taken):
    """What this row does not keep of its promises."""
    if server.broken:
        yield f"the server of the test: {server.broken}"
    if server.kept.early:
        yield f"told before the commit: {server.kept.early}"
    if row.says not in seen:
        yield f"neither status nor log said {row.says!r}, but {seen!r}"
    if len(server.sums & taken) != row.takes:
        yield f"{len(server.sums & taken)} mails taken, wanted {row.takes}"
    if server.flooded > MOST_FLOOD * max(server.connections, 1):
        yield f"took {server.flooded} bytes of an endless answer"
    if server.connections > MOST_CONNECTIONS:
        yield f"{server.connections} connections"


def expect_rows(desk, rows, servers, seen):
    """What every row promises."""
    taken, doctor = committed(desk), expect_clean(desk)
    waiting = {source["name"]: source["waiting"] for source in desk.ctl("status")[0]["sources"]}
    found = []
    for number, (row, server) in enumerate(zip(rows, servers), 1):
        name = f"row-{number}"
        found += [f"{row.name}: {fault}" for fault in faults_of(row, server, seen[name], taken)]
        if row.waits not in (None, waiting[name]):
            found.append(f"{row.name}: {waiting[name]} mails wait by status, wanted {row.waits}")
        well = f"ok\tsource {name}\t" in doctor and f"WARN\tsource {name}\t" not in doctor
        if not row.takes and row.says not in ("", IDLE) and well:
            found.append(f"{row.name}: doctor says that all is well")
    expect(not found, "\n# ".join(found))


def watch(desk, rows, servers):
    """Waits until each row has come to its words; all states that were seen, and what the log has of them, for a state
    that lasts until the next look only may be over before it was asked for."""
    seen = {f"row-{number}": "" for number in range(1, len(rows) + 1)}
    names = {str(server.port): f"row-{number}" for number, server in enumerate(servers, 1)}

    def note(name, words):
        if name in seen and words not in seen[name]:
            seen[name] += words + "\n"

    def all_said():
        for name, state in states(desk).items():
            note(name, state)
        for port, words in re.findall(r"source-trouble localhost port (\d+): (.*)", desk.log_text()):
            note(names.get(port), words)
        missing = [row.name for number, row in enumerate(rows, 1) if row.says not in seen[f"row-{number}"]]
        return not missing

    with contextlib.suppress(Failed):  # it is told which
        wait_until(all_said, "every row is said", longest=STEP)
    return seen


def run(rows, certificates=None):
    """A daemon that meets them all at once."""
    with house(rows, certificates) as (desk, servers):
        wait_until(lambda: len(peaks(desk)) == len(rows) + 1, "all intakes run")
        before = peaks(desk)
        wanted = set().union(*(server.sums for row, server in zip(rows, servers) if row.takes == row.mails))
        seen = watch(desk, rows, servers)
        wanted |= {desk.drop(mail(number)) for number in (1, 2)}
        with contextlib.suppress(Failed):
            wait_until(lambda: wanted <= committed(desk), "what is to be taken is taken")
            wait_until(lambda: desk.ledger()["mails"] >= 2 + sum(row.takes + row.others for row in rows), "all are there")
        expect_rows(desk, rows, servers, seen)
        expect(wanted <= committed(desk), "the Maildir beside them is not read")
        expect_flat(desk, before)
        expect_equal(desk.ledger()["mails"], 2 + sum(row.takes + row.others for row in rows), "mails in the store")
        return servers


# -- twists ------------------------------------------------------------------------------------------

def at(verb, what):
    """Wrong at this command alone."""
    return lambda turn: what(turn) if turn.verb == verb else turn.usual


def instead(verb, words):
    return at(verb, lambda turn: words.replace(b"TAG", turn.tag))


def first(verb, words):
    """Before what a good server says."""
    return at(verb, lambda turn: words + turn.usual)


def swap(verb, old, new):
    return at(verb, lambda turn: turn.usual.replace(old, new))


def stalls(verb, before=b""):
    return at(verb, lambda turn: turn.stall(before))


def half(verb):
    return at(verb, lambda turn: turn.stall(turn.usual[:len(turn.usual) // 2]))


def floods(verb, before, piece):
    return at(verb, lambda turn: turn.flood(before, piece))


LATE = "was not done within"
IDLE = "IMAP idle"
CLOSED = "has closed the connection"


def resets(turn):
    turn.connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return HANG_UP


def drips(turn, piece=b"* OK wait\r\n"):
    """A word now and then, for ever."""
    with contextlib.suppress(OSError):
        while not turn.connection.over.wait(0.2):
            turn.connection.say(piece)
    return HANG_UP


def each_byte(turn):
    for place in range(len(turn.usual)):
        turn.connection.say(turn.usual[place:place + 1])
    return b""


def garbage(turn):
    """Once the client has begun, that its buffer was empty before."""
    turn.connection.say(turn.usual)
    turn.connection.more()
    return b"\x16\x03\x03\xff\xff" + EVIL * 100
