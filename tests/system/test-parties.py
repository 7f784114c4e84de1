#!/usr/bin/env python3
"""Parties who were never asked are waited for by nobody, and those who are through are reminded of nothing."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, PROGRAMS, case, expect, expect_equal, plain_mail, wait_until  # noqa: E402
from letters import Team, parse, run_all  # noqa: E402

AT_ONCE = 'transport = "maildir"; path = "out"; undo = "0s";'
DATA = 65
BOB = "bob@cert.example"


class Office(Team):
    """A desk with one ticket, and a party whom nobody has verified unless `verified`."""

    def __init__(self, verified=True, outgoing=AT_ONCE):
        super().__init__(outgoing=outgoing, acknowledge='mode = "off";')
        self.drop(plain_mail(1, text="See http://evil.example/x"))
        self.settled(1)
        self.ctl("contact", "add", "Other CERT", "--kind", "peer", "--address", BOB, "relation=community", "clearance=amber",
                 "language=en", *(["verified=by telephone"] if verified else []))

    def order(self, *words, status=0):
        command = [str(PROGRAMS / "madoctl"), "--config", str(self.configuration), *words, "--yes", "--in-clear", "--json"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BOUND)
        expect_equal(done.returncode, status, f"{words}: {done.stdout} {done.stderr}")
        return " ".join(done.stderr.split())

    def party(self, number=1):
        return self.ctl("coord", "show", str(number))[0]

    def state(self):
        row = self.ctl("show", "1")[0]
        return row["state"], row["waits_for"]


@case
def who_was_never_asked_is_not_waited_for():
    with Office(verified=False) as desk:
        desk.order("coord", "1", "--to", "Other CERT")
        expect_equal((desk.party()["delivery"], desk.state()), ("held", ("waiting", "peer: Other CERT")), "held")
        held, = desk.ctl("hold")
        desk.ctl("hold", "drop", str(held["id"]), "--reason", "told by telephone")
        row = desk.party()
        expect_equal((row["state"], row["delivery"]), ("done", "dropped"), "it asks nobody")
        expect("told by telephone" in row["result"], row["result"])
        expect_equal(desk.state(), ("new", None), "and nobody is waited for")
        desk.order("coord", "1", "--to", "Other CERT")
        expect_equal(desk.party(2)["state"], "asked", "they can be asked after all")


@case
def nobody_is_reminded_of_what_is_over():
    with Office() as desk:
        desk.order("coord", "1", "--to", "Other CERT")
        desk.ctl("coord", "done", "1")
        said = desk.order("coord", "remind", "1", status=DATA)
        expect("C-2026-0001 is done" in said and "madoctl reply" in said, said)
        desk.order("coord", "1", "--to", "Other CERT")
        desk.ctl("close", "1", "--result", "it is down")
        said = desk.order("coord", "remind", "2", status=DATA)
        expect("is closed" in said, said)
        expect_equal(len([row for row in desk.ctl("outbox") if "eminder" in row["subject"]]), 0, "reminders")


def answered(desk):
    letter, = [parse(data) for data in desk.sent(1) if BOB in parse(data)["To"]]
    desk.drop(plain_mail(5, sender=BOB, text="It is down.", headers=["In-Reply-To: " + letter["Message-ID"]]))
    wait_until(lambda: desk.party()["state"] == "answered", "they have answered")


@case
def a_reminder_that_waits_does_not_go_behind_their_answer():
    for how, why in ((answered, "they have answered"), (lambda desk: desk.ctl("coord", "done", "1"), "it is done")):
        with Office() as desk:
            desk.order("coord", "1", "--to", "Other CERT")
            wait_until(lambda: desk.party()["next_reminder"], "they are asked")
            desk.order("coord", "remind", "1", "--approve")
            held, = desk.ctl("hold")
            how(desk)
            wait_until(lambda: desk.ctl("hold") == [], "it waits no longer")
            row = desk.ctl("outbox", "show", str(held["id"]))[0]
            expect_equal((row["state"], row["dropped_why"]), ("dropped", why), "it never goes")
            expect(any("a reminder: " + why in event["text"] for event in desk.ctl("history", "1")), "in the journal")


if __name__ == "__main__":
    run_all()
