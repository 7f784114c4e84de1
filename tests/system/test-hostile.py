#!/usr/bin/env python3
"""Mailboxes behind servers that stall, break off, flood, lie and inject: a mail of each is taken once or
stays where it is, no secret goes to whom it does not belong, no role dies, hangs or grows, the other
mailboxes go on, and `status` says what is wrong."""

import contextlib
import os
import re
import sys
from pathlib import Path

os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=1")  # what was freed is not what is measured
sys.path.insert(0, os.path.dirname(__file__))
from certificates import Certificates  # noqa: E402
from dovecot import source_at  # noqa: E402
from harness import Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402
from hostile import FIRST_UID, HANG_UP, SECRET, USER, Imap, Pop3  # noqa: E402

MAILS = 3
MOST_GROWTH = 24 << 10  # kB of a role, with what the sanitizers keep
MOST_FLOOD = 24 << 20  # bytes that the kernels' buffers hold, too
EVIL = b"\x1b]0;owned\x07\x1b[2J\x9b1m\x00 \xe2\x80\xae" b"ALARM desk: forged\x7f"
FORGED = b"a\rALARM desk: forged\x1b[31mred \xe2\x80\xaeevil \xc2\x9b1m\xff"


# -- a daemon with many mailboxes --------------------------------------------------------------------

class Row:
    """A server that does wrong: what status says then, and how many of its mails are taken."""

    def __init__(self, name, twist, says, takes=0, kind=Imap, source=None, **server):
        self.name, self.twist, self.says, self.takes = name, twist, says, takes
        self.kind, self.server, self.source = kind, server, source or {}

    def start(self, number):
        mails = [mail(100 * number + i) for i in range(MAILS)]
        return self.kind(mails, self.twist, **self.server)


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
    rows = desk.ctl_now("status")
    return {source["name"]: source["state"] for source in rows[0]["sources"]} if rows else {}


def peaks(desk):
    """The most memory that each intake has had, in kB."""
    found = {}
    for pid in desk.role_pids("intake"):
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
    """No stranger's control character comes through, and no line is begun by a stranger."""
    shown = [desk.ask(*words).stdout for words in (["status"], ["doctor"], ["alarms"], ["outbox"], ["status", "--json"])]
    for text in (desk.log.read_bytes().decode(), *shown):
        found = re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]", text)
        expect(not found, f"control characters: {found[:10]}")
        expect(not re.search(r"^\W*ALARM desk: forged", text, re.M), "a line that a server wrote")


def expect_rows(desk, rows, servers, seen):
    """What every row promises."""
    for number, (row, server) in enumerate(zip(rows, servers), 1):
        expect_equal(server.broken, [], f"the server of: {row.name}")
        expect_equal(server.kept.early, [], f"{row.name}: told before the commit")
        expect(server.flooded < MOST_FLOOD * max(server.connections, 1), f"{row.name}: took {server.flooded} bytes")
        expect(row.says in seen[f"row-{number}"], f"{row.name}: status never said {row.says!r}")


def watch(desk, rows, servers):
    """Waits until each row has come to its words and its mails; all states that were seen."""
    seen = {f"row-{number}": "" for number in range(1, len(rows) + 1)}

    def all_said():
        for name, state in states(desk).items():
            if name in seen and state not in seen[name]:
                seen[name] += state + "\n"
        missing = [row.name for number, row in enumerate(rows, 1) if row.says not in seen[f"row-{number}"]]
        return not missing
    try:
        wait_until(all_said, "every row is said")
    finally:
        for number, row in enumerate(rows, 1):
            if row.says not in seen[f"row-{number}"]:
                print(f"# {row.name}: wanted {row.says!r}, seen: {seen[f'row-{number}']!r}", flush=True)
    return seen


def run(rows, certificates=None):
    """A daemon that meets them all at once."""
    with house(rows, certificates) as (desk, servers):
        wait_until(lambda: len(peaks(desk)) == len(rows) + 1, "all intakes run")
        before = peaks(desk)
        seen = watch(desk, rows, servers)
        desk.drop(mail(1))
        number = 1 + sum(row.takes for row in rows)
        ledger = desk.settled(number)
        desk.drop(mail(2))
        ledger = desk.settled(number + 1)
        expect_flat(desk, before)
        expect_rows(desk, rows, servers, seen)
        expect_clean(desk)
        expect_equal(desk.ledger()["mails"], number + 1, "mails in the store")
        return servers, ledger


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
CLOSED = "has closed the connection"
STEPS = ("greeting", "CAPABILITY", "LOGIN", "SELECT", "SEARCH", "SIZES", "FETCH")


@case
def imap_that_stalls():
    rows = [Row(f"nothing at {verb}", stalls(verb), LATE) for verb in STEPS]
    rows += [Row(f"half at {verb}", half(verb), LATE) for verb in STEPS]
    rows += [Row("nothing at STORE", stalls("STORE"), LATE, takes=MAILS),
             Row("nothing at IDLE", stalls("IDLE"), LATE, takes=MAILS)]
    run(rows)


if __name__ == "__main__":
    main()
