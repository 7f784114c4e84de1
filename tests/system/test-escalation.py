#!/usr/bin/env python3
"""Escalation: those who decide are told by rule when nobody else has told them, once; told again and further up until
one of them has read it; and whoever has read it is not told again."""

import json
import os
import pwd
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, PROGRAMS, SOURCE, Desk, case, expect, expect_equal, main, plain_mail  # noqa: E402
from stepping import Clock  # noqa: E402

ME = pwd.getpwuid(os.geteuid()).pw_name
BEGIN = "2026-11-20T10:00:00+09:00"
CISO, CRO, BOARD, LAW = "ciso@sakura.example", "cro@sakura.example", "board@sakura.example", "law@sakura.example"
DUTY = "list@sakura.example"
RULES = """escalation = (
  { to = "management"; who = [ "CISO" ]; when = [ "severity>=high state=new,open,waiting", "category=leak" ]; within = "1h";
    read_within = "2h"; up = [ "CRO", "Board" ]; },
  { to = "legal"; who = [ "Law" ]; when = [ "label>=TLP:AMBER+STRICT" ]; within = "0s"; read_within = "0s"; },
  { to = "commander"; who = [ "Gone" ]; when = [ "severity=critical team!=none" ]; within = "15m"; read_within = "30m"; } );"""
LATE = 'escalation = ( { to = "management"; who = [ "CISO" ]; when = [ "late=triage severity>=low" ]; within = "15m"; } );'
TEAM = """team : {{ name = "SAKURA-CSIRT"; name_ja = "さくら工業 CSIRT"; address = "csirt@sakura.example"; timezone = "Asia/Tokyo";
  languages = [ "en", "ja" ]; emergency = "+81-3-0000-0110"; }};
intake : {{ sources = ( {{ name = "inbox"; type = "maildir"; path = "Maildir"; }} ); }};
tickets : {{ tag = "SAKURA"; }};
acknowledge : {{ mode = "off"; }};
notices : {{ to = "list@sakura.example"; bundle = "0s"; }};
{rules}
outgoing : {{ transport = "maildir"; path = "out"; undo = "{undo}"; }};
operators = ( {{ user = "{me}"; name = "Tanaka"; role = "admin"; addresses = [ "tanaka@sakura.example" ]; }} );
daemon : {{ state = "state"; run = "run"; templates = "{templates}"; }};
"""


class House(Desk):
    """A desk with those who decide, and a clock that the test moves."""

    def __init__(self, rules=RULES, undo="0s", report=True):
        self.values = {"me": ME, "rules": rules, "undo": undo, "templates": SOURCE / "etc/mado/templates"}
        super().__init__(options=["--now", BEGIN], configuration=TEAM.format(**self.values))
        self.clock = Clock(self)
        for name, address in (("CISO", CISO), ("CRO", CRO), ("Board", BOARD), ("Law", LAW)):
            self.ctl("contact", "add", name, "--address", address, "relation=inside", "verified=in person", "language=en")
        if report:
            self.drop(plain_mail(1))
            self.settled(1)
            self.clock.settle()

    def __exit__(self, *error):
        self.clock.close()
        super().__exit__(*error)

    def again(self, now):
        """It is killed, and started at that moment."""
        self.clock.settle()
        self.clock.close()
        self.kill_all()
        self.options = ["--now", now]
        self.start()
        self.clock = Clock(self)

    def to(self, when):
        self.clock.to(f"2026-11-{when}:00+09:00")

    def told(self, who=None):
        """Subjects of what those who decide were told."""
        self.clock.settle()
        everybody = (CISO, CRO, BOARD, LAW)
        return [letter["Subject"] for letter in self.letters() if letter["To"].addresses[0].addr_spec in ((who,) if who else everybody)]

    def step(self, target="management", ticket="1"):
        return next(row for row in self.ctl("escalate", "list", ticket) if row["target"] == target)

    def type(self, *words, text=""):
        command = [str(PROGRAMS / "madoctl"), "--config", str(self.configuration), *words]
        return subprocess.run(command, input=text, capture_output=True, text=True, timeout=BOUND)

    def kinds(self, ticket="1"):
        return [event["kind"] for event in self.ctl("history", ticket)]

    def answer(self, sender, letter, headers=()):
        mail = (f"From: <{sender}>\nTo: csirt@sakura.example\nSubject: Re: {letter['Subject']}\nMessage-ID: <answer-{len(self.letters())}@sakura.example>\n"
                f"In-Reply-To: {letter['Message-ID']}\nReferences: {letter['Message-ID']}\n" + "".join(f"{header}\n" for header in headers)
                + "Date: Fri, 20 Nov 2026 11:00:00 +0900\nContent-Type: text/plain; charset=utf-8\n\nUnderstood. Go on.\n")
        self.drop(mail.encode())


@case
def management_is_told_by_rule_when_nobody_else_has():
    with House() as desk:
        row = desk.step()
        expect_equal((row["state"], row["holds"], row["conditions"][0]), ("none", False, "severity>=high state=new,open,waiting"), "not yet")
        desk.ctl("set", "1", "severity=high")
        desk.clock.settle()
        row = desk.step()
        expect_equal((row["state"], row["holds"], row["condition"], row["next"][11:16]),
                     ("waiting", True, "severity>=high state=new,open,waiting", "11:00"), "within the hour")
        desk.to("20T10:59")
        expect_equal(desk.told(), [], "not before")
        desk.to("20T11:00")
        subject, = desk.told(CISO)
        letter = next(one for one in desk.letters() if one["To"] == CISO)
        text = letter.get_content()
        expect("SAKURA#2026-0001" in subject and "decision (report 1)" in subject, subject)
        expect(text.index("1. Bottom line") < text.index("2. Decisions") < text.index("3. What is known"), text)
        for word in ("severity high", "Nobody works on it", "Who of you leads", "TLP:AMBER", "severity>=high", "+81-3-0000-0110"):
            expect(word in text, f"{word}: {text}")
        for word in ("192.0.2.1", "Reporter", "reporter@", "scans of port"):
            expect(word not in text, f"no word of the report: {word}: {text}")
        row = desk.step()
        expect_equal((row["state"], row["rounds"], row["letters"][0]["name"], row["letters"][0]["writer"]), ("told", 1, "CISO", "mado"), "recorded")
        expect("escalated" in desk.kinds(), "in the journal")
        told, = [one for one in desk.ctl("notify", "list", "1") if one["purpose"] == "escalate"]
        expect_equal((told["name"], told["writer"], told["state"]), ("CISO", "mado", "sent"), "with the others")


@case
def whoever_was_told_by_a_person_is_not_told_by_rule():
    with House() as desk:
        desk.ctl("set", "1", "severity=critical")
        draft = json.loads(desk.type("escalate", "1", "--to", "management", "--dry-run", "--json", "--text", "-", text="It is bad.\n").stdout)
        expect_equal(draft["to"], CISO, "whom")
        expect_equal(desk.step()["letters"], [], "looking tells nobody")
        template = desk.folder / "templates"
        subprocess.run(["cp", "-r", str(SOURCE / "etc/mado/templates"), str(template)], check=True)
        for language in ("en", "ja"):
            file = template / language / "escalate-mgmt.tmpl"
            file.write_text(re.sub("<<<.*?>>>", "known", file.read_text()))
        desk.values["templates"] = template
        desk.configuration.write_text(TEAM.format(**desk.values))
        desk.again("2026-11-20T10:10:00+09:00")
        done = desk.type("escalate", "1", "--to", "management", "--text", "-", "--yes", "--in-clear", "--json", text="A fake shop uses our name.\n")
        expect_equal(done.returncode, 0, f"{done.stdout} {done.stderr}")
        desk.to("20T12:00")
        expect_equal(len(desk.told(CISO)), 1, "by the person alone")
        expect_equal(desk.step()["letters"][0]["writer"], ME, "by whom")
        desk.to("20T12:10")
        expect_equal((len(desk.told(CISO)), len(desk.told(CRO))), (2, 1), "nobody has read that: they are told again, and the next")


@case
def nobody_reads_it_so_it_moves_up_and_ends_with_who_is_on_duty():
    with House() as desk:
        desk.ctl("set", "1", "severity=high")
        for when, counts in (("20T11:00", (1, 0, 0)), ("20T13:00", (2, 1, 0)), ("20T15:00", (3, 2, 1)), ("20T23:00", (3, 2, 1))):
            desk.to(when)
            expect_equal((len(desk.told(CISO)), len(desk.told(CRO)), len(desk.told(BOARD))), counts, f"at {when}")
        row = desk.step()
        expect_equal((row["state"], row["next"], row["rounds"]), ("unread", None, 3), "it is given up")
        notices = [letter for letter in desk.letters() if letter["To"] == DUTY and "unread" in letter.get_content()]
        expect_equal(len(notices), 1, "and whoever is on duty is told so, once")
        expect("report 2" in desk.told(CRO)[0] and "others are told" in
               [one for one in desk.letters() if one["To"] == CRO][0].get_content(), "they see that it is the second")


@case
def a_reply_ends_it():
    with House() as desk:
        desk.ctl("set", "1", "severity=high")
        desk.to("20T11:00")
        letter = next(one for one in desk.letters() if one["To"] == CISO)
        for number, header in enumerate(("Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated", "List-Id: <staff.sakura.example>"), 2):
            desk.answer(CISO, letter, [header, f"X-Number: {number}"])
            desk.settled(number)
            desk.clock.settle()
            expect_equal(desk.step()["state"], "told", f"a machine has read nothing: {header}")
        desk.answer("stranger@elsewhere.example", letter)
        desk.settled(5)
        desk.drop(plain_mail(1, sender=CISO))  # the same report, by whoever writes that name
        desk.settled(6)
        desk.clock.settle()
        expect_equal((desk.step()["state"], len(desk.ctl("list"))), ("told", 1), "nor does who proves nothing")
        desk.clock.settle()
        expect_equal(desk.step()["state"], "told", "nor has a stranger")
        desk.answer(CISO, letter)
        desk.settled(7)
        desk.clock.settle()
        row = desk.step()
        expect_equal((row["state"], row["letters"][0]["read_by"], row["letters"][0]["answered_by"]), ("answered", "mail", 7), "answered")
        expect_equal([row["ticket"][:9] for row in desk.ctl("list")], ["2026-0001"], "in its ticket")
        desk.to("21T11:00")
        expect_equal(len(desk.told()), 1, "nobody is told again")


@case
def an_operator_notes_that_they_have_read_it():
    with House() as desk:
        done = desk.type("ack-escalation", "1", "--how", "by telephone")
        expect_equal(done.returncode, 65, f"nothing to read: {done.stderr}")
        desk.ctl("set", "1", "severity=high")
        desk.to("20T11:00")
        done = desk.type("ack-escalation", "1")
        expect_equal(done.returncode, 64, f"how do they know? {done.stderr}")
        row = next(row for row in desk.ctl("ack-escalation", "1", "--how", "by telephone") if row["target"] == "management")
        expect_equal((row["state"], row["next"], row["letters"][0]["read_by"]), ("read", None, ME), "read")
        done = desk.type("ack-escalation", "1", "--how", "once more")
        expect_equal(done.returncode, 65, f"two at once: the second changes nothing: {done.stderr}")
        desk.to("21T11:00")
        expect_equal(len(desk.told()), 1, "nobody is told again")
        text, = [event["text"] for event in desk.ctl("history", "1") if event["kind"] == "escalation-read"]
        expect("by telephone" in text, text)


@case
def what_is_over_is_told_to_nobody():
    with House() as desk:
        desk.ctl("set", "1", "severity=high")
        desk.to("20T10:30")
        desk.ctl("set", "1", "severity=low")
        desk.to("20T11:10")
        expect_equal(desk.told(), [], "the rule holds no longer")
        desk.ctl("set", "1", "severity=high")
        desk.to("20T12:09")
        expect_equal(desk.told(), [], "and its time begins anew")
        desk.ctl("close", "1", "--result", "nothing")
        desk.to("21T12:00")
        expect_equal(desk.told(), [], "it is over")


@case
def each_is_told_once_whatever_happens():
    with House() as desk:
        desk.ctl("set", "1", "severity=high")
        desk.clock.settle()
        desk.again("2026-11-20T10:59:00+09:00")
        expect_equal(desk.told(), [], "not before")
        desk.again("2026-11-20T11:00:00+09:00")
        expect_equal(len(desk.told(CISO)), 1, "told")
        for now in ("2026-11-20T11:00:00+09:00", "2026-11-20T11:00:01+09:00"):
            desk.again(now)
            expect_equal(len(desk.told(CISO)), 1, f"once, started again at {now}")
        desk.ctl("set", "1", "severity=critical")
        desk.ctl("set", "1", "severity=high")
        desk.clock.settle()
        expect_equal(len(desk.told(CISO)), 1, "though the rule began to hold again")
        for day in ("2027-11-20T11:00:00+09:00", "2026-01-20T11:00:00+09:00", "2026-11-20T11:00:10+09:00"):
            desk.clock.set_by_hand(day)
            expect_equal(len(desk.told(CISO)), 1, f"once, with the clock set to {day}")
        left = desk.step()["next"]
        expect_equal(left[:13], "2026-11-20T13", "and they have as long to read it as before")


@case
def a_label_that_is_strict_is_kept():
    with House() as desk:
        desk.ctl("set", "1", "severity=critical", "category=leak", "label=RED", "--reason", "x")
        desk.to("20T11:00")
        for address in (LAW, CISO):
            letter = next(one for one in desk.letters() if one["To"] == address)
            text = letter.get_content()
            expect("TLP:RED" in letter["Subject"] and "critical" in text, text)
            for word in ("leak", "severity>=", "label>="):
                expect(word.lower() not in text.lower(), f"{word}: {text}")
        expect_equal(len(desk.told(LAW)), 1, "at once")
        desk.to("21T11:00")
        expect_equal(len(desk.told(LAW)), 1, "and nobody waits for that to be read")


@case
def nobody_can_be_told_so_who_is_on_duty_is():
    with House() as desk:
        desk.ctl("set", "1", "severity=critical", "team=web")
        desk.to("20T10:15")
        notices = [letter for letter in desk.letters() if letter["To"] == DUTY and "untold" in letter.get_content()]
        expect_equal(len(notices), 1, "told so, once")
        desk.to("20T14:00")
        notices = [letter for letter in desk.letters() if letter["To"] == DUTY and "untold" in letter.get_content()]
        expect_equal(len(notices), 2, "and once more, before it is given up")
        expect_equal(desk.step("commander")["state"], "unread", "given up")


@case
def a_target_that_is_late_is_a_condition():
    with House(rules=LATE) as desk:
        row = desk.step()
        late = datetime.fromisoformat(row["holds_from"])
        expect_equal((row["holds"], row["next"]), (False, row["holds_from"]), "it will hold")
        desk.clock.to(late + timedelta(minutes=14))
        expect_equal(desk.told(), [], "not before")
        desk.clock.to(late + timedelta(minutes=15))
        expect_equal(len(desk.told(CISO)), 1, "told")
        expect_equal(desk.step()["condition"], "late=triage severity>=low", "why")


@case
def a_target_that_is_met_in_time_is_none():
    with House(rules=LATE) as desk:
        late = datetime.fromisoformat(desk.step()["holds_from"])
        desk.ctl("take", "1")
        desk.clock.to(late + timedelta(hours=2))
        expect_equal((desk.told(), desk.step()["state"]), ([], "none"), "nobody waits")


if __name__ == "__main__":
    main()
