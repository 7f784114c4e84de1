#!/usr/bin/env python3
"""Duty: who is on duty, who is told, and that nobody leaves before somebody else has come."""

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, PROGRAMS, Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402

ME = pwd.getpwuid(os.geteuid()).pw_name
FRIDAY, EVENING = "2026-11-20T10:00:00+09:00", "2026-11-20T17:31:00+09:00"
LIST = "list@sakura.example"
TEAM = """team : {{ name = "SAKURA-CSIRT"; name_ja = "さくら工業 CSIRT"; address = "csirt@sakura.example"; timezone = "Asia/Tokyo";
  languages = [ "en", "ja" ]; }};
intake : {{ sources = ( {{ name = "inbox"; type = "maildir"; path = "Maildir"; }} ); }};
tickets : {{ tag = "SAKURA"; }};
acknowledge : {{ mode = "off"; }};
hours : {{ days = "mon-fri"; from = "09:00"; to = "17:30"; }};
notices : {{ to = "{list}"; bundle = "0s"; take_within = "{take}"; }};
duty : {{ day = [ {day} ]; night = [ {night} ]; deputy = "{deputy}"; handover = "{handover}"; }};
outgoing : {{ transport = "maildir"; path = "out"; }};
operators = (
  {{ user = "{me}"; name = "Me"; role = "{role}"; addresses = [ "me@sakura.example" ]; }},
  {{ user = "bin"; name = "Suzuki"; role = "handler"; addresses = [ "suzuki@sakura.example" ]; }},
  {{ user = "daemon"; name = "SOC"; role = "night"; addresses = [ "soc@soc.example" ]; }},
  {{ user = "games"; name = "Sato"; role = "commander"; }} );
daemon : {{ state = "state"; run = "run"; templates = "{templates}"; }};
"""


def text_of(letter):
    return letter.get_content()


class Shifts(Desk):
    """A team with shifts; the day is what the test says."""

    def __init__(self, now=FRIDAY, day='"{me}"', night='"daemon"', deputy="games", handover="yes", take="30m", to=LIST, role="admin"):
        from harness import SOURCE
        self.values = {"me": ME, "day": day.format(me=ME), "night": night.format(me=ME), "deputy": deputy.format(me=ME), "handover": handover,
                       "take": take, "list": to, "role": role, "templates": SOURCE / "etc/mado/templates"}
        super().__init__(options=["--now", now], configuration=TEAM.format(**self.values))

    def at(self, now):
        self.kill_all()
        self.options = ["--now", now]
        self.start()

    def duty(self):
        row, = self.ctl("duty")
        return row

    def notices(self, to=None):
        return [letter for letter in self.letters() if to is None or letter["To"] == to]

    def wait_for(self, to, number=1):
        return wait_until(lambda: len(self.notices(to)) >= number and self.notices(to), f"{number} letters to {to}")

    def type(self, *words, text=""):
        command = [str(PROGRAMS / "madoctl"), "--config", str(self.configuration), *words]
        return subprocess.run(command, input=text, capture_output=True, text=True, timeout=BOUND)

    def refused(self, *words):
        done = self.type(*words)
        expect(done.returncode not in (0, 1), f"madoctl {' '.join(words)} is refused: {done.stdout}")
        return " ".join(done.stderr.split())


@case
def who_is_on_duty_is_told():
    with Shifts() as desk:
        row = desk.duty()
        expect_equal((row["on_duty"], row["shift"], row["deputy"], row["next"]), (ME, "day", "games", "daemon"), "now")
        desk.drop(plain_mail(1))
        desk.settled(1)
        desk.wait_for("me@sakura.example")
        expect_equal(len(desk.letters()), 1, "and nobody else is")
        shifts = desk.ctl("duty", "week", "2026-11-20")
        expect_equal([(one["day"][-2:], one["shift"], one["user"]) for one in shifts[:5]],
                     [("20", "day", ME), ("20", "night", "daemon"), ("21", "holiday", "daemon"), ("22", "holiday", "daemon"), ("23", "day", ME)], "week")


if __name__ == "__main__":
    main()
