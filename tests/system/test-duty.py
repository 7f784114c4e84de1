#!/usr/bin/env python3
"""Duty: who is on duty, who is told, and that nobody leaves before somebody else has come."""

import contextlib
import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, PROGRAMS, Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402
from stepping import Clock  # noqa: E402

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

    def settle(self):
        """What goes out now has gone, and is known to have."""
        with contextlib.closing(Clock(self)) as clock:
            clock.settle()

    def at(self, now):
        self.settle()
        self.kill_all()
        self.options = ["--now", now]
        self.start()
        self.settle()

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


@case
def who_has_no_address_leaves_it_to_the_list():
    with Shifts(day='"games"') as desk:
        expect_equal(desk.duty()["on_duty"], "games", "on duty")
        desk.drop(plain_mail(1))
        desk.wait_for(LIST)


@case
def the_outgoing_person_stays_on_duty_until_the_other_accepts():
    with Shifts(day='"bin"', night='"{me}"') as desk:
        desk.drop(plain_mail(1))
        desk.settled(1)
        desk.wait_for("suzuki@sakura.example")
        desk.ctl("set", "1", "severity=high")
        desk.at(EVENING)
        row = desk.duty()
        expect_equal((row["on_duty"], row["planned"], row["shift"]), ("bin", ME, "night"), "the shift is over, and they stay")
        for to in ("me@sakura.example", "suzuki@sakura.example"):  # pylint: disable=cell-var-from-loop
            wait_until(lambda: any("madoctl duty accept" in text_of(letter) for letter in desk.notices(to)), f"{to} is told")
        seen = len(desk.letters())
        desk.at(EVENING.replace(":31:", ":33:"))  # the shift is told of once
        desk.drop(plain_mail(2))
        desk.settled(2)
        wait_until(lambda: len(desk.letters()) > seen, "the notice goes")
        expect_equal(([letter["To"] for letter in desk.letters()[seen:]]), ["suzuki@sakura.example"], "to who is on duty, and nothing else")
        sheet, = desk.ctl("duty", "accept")
        expect_equal((sheet["state"], sheet["outgoing"], sheet["incoming"], sheet["ended_by"]), ("accepted", "bin", ME, ME), "without a word of theirs")
        expect([item["ticket"][:9] for item in sheet["items"] if item["part"] == "watch"] == ["2026-0001"], f"what the store knows: {sheet['items']}")
        expect_equal(desk.duty()["on_duty"], ME, "now they are")
        expect("already" in desk.refused("duty", "accept"), "once")
        seen = len(desk.letters())
        desk.drop(plain_mail(3))
        desk.settled(3)
        wait_until(lambda: len(desk.letters()) > seen, "the notice goes")
        expect_equal(desk.letters()[-1]["To"], "me@sakura.example", "to who has accepted")
        expect_equal(desk.ctl("audit", "verify")[0]["intact"], True, "the journal")


@case
def a_hand_over_tells_what_the_store_knows_and_what_they_say():
    with Shifts(night='"daemon"') as desk:
        desk.drop(plain_mail(1, text="Our secret plan is attached."))
        desk.settled(1)
        desk.ctl("set", "1", "severity=critical", "due=2026-11-20 10:05", "label=RED", "--reason", "x")
        desk.ctl("log", "phone", "caller=Yamabuki", "what=a fake shop", "promised=call back at 19:00")
        done = desk.type("duty", "handover", "--text", "-", "--json", text="Look at the shop at 20:00.\n")
        expect_equal(done.returncode, 0, done.stderr)
        sheet = json.loads(done.stdout)
        expect_equal((sheet["state"], sheet["outgoing"], sheet["incoming"]), ("written", ME, "daemon"), "written")
        expect_equal(sheet["text"], "Look at the shop at 20:00.", "in their words")
        parts = {(item["part"], item["text"]) for item in sheet["items"]}
        expect(("promised", "call back at 19:00") in parts, f"what was promised: {parts}")
        watch = [item for item in sheet["items"] if item["part"] == "watch"]
        expect_equal((watch[0]["ticket"][:9], watch[0]["due"][:16]), ("2026-0001", "2026-11-20T10:05"), "what to watch, and by when")
        letter = next(letter for letter in desk.wait_for("soc@soc.example") if "H-2026-0001" in letter["Subject"])
        text = text_of(letter)
        for word in ("H-2026-0001", "madoctl duty accept", "2026-0002-", "has written something"):
            expect(word in text, f"{word}: {text}")
        for word in ("Look at the shop", "fake shop", "Scan from", "call back", "2026-0001-"):
            expect(word not in text, f"no word of a person, and nothing that they may not see: {word}: {text}")
        expect_equal(desk.duty()["on_duty"], ME, "they stay")
        # a second sheet takes the place of the first
        desk.ctl("duty", "handover")
        expect_equal(desk.ctl("duty", "show", "h-2026-0001")[0]["state"], "replaced", "the first")
        expect_equal(desk.duty()["handover"], "H-2026-0002", "the second waits")
        desk.at("2026-11-20T10:01:00+09:00")
        expect_equal(len([one for one in desk.letters() if "[handover" in one["Subject"]]), 2, "each is told of once")


@case
def looking_at_a_hand_over_writes_none():
    with Shifts(night='"bin"') as desk:
        desk.ctl("duty", "handover", "--dry-run")
        expect_equal(desk.duty()["handover"], None, "nothing waits")
        expect("Nobody has handed over" in desk.refused("duty", "show"), "there is none")
        expect("not among" in desk.refused("duty", "handover", "--to", "nobody"), "whom?")


@case
def shifts_are_given_and_swapped():
    def week(desk):
        return {f"{one['day']}:{one['shift']}": (one["user"], one["by_order"]) for one in desk.ctl("duty", "week", "2026-11-23")}
    with Shifts(day='"{me}", "bin"', night='"daemon"') as desk:
        first = week(desk)
        usual = first["2026-11-24:day"][0]
        other = "bin" if usual == ME else ME
        desk.ctl("duty", "set", "2026-11-24", "games")
        desk.ctl("duty", "swap", "2026-11-25:night", "2026-11-26:day")
        then = week(desk)
        expect_equal((then["2026-11-24:day"], then["2026-11-24:night"]), (("games", False), ("games", False)), "both of the day")
        expect_equal((then["2026-11-25:night"], then["2026-11-26:day"]), ((usual, False), ("daemon", False)), "swapped")
        expect_equal(then["2026-11-27:day"], (usual, True), "the others are as before")
        later = desk.ctl("duty", "week", "2026-11-30")
        expect_equal(later[0]["user"], other, "each has a week")
        for words, said in ((("2026-11-24", "nobody"), "not among"), (("2026-11-31", ME), "no day"), (("2026-11-24:noon", ME), "no shift"),
                            (("2026-11-28:night", ME), "no such shift"), (("2026-11-26..2026-11-24", ME), "no span"), (("2026-11-01", ME), "over")):
            expect(said in desk.refused("duty", "set", *words), f"{words}: {said}")
        expect_equal(week(desk), then, "and nothing was changed")
        desk.ctl("duty", "set", "now", "bin")
        expect_equal(desk.duty()["on_duty"], "bin", "at once")
        desk.restart()
        expect_equal((week(desk), desk.duty()["on_duty"]), (then, "bin"), "kept")


@case
def the_clock_alone_changes_duty_where_nobody_hands_over():
    with Shifts(night='"bin"', handover="no") as desk:
        wait_until(lambda: desk.duty()["since"], "somebody has it")
        desk.at(EVENING)
        wait_until(lambda: desk.duty()["on_duty"] == "bin", "changed")
        expect_equal([letter["To"] for letter in desk.letters()], [], "and nobody waits for anybody")


@case
def what_nobody_takes_is_told_to_the_deputy_once():
    with Shifts(deputy="bin") as desk:
        desk.drop(plain_mail(1))
        desk.drop(plain_mail(2, sender="other@peer2.example"))
        desk.settled(2)
        wait_until(lambda: sum(text_of(one).count("SAKURA#") for one in desk.notices("me@sakura.example")) >= 2, "both are told")
        desk.ctl("take", "1")
        seen = len(desk.letters())
        desk.at("2026-11-20T10:20:00+09:00")
        expect_equal(len(desk.letters()), seen, "not before")
        desk.at("2026-11-20T10:31:00+09:00")
        letter, = desk.wait_for("suzuki@sakura.example")
        expect("2026-0002" in text_of(letter) and "2026-0001" not in text_of(letter), f"what nobody has: {text_of(letter)}")
        for now in ("2026-11-20T10:31:30+09:00", "2026-11-20T12:00:00+09:00", "2026-11-20T09:00:00+09:00", "2026-11-21T12:00:00+09:00"):
            desk.at(now)
            desk.ctl("status")
        expect_equal(len(desk.notices("suzuki@sakura.example")), 1, "once, whatever the clock says")


@case
def nobody_accepts_so_the_deputy_is_told_once():
    with Shifts(day='"bin"', night='"daemon"', deputy="{me}") as desk:
        wait_until(lambda: desk.duty()["since"], "somebody has it")
        with contextlib.closing(Clock(desk)) as clock:
            clock.to("2026-11-20T17:59:00+09:00")
            expect_equal(sorted(letter["To"] for letter in desk.letters()), ["soc@soc.example", "suzuki@sakura.example"], "both are told")
            clock.to("2026-11-20T18:00:00+09:00")
            expect_equal([letter["To"] for letter in desk.letters()][2:], ["me@sakura.example"], "and the deputy of who comes")
            clock.to("2026-11-21T08:59:00+09:00")
            expect_equal(len(desk.letters()), 3, "once")
            clock.set_by_hand("2026-11-20T17:31:00+09:00")
            clock.to("2026-11-20T19:00:00+09:00")
            expect_equal(len(desk.letters()), 3, "also with the clock set back")
            clock.to("2026-11-21T09:01:00+09:00")
            expect_equal(len(desk.letters()), 5, "the next shift is told of")


@case
def what_waits_for_a_mail_to_be_sorted_is_told_again_too():
    with Shifts(deputy="bin") as desk:
        desk.drop(plain_mail(1))
        desk.settled(1)
        number = desk.incidents()[0]["ticket"]
        desk.drop(plain_mail(2, sender="stranger@elsewhere.example").replace(b"Subject: Scan", f"Subject: Re: [SAKURA#{number}] Scan".encode()))
        desk.settled(2)
        desk.ctl("take", "1")
        with contextlib.closing(Clock(desk)) as clock:
            clock.to("2026-11-20T10:40:00+09:00")
        letter, = desk.notices("suzuki@sakura.example")
        expect("pending" in text_of(letter) and number not in text_of(letter), f"the mail alone: {text_of(letter)}")


if __name__ == "__main__":
    main()
