#!/usr/bin/env python3
"""Mailboxes behind servers that stall, break off, flood, lie and inject: a mail of each is taken once or
stays where it is, no secret goes to whom it does not belong, no role dies, hangs or grows, the other
mailboxes go on, and `status` says what is wrong."""

import contextlib
import hashlib
import os
import re
import socket
import struct
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=1")  # what was freed is not what is measured
sys.path.insert(0, os.path.dirname(__file__))
from certificates import Certificates  # noqa: E402
from dovecot import source_at  # noqa: E402
from harness import Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402
from hostile import HANG_UP, SECRET, USER, Imap, Pop3, committed  # noqa: E402

MAILS = 3
MANY = 201  # more than the desk is asked about at once
MOST_GROWTH = 24 << 10  # kB of a role, with what the sanitizers keep
MOST_FLOOD = 24 << 20  # bytes that the kernels' buffers hold, too
EVIL = b"\x1b]0;owned\x07\x1b[2J\xc2\x9b1m \xe2\x80\xae" b"ALARM desk: forged\x7f"
FORGED = b"a\rALARM desk: forged\x1b[31mred \xe2\x80\xaeevil \xc2\x9b1m\xff"


# -- a daemon with many mailboxes --------------------------------------------------------------------

class Row:
    """A server that does wrong: what status says then, how many of its mails are taken, and how many wait."""

    def __init__(self, name, twist, says, takes=0, waits=None, mails=MAILS, kind=Imap, source=None, **server):
        self.name, self.twist, self.says, self.takes, self.waits = name, twist, says, takes, waits
        self.mails = mails
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
    """No stranger's control character comes through, no line is begun by a stranger, and nobody died."""
    for word in ("role-died", "role-killed", "Sanitizer"):
        expect(word not in desk.log_text(), f"the log has {word}")
    shown = [desk.ask(*words).stdout for words in (["status"], ["doctor"], ["alarms"], ["outbox"], ["status", "--json"])]
    for text in (desk.log.read_bytes().decode(), *shown):  # madoctl itself puts tabs between columns
        found = re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]", text)
        expect(not found, f"control characters: {found[:10]}")
        expect(not re.search(r"^\W*ALARM desk: forged", text, re.M), "a line that a server wrote")


def expect_rows(desk, rows, servers, seen):
    """What every row promises."""
    taken = committed(desk)
    waiting = {source["name"]: source["waiting"] for source in desk.ctl("status")[0]["sources"]}
    for number, (row, server) in enumerate(zip(rows, servers), 1):
        expect_equal(server.broken, [], f"the server of: {row.name}")
        expect_equal(len(server.sums & taken), row.takes, f"{row.name}: mails taken")
        expect_equal(server.kept.early, [], f"{row.name}: told before the commit")
        expect(server.flooded < MOST_FLOOD * max(server.connections, 1), f"{row.name}: took {server.flooded} bytes")
        expect(row.says in seen[f"row-{number}"], f"{row.name}: status never said {row.says!r}")
        if row.waits is not None:
            expect_equal(waiting[f"row-{number}"], row.waits, f"{row.name}: mails that wait, in status")


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
        desk.settled(number)
        desk.drop(mail(2))
        desk.settled(number + 1)
        expect(desk.running(), "the daemon has ended")
        expect_flat(desk, before)
        expect_rows(desk, rows, servers, seen)
        expect_clean(desk)
        expect_equal(desk.ledger()["mails"], number + 1, "mails in the store")
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
STEPS = ("greeting", "CAPABILITY", "LOGIN", "SELECT", "SEARCH", "SIZES", "FETCH")


def resets(turn):
    turn.connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return HANG_UP


@case
def imap_that_stalls():
    rows = [Row(f"nothing at {verb}", stalls(verb), LATE) for verb in STEPS]
    rows += [Row(f"half at {verb}", half(verb), LATE, takes=verb == "FETCH") for verb in STEPS]
    rows += [Row("nothing at STORE", stalls("STORE"), LATE, takes=MAILS),
             Row("nothing at IDLE", stalls("IDLE"), LATE, takes=MAILS),
             Row("nothing at DONE", stalls("DONE"), IDLE, takes=MAILS)]
    run(rows)


@case
def imap_that_breaks_off():
    bye = b"* BYE " + FORGED + b"\r\n"
    rows = [Row(f"BYE at {verb}", instead(verb, bye), "it ends the session: a\\x0DALARM desk: forged\\x1B[31m")
            for verb in STEPS]
    rows += [Row(f"gone at {verb}", at(verb, lambda turn: HANG_UP), CLOSED) for verb in STEPS]
    rows += [Row(f"BYE at {verb}", instead(verb, bye), "it ends the session", takes=MAILS)
             for verb in ("STORE", "IDLE")]
    rows += [Row("a reset at once", at("greeting", resets), "trouble"),
             Row("a reset instead of mails", at("FETCH", resets), "trouble"),
             Row("BYE at STORE, and more mails than are taken at once", instead("STORE", bye), "it ends the session",
                 takes=MANY, mails=MANY)]
    rows += [Row("BYE in the midst of idling", instead("IDLE", b"+ idling\r\n" + bye), "it ends the session", takes=MAILS)]
    run(rows)


def endless(verb, before, takes=0, says=""):
    """A line, lines, and lines that mean nothing, without end."""
    pieces = {"a line": b"* OK " + b"x" * 65536, "lines": b"* OK still here\r\n" * 4096,
              "unasked": b"* LIST () \"/\" a\r\n" * 4096, "numbers": b"* 7 EXPUNGE\r\n* 9 EXISTS\r\n" * 2048}
    return [Row(f"{name} without end at {verb}", floods(verb, before, piece), says, takes=takes)
            for name, piece in pieces.items()]


@case
def imap_that_floods():
    """Each of them for as long as it is listened to; the bytes that were taken are counted."""
    says = "trouble"
    rows = [row for verb in ("greeting", "SELECT", "SEARCH", "FETCH") for row in endless(verb, b"", says=says)]
    rows += endless("IDLE", b"+ idling\r\n", takes=MAILS, says="no news from the mailbox")
    rows += [Row("a search without end", floods("SEARCH", b"* SEARCH", b" 10" * 20000), says),
             Row("a mail without end", floods("FETCH", b"* 1 FETCH (UID 10 BODY[] {4294967295}\r\n", b"x" * 65536), says),
             Row("capabilities without end", floods("CAPABILITY", b"* CAPABILITY", b" A" * 30000), says)]
    run(rows)


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


@case
def imap_that_drips():
    """Whoever is never silent, and never done, has no more time than others."""
    run([Row(f"drips at {verb}", at(verb, drips), LATE) for verb in STEPS])


LITERALS = {"huge": (b"{99999999999999999999}", "cannot be a mail's"), "negative": (b"{-1}", "cannot be a mail's"),
            "of 4 GiB": (b"{4294967296}", "cannot be a mail's"), "not synchronising": (b"{9+}", "cannot be a mail's"),
            "without a number": (b"{}", "cannot be a mail's"), "open": (b"{12", "cannot be a mail's")}
NOT_UNDERSTOOD = "cannot be understood"


def mail_as(change):
    """The first mail of an answer otherwise."""
    def twisted(turn):
        head, _, rest = turn.usual.partition(b"\r\n")
        return change(head, rest)
    return at("FETCH", twisted)


@case
def imap_that_announces_bytes():
    def literal(verb, words, behind):
        return instead(verb, words + behind + b"\r\nTAG OK done\r\n")
    rows = [Row(f"a literal that is {name}", mail_as(lambda head, rest, wrong=wrong: head.partition(b"{")[0] + wrong
                                                    + b"\r\n" + rest), says) for name, (wrong, says) in LITERALS.items()]
    rows += [Row(f"a literal {name} at {verb}", literal(verb, words, LITERALS[name][0]), "")
             for verb, words in (("greeting", b"* OK "), ("CAPABILITY", b"* CAPABILITY "), ("SEARCH", b"* SEARCH "),
                                 ("SELECT", b"* FLAGS ("), ("SELECT", b"* OK [UNSEEN "), ("SIZES", b"* 1 FETCH (UID "))
             for name in ("huge", "negative")]
    for row in rows[len(LITERALS):]:  # all that counts is that nothing comes of it
        row.says = "trouble" if "greeting" not in row.name else ""
    run(rows)


@case
def imap_whose_numbers_are_wrong():
    uids = b"* SEARCH 10 11 12\r\n"
    rows = [
        Row("a wrong tag", at("SELECT", lambda turn: turn.usual.replace(turn.tag, b"zz9")), NOT_UNDERSTOOD),
        Row("the tag of a command before", at("SEARCH", lambda turn: turn.usual.replace(turn.tag + b" OK", b"1 OK")),
            NOT_UNDERSTOOD),
        Row("uids that descend", swap("SEARCH", uids, b"* SEARCH 12 11 10\r\n"), IDLE, takes=MAILS),
        Row("uids twice", swap("SEARCH", uids, b"* SEARCH 10 10 11 11 12 10\r\n* SEARCH 12\r\n"), IDLE, takes=MAILS),
        Row("uid 0", swap("SEARCH", uids, b"* SEARCH 0 10 11 12\r\n"), IDLE, takes=MAILS),
        Row("uids of nobody", swap("SEARCH", uids, b"* SEARCH 10 11 12 4294967295 77\r\n"), IDLE, takes=MAILS),
        Row("a uid beyond 32 bits", swap("SEARCH", uids, b"* SEARCH 10 11 12 99999999999999\r\n"), IDLE, takes=MAILS),
        Row("a negative uid", swap("SEARCH", uids, b"* SEARCH -10\r\n"), NOT_UNDERSTOOD),
        Row("no UIDVALIDITY", swap("SELECT", b"UIDVALIDITY", b"UIDINVALID"), "no UIDVALIDITY"),
        Row("UIDVALIDITY 0", lambda turn: turn.usual, "no UIDVALIDITY", validity=0),
        Row("fewer and fewer", first("SEARCH", b"* 2 EXISTS\r\n* 0 EXISTS\r\n"), IDLE, takes=MAILS),
        Row("more than there are", swap("SELECT", b"3 EXISTS", b"4294967295 EXISTS"), "", takes=MAILS),
        Row("more than can be", swap("SELECT", b"3 EXISTS", b"99999999999999 EXISTS"), "", takes=MAILS),
        Row("expunged meanwhile", first("FETCH", b"* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 9 EXPUNGE\r\n"), IDLE, takes=MAILS),
        Row("a size that is negative", swap("SIZES", b"SIZE ", b"SIZE -"), IDLE, takes=MAILS),
        Row("a size that is huge", swap("SIZES", b"SIZE ", b"SIZE 429496"), "intake.max_message allows", waits=MAILS),
        Row("a size beyond all", swap("SIZES", b"SIZE ", b"SIZE 99999999999999"), "trouble"),
        Row("sizes of others", swap("SIZES", b"UID 1", b"UID 9"), IDLE, waits=MAILS),
        Row("the mail of another", at("FETCH", lambda turn: turn.usual.replace(b"UID 11 ", b"UID 99 ")), IDLE, takes=MAILS - 1, waits=1),
        Row("one uid for all", at("FETCH", lambda turn: re.sub(rb"UID \d+ B", b"UID 10 B", turn.usual)), "", takes=1, waits=2),
    ]
    run(rows)


@case
def imap_whose_mails_are_wrong():
    stranger = b"* 2 FETCH (UID 99 BODY[] {4}\r\nevil)\r\n"
    rows = [
        Row("shorter than its literal", mail_as(lambda head, rest: head + b"\r\n" + rest[9:]), "trouble"),
        Row("longer than its literal", mail_as(lambda head, rest: head + b"\r\nmore of it" + rest), "trouble"),
        Row("cut, and its literal too", at("FETCH", lambda turn: re.sub(rb"\{(\d+)\}\r\n(?s:.{9})", lambda found: b"{%d}\r\n" % (
            int(found[1]) - 9), turn.usual)), "", takes=MAILS),
        Row("NIL", at("FETCH", lambda turn: re.sub(rb"(?s)BODY\[\] \{.*", b"BODY[] NIL)\r\n" + turn.tag + b" OK -\r\n",
                                                   turn.usual)), IDLE, waits=MAILS),
        Row("a mail that nobody asked for", at("SEARCH", lambda turn: stranger + turn.usual), "cannot be a mail's"),
        Row("a mail of nobody", first("FETCH", stranger), IDLE, takes=MAILS),
        Row("flags meanwhile", first("FETCH", b"* 2 FETCH (FLAGS (\\Seen))\r\n* 3 FETCH (UID 12 FLAGS ())\r\n"), IDLE,
            takes=MAILS),
        Row("a structure", first("FETCH", b"* 2 FETCH (BODYSTRUCTURE " + b"(" * 60000 + b"\r\n"), "more of a mail"),
        Row("an envelope", first("SEARCH", b"* 2 FETCH (ENVELOPE (\"\" NIL NIL NIL))\r\n"), "", takes=MAILS),
        Row("a NUL in a line", first("SEARCH", b"* OK \0\r\n"), "said a NUL"),
        Row("a CR in a line", first("SEARCH", b"* OK [ALERT] " + FORGED + b"\r\n"), NOT_UNDERSTOOD),
        Row("odd characters", first("SEARCH", b"* NO " + EVIL + b"\r\n* OK [ALERT] " + EVIL + b"\r\n"), IDLE, takes=MAILS),
        Row("NO with odd characters", instead("SEARCH", b"TAG NO " + EVIL + b"\r\n"), "\\x1B]0;owned\\x07\\x1B[2J"),
        Row("BAD with a long text", instead("SEARCH", b"TAG BAD " + "窓".encode() * 9000 + b"\r\n"), "窓"),
        Row("not IMAP", instead("greeting", b"220 mail ESMTP " + FORGED + b"\r\n"), "this is not IMAP"),
        Row("BADCHARSET twice", first("SEARCH", b"* NO [BADCHARSET (A)] -\r\n* NO [BADCHARSET (B)] -\r\n"), IDLE, takes=MAILS),
        Row("a search with MODSEQ", swap("SEARCH", b" 12\r\n", b" 12 (MODSEQ 9)\r\n"), NOT_UNDERSTOOD),
        Row("referrals", instead("LOGIN", b"* BYE [REFERRAL imap://evil.example/] go there\r\nTAG NO -\r\n"), "it ends"),
        Row("a question in place of an answer", instead("SELECT", b"+ your password?\r\n"), LATE),
        Row("logged in already", lambda turn: turn.usual, IDLE, takes=MAILS, greeting="PREAUTH"),
        Row("one segment for each byte", each_byte, IDLE, takes=MAILS),
    ]
    run(rows)


@case
def imap_whose_idle_is_wrong():
    rows = [
        Row("IDLE refused", instead("IDLE", b"TAG NO not now\r\n"), "no news from the mailbox", takes=MAILS),
        Row("IDLE that is done at once", instead("IDLE", b"+ idling\r\nTAG OK done\r\n"), "", takes=MAILS),
        Row("news without end", instead("IDLE", b"+ idling\r\n* 4 EXISTS\r\n"), "", takes=MAILS),
        Row("nothing of news", instead("IDLE", b"+ idling\r\n* 9 EXPUNGE\r\n* 4 FETCH (FLAGS ())\r\n"), IDLE, takes=MAILS),
        Row("another answer at the end", instead("DONE", b"zz OK done\r\n"), "", takes=MAILS),
    ]
    for row, server in zip(rows, run(rows)):
        looks = server.verbs.count("IDLE")
        expect(looks < 60, f"{row.name}: looked {looks} times")




# -- POP3 --------------------------------------------------------------------------------------------

POP3_STEPS = ("greeting", "CAPA", "USER", "PASS", "LIST", "UIDL", "RETR")


def pop3(name, twist, says, **more):
    return Row("POP3: " + name, twist, says, kind=Pop3, **more)


@case
def pop3_that_stalls_or_breaks_off():
    rows = [pop3(f"nothing at {verb}", stalls(verb), LATE) for verb in POP3_STEPS]
    rows += [pop3(f"half at {verb}", half(verb), LATE) for verb in POP3_STEPS]
    rows += [pop3(f"gone at {verb}", at(verb, lambda turn: HANG_UP), CLOSED) for verb in POP3_STEPS]
    rows += [pop3(f"nothing at {verb}", stalls(verb), LATE, takes=MAILS) for verb in ("DELE", "QUIT")]
    rows += [pop3(f"gone at {verb}", at(verb, lambda turn: HANG_UP), CLOSED, takes=MAILS) for verb in ("DELE", "QUIT")]
    run(rows)


@case
def pop3_that_floods_or_drips():
    pieces = {"a line": b"+OK " + b"x" * 65536, "lines": b"+OK still here\r\n" * 4096, "numbers": b"7 7\r\n" * 4096}
    rows = [pop3(f"{name} without end at {verb}", floods(verb, before, piece), "trouble") for name, piece in pieces.items()
            for verb, before in (("greeting", b""), ("CAPA", b"+OK\r\n"), ("LIST", b"+OK\r\n"), ("UIDL", b"+OK\r\n"))]
    rows += [pop3("a mail without end", floods("RETR", b"+OK\r\n", b"x" * 65536), "trouble")]
    rows += [pop3(f"drips at {verb}", at(verb, lambda turn: drips(turn, b"1 ")), LATE) for verb in POP3_STEPS]
    run(rows)


@case
def pop3_whose_answers_are_wrong():
    lists = b"+OK\r\n%s.\r\n"
    rows = [
        pop3("not POP3", instead("greeting", b"* OK " + FORGED + b"\r\n"), "this is no POP3"),
        pop3("not ready", instead("greeting", b"-ERR " + FORGED + b"\r\n"), "a\\x0DALARM desk: forged\\x1B[31mred"),
        pop3("no login", instead("PASS", b"-ERR [AUTH] " + EVIL + b"\r\n"), "\\x1B]0;owned\\x07"),
        pop3("a NUL", first("LIST", b"\0"), "NUL"),
        pop3("no numbers", instead("LIST", lists % b"one two\r\n"), "not understood"),
        pop3("negative numbers", instead("LIST", lists % b"-1 500\r\n"), "not understood"),
        pop3("numbers that descend", instead("LIST", lists % b"3 500\r\n2 500\r\n1 500\r\n"), "not understood"),
        pop3("a number twice", instead("LIST", lists % b"1 500\r\n1 500\r\n"), "not understood"),
        pop3("numbers beyond all", instead("LIST", lists % b"99999999999999999999 5\r\n"), "not understood"),
        pop3("a uid of no mail", instead("UIDL", lists % b"1 a\r\n9 b\r\n"), "", takes=MAILS),
        pop3("two uids for one", instead("UIDL", lists % b"1 a\r\n1 b\r\n"), "names a mail twice"),
        pop3("one uid for all", instead("UIDL", lists % b"1 a\r\n2 a\r\n3 a\r\n"), "", takes=MAILS),
        pop3("odd uids", instead("UIDL", lists % (b"1 " + EVIL + b"\r\n2 " + b"x" * 500 + b"\r\n3 \r\n")), "", takes=MAILS),
        pop3("no uids", instead("UIDL", b"-ERR unknown\r\n"), ""),
        pop3("sizes beyond all", at("LIST", lambda turn: re.sub(rb" \d+\r", b" 99999999999999999999\r", turn.usual)),
             "intake.max_message allows"),
        pop3("sizes of nothing", at("LIST", lambda turn: re.sub(rb" \d+\r", b" 0\r", turn.usual)), "", takes=MAILS),
        pop3("no mail", instead("RETR", b"-ERR no such message " + EVIL + b"\r\n"), "does not give it"),
        pop3("not deleted", instead("DELE", b"-ERR " + EVIL + b"\r\n"), "does not delete", takes=MAILS),
        pop3("not kept", instead("QUIT", b"-ERR some are left " + EVIL + b"\r\n"), "", takes=MAILS),
        pop3("one segment for each byte", each_byte, "", takes=MAILS),
    ]
    run(rows)


# -- whom a secret belongs to ------------------------------------------------------------------------

UNTOUCHED = {"wrong_host": "for another host", "unknown_ca": "whom `ca_file` does not have",
             "expired": "has expired", "future": "not yet valid", "self_signed": "signed by nobody but itself"}
PIN = "not the one that `fingerprint` names"


def secret_rows(made):
    """Every way in which a server is not the one that it should be, for each kind."""
    for kind in (Imap, Pop3):
        for tls in ("tls", "starttls"):
            def row(name, says, tls=tls, kind=kind, certificate="good", twist=None, **source):
                return Row(f"{kind.__name__} by {tls}: {name}", twist, says, kind=kind, tls=tls,
                           certificate=getattr(made, certificate), source={"tls": tls, **source})
            for certificate, says in UNTOUCHED.items():
                yield row(certificate, says, certificate=certificate)
            yield row("another one than is pinned", PIN, fingerprint=made.self_signed.fingerprint)


def no_tls_rows(made):
    """Servers, and who stands between, that would have us go on without TLS."""
    def imap(name, twist, says, **server):
        return Row("IMAP: " + name, twist, says, tls="starttls", certificate=made.good, source={"tls": "starttls"}, **server)

    def pop3(name, twist, says):
        return Row("POP3: " + name, twist, says, kind=Pop3, tls="starttls", certificate=made.good,
                   source={"tls": "starttls"})
    injected = b"TAG OK go on\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"
    return [
        imap("not offered", swap("CAPABILITY", b" STARTTLS", b""), "does not offer STARTTLS"),
        imap("refused", instead("STARTTLS", b"TAG NO later\r\n"), "trouble"),
        imap("unknown", instead("STARTTLS", b"TAG BAD what\r\n"), "trouble"),
        imap("injected", instead("STARTTLS", injected), "between STARTTLS and TLS"),
        imap("no handshake", at("STARTTLS", lambda turn: turn.stall(turn.usual)), LATE),
        imap("garbage for a handshake", at("STARTTLS", lambda turn: garbage(turn)), "speaks no TLS"),
        imap("logged in already", None, "not to be believed", greeting="PREAUTH"),
        pop3("not offered", swap("CAPA", b"STLS\r\n", b""), "trouble"),
        pop3("refused", instead("STLS", b"-ERR later\r\n"), "trouble"),
        pop3("injected", instead("STLS", b"+OK go on\r\n+OK logged in\r\n"), "words between STLS and TLS"),
        pop3("no handshake", at("STLS", lambda turn: turn.stall(turn.usual)), LATE),
        pop3("garbage for a handshake", at("STLS", lambda turn: garbage(turn)), "speaks no TLS"),
        Row("IMAP: plain where TLS belongs", None, "speaks no TLS", source={"tls": "tls"}),
        Row("POP3: plain where TLS belongs", None, "trouble", kind=Pop3, source={"tls": "tls"}),
    ]


def garbage(turn):
    """Once the client has begun, that its buffer was empty before."""
    turn.connection.say(turn.usual)
    turn.connection.more()
    return b"\x16\x03\x03\xff\xff" + EVIL * 100


@case
def nobody_but_the_right_server_sees_a_secret():
    with tempfile.TemporaryDirectory() as folder:
        made = Certificates(folder)
        for rows in (list(secret_rows(made)), no_tls_rows(made)):
            for row, server in zip(rows, run(rows, made)):
                expect(server.connections, f"{row.name}: was never asked")
                expect(not server.saw_secret(), f"{row.name}: the server saw the password")
                expect(not {"LOGIN", "AUTHENTICATE", "USER", "PASS", "AUTH"} & set(server.verbs), f"{row.name}: {server.verbs}")


@case
def the_right_server_sees_it():
    """So that the case before means something."""
    with tempfile.TemporaryDirectory() as folder:
        made = Certificates(folder)
        rows = [Row(f"{kind.__name__} by {tls}", None, "", takes=MAILS, kind=kind, tls=tls, certificate=made.good,
                    source={"tls": tls}) for kind in (Imap, Pop3) for tls in ("tls", "starttls")]
        rows += [Row(f"{kind.__name__}, pinned", None, "", takes=MAILS, kind=kind, tls="tls", certificate=made.self_signed,
                     source={"tls": "tls", "fingerprint": made.self_signed.fingerprint}) for kind in (Imap, Pop3)]
        for row, server in zip(rows, run(rows, made)):
            expect(server.saw_secret(), f"{row.name}: no login")


if __name__ == "__main__":
    main()
