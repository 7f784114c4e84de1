#!/usr/bin/env python3
"""Mailboxes behind IMAP servers that stall, break off, flood, lie and inject, and servers that are not the
right ones: a mail of each is taken once or stays where it is, no secret goes to whom it does not belong,
no role dies, hangs or grows, the other mailboxes go on, and `status` says what is wrong."""

import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from certificates import Certificates  # noqa: E402
from harness import LONG, case, expect, main  # noqa: E402
from hostile import HANG_UP, Imap, Pop3  # noqa: E402
from twists import (CLOSED, EVIL, FORGED, IDLE, LATE, MAILS, MANY, Row, at, drips, each_byte,  # noqa: E402
                    first, floods, garbage, half, instead, long_case, resets, run, stalls, swap)

# Of each kind some are quick, all of them take their time.
EVERY = ("greeting", "CAPABILITY", "LOGIN", "SELECT", "SEARCH", "SIZES", "FETCH")
STEPS = EVERY if LONG else ("greeting", "SELECT", "FETCH")
FLOODED = ("greeting", "SELECT", "SEARCH", "FETCH") if LONG else ("greeting", "FETCH")


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
    rows = [row for verb in FLOODED for row in endless(verb, b"", says=says)]
    rows += endless("IDLE", b"+ idling\r\n", takes=MAILS, says="no news from the mailbox")
    rows += [Row("a search without end", floods("SEARCH", b"* SEARCH", b" 10" * 20000), says),
             Row("a mail without end", floods("FETCH", b"* 1 FETCH (UID 10 BODY[] {4294967295}\r\n", b"x" * 65536), says),
             Row("capabilities without end", floods("CAPABILITY", b"* CAPABILITY", b" A" * 30000), says)]
    run(rows)


@long_case
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


@long_case
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


def renewed():
    numbers = iter(range(1000, 1 << 30))
    return at("SELECT", lambda turn: turn.usual.replace(b"UIDVALIDITY 7", b"UIDVALIDITY %d" % next(numbers)))


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
        Row("another UIDVALIDITY each time", renewed(), "", takes=MAILS),
        Row("fewer and fewer", first("SEARCH", b"* 2 EXISTS\r\n* 0 EXISTS\r\n"), IDLE, takes=MAILS),
        Row("more than there are", swap("SELECT", b"3 EXISTS", b"4294967295 EXISTS"), "", takes=MAILS),
        Row("more than can be", swap("SELECT", b"3 EXISTS", b"99999999999999 EXISTS"), "", takes=MAILS),
        Row("expunged meanwhile", first("FETCH", b"* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 9 EXPUNGE\r\n"), IDLE, takes=MAILS),
        Row("a size that is negative", swap("SIZES", b"SIZE ", b"SIZE -"), IDLE, takes=MAILS),
        Row("a size that is huge", swap("SIZES", b"SIZE ", b"SIZE 429496"), "intake.max_message allows", waits=MAILS),
        Row("a size beyond all", swap("SIZES", b"SIZE ", b"SIZE 99999999999999"), "intake.max_message allows"),
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
            int(found[1]) - 9), turn.usual)), "", others=MAILS),
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
            for number, (certificate, says) in enumerate(UNTOUCHED.items()):
                if LONG or number % 2 == (tls == "tls"):
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
