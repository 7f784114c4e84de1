#!/usr/bin/env python3
"""Mailboxes behind POP3 servers that stall, break off, flood and lie; see test-hostile.py."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import case, main  # noqa: E402
from hostile import HANG_UP, Pop3  # noqa: E402
from twists import (CLOSED, EVIL, FORGED, LATE, MAILS, Row, at, drips, each_byte, first, floods, half,  # noqa: E402
                    instead, long_case, run, stalls)

STEPS = ("greeting", "CAPA", "USER", "PASS", "LIST", "UIDL", "RETR")


def pop3(name, twist, says, **more):
    return Row("POP3: " + name, twist, says, kind=Pop3, **more)


@case
def pop3_that_stalls_or_breaks_off():
    rows = [pop3(f"nothing at {verb}", stalls(verb), LATE) for verb in STEPS]
    rows += [pop3(f"half at {verb}", half(verb), LATE) for verb in STEPS]
    rows += [pop3(f"gone at {verb}", at(verb, lambda turn: HANG_UP), CLOSED) for verb in STEPS]
    rows += [pop3(f"nothing at {verb}", stalls(verb), LATE, takes=MAILS) for verb in ("DELE", "QUIT")]
    rows += [pop3(f"gone at {verb}", at(verb, lambda turn: HANG_UP), CLOSED, takes=MAILS) for verb in ("DELE", "QUIT")]
    run(rows)


@long_case
def pop3_that_floods_or_drips():
    pieces = {"a line": b"+OK " + b"x" * 65536, "lines": b"+OK still here\r\n" * 4096, "numbers": b"7 7\r\n" * 4096}
    rows = [pop3(f"{name} without end at {verb}", floods(verb, before, piece), "trouble") for name, piece in pieces.items()
            for verb, before in (("greeting", b""), ("CAPA", b"+OK\r\n"), ("LIST", b"+OK\r\n"), ("UIDL", b"+OK\r\n"))]
    rows += [pop3("a mail without end", floods("RETR", b"+OK\r\n", b"x" * 65536), "trouble")]
    rows += [pop3(f"drips at {verb}", at(verb, lambda turn: drips(turn, b"1 ")), LATE) for verb in STEPS]
    run(rows)


def refuses(turn):
    """And keeps its word: QUIT deletes nothing."""
    turn.connection.deleted.clear()
    return b"-ERR " + EVIL + b"\r\n"


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
        pop3("not deleted", at("DELE", refuses), "does not delete", takes=MAILS),
        pop3("not kept", instead("QUIT", b"-ERR some are left " + EVIL + b"\r\n"), "", takes=MAILS),
        pop3("one segment for each byte", each_byte, "", takes=MAILS),
    ]
    run(rows)


if __name__ == "__main__":
    main()
