#!/usr/bin/env python3
"""The clock of --now moves on where a test says so: what is due is done at its moment, once, and without a tick."""

import json
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import Desk, case, expect, expect_equal, plain_mail  # noqa: E402
from letters import run_all  # noqa: E402
from stepping import Clock, moment  # noqa: E402

MONDAY = "2026-11-16T10:00:00+09:00"


def office(now=MONDAY):
    """A desk that sends at once."""
    return Desk(options=["--now", now], acknowledge='mode = "off";', outgoing='transport = "maildir"; path = "out"; undo = "0s";')


def ask_a_party(desk):
    """One ticket, and who is asked to answer by Tuesday noon."""
    desk.drop(plain_mail())
    desk.settled(1)
    desk.ctl("contact", "add", "Peer", "--kind", "peer", "--address", "alice@peer2.example", "relation=community", "language=en",
             "verified=by telephone")
    desk.ctl("set", "1", "label=green", "--reason", "agreed")
    desk.ctl("coord", "1", "--to", "Peer", "--reply-by", "2026-11-17 12:00", "--yes")


def reminders(desk):
    return [row["at"] for row in desk.ctl("coord", "show", "1")[0]["letters"] if row["purpose"] == "remind"]


@case
def without_now_nobody_moves_the_clock():
    with Desk() as desk, socket.socket(socket.AF_UNIX) as wire:
        wire.connect(str(desk.folder / "run/control.sock"))
        wire.sendall(json.dumps({"schema": "mado/1", "command": "step", "args": {"to": MONDAY}}).encode() + b"\n")
        said = wire.makefile().readline()
        expect("that of the host" in said, said)
        expect(desk.ctl("status")[0]["now"] != MONDAY, "and it was not moved")
        expect("step" not in desk.ask("help").stdout, "it is nothing for people")


@case
def what_is_due_is_done_at_its_moment():
    with office() as desk:
        ask_a_party(desk)
        clock = Clock(desk)
        clock.settle()
        expect(clock.next <= moment("2026-11-17T13:00:00+09:00"), f"an hour of business behind the day, or sooner: {clock.next}")
        clock.to("2026-11-17T12:59:59+09:00")
        expect_equal(reminders(desk), [], "not before")
        begun = time.monotonic()
        clock.to("2027-01-20T09:00:00+09:00")
        took = time.monotonic() - begun
        expect_equal(len(reminders(desk)), 3, "all of them")
        expect_equal(reminders(desk)[0], "2026-11-17T13:00:00+09:00", "the first at its moment")
        expect(took < 5, f"and nobody waited: {took:.1f} s")


@case
def a_clock_that_is_set_by_hand_forgets_nothing():
    with office() as desk:
        ask_a_party(desk)
        clock = Clock(desk)
        clock.settle()
        clock.set_by_hand("2030-01-01T00:00:00+09:00")
        expect_equal(reminders(desk), [], "four years that nobody has waited")
        clock.set_by_hand(MONDAY)
        clock.to("2026-11-17T14:00:00+09:00")
        expect_equal(len(reminders(desk)), 1, "once")
        expect("the clock was set by" in json.dumps(desk.ctl("audit", "export")), "the journal says so")


if __name__ == "__main__":
    run_all()
