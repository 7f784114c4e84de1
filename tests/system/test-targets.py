#!/usr/bin/env python3
"""By when something is to have happened: named once, kept over restarts, clocks that are set and other
holidays, told in time and once; reporters whom we have asked are reminded, and lawyers told."""

import json
import os
import struct
import subprocess
import sys
from datetime import datetime, timedelta

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, BUILD, PROGRAMS, Desk, case, expect, expect_equal, main, plain_mail, sample, wait_until  # noqa: E402

FRIDAY = datetime.fromisoformat("2026-11-20T10:00:00+09:00")
TUESDAY = FRIDAY + timedelta(days=4)  # the next day of business: Monday is a holiday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DUTY, LEGAL, REPORTER = "duty@sakura.example", "legal@sakura.example", "reporter@peer.example"
CLOSED = "2026/11/23,a holiday\n"
VULNERABLE = '''categories = (
  { id = "weakness"; ja = "弱点"; en = "weakness"; rsit = "vulnerable/vulnerable-system"; words = [ "xss" ]; },
  { id = "other"; ja = "その他"; en = "other"; rsit = "other/other"; } );
'''
LAWYERS = '''legal = ( { name = "first report"; severity = [ "high", "critical" ]; category = [ "leak" ]; within = "72h";
            text = "a report to the authority"; tell = [ "legal@sakura.example" ]; } );
'''


class Office(Desk):
    """A team at work on weekdays from 9 to 17 in Tokyo, at a moment that the test names."""

    def __init__(self, at=FRIDAY, more="", holidays=CLOSED, **settings):
        super().__init__(start=False)
        self.clock_list = self.folder / "holidays.csv"
        self.clock_list.write_text(holidays)
        self.write(more, **settings)
        self.start_at(at)

    def write(self, more="", **settings):
        self.configure(notices=DUTY, telling='bundle = "0s";', **{
            "outgoing": 'transport = "maildir"; path = "out"; undo = "0s";', **settings})
        self.configuration.write_text(
            self.configuration.read_text() + f'hours : {{ holidays = "{self.clock_list}"; }};\n' + more)

    def start_at(self, at):
        self.options = ["--now", at.isoformat()]
        self.start()

    def at(self, moment):
        """The same desk, at another time. It tells nothing of itself before it has looked."""
        expect_equal(self.stop(), 0, "exit status")
        self.start_at(moment)
        self.looked()

    def looked(self):
        """Behind a change the clock is looked at again: what was due is done."""
        self.ctl("view", "set", "now", "state:new")
        wait_until(lambda: self.is_quiet(), "nothing waits to be told")

    def is_quiet(self):
        states = {row["state"]: row["count"] for row in self.ctl("status")[0]["outbox"]}
        return not self.ctl("status")[0]["untold"] and not states.get("queued")

    def report(self, number=1, subject="Something strange", text=None, **how):
        mail = plain_mail(number, text=text or "It does what it should not.", **how)
        self.drop(mail.replace(b"Subject: Scan from", b"Subject: " + subject.encode()))
        self.settled(number)
        self.looked()

    def show(self, ticket="1"):
        return self.ctl("show", ticket)[0]

    def target(self, kind, ticket="1"):
        row, = [one for one in self.show(ticket)["targets"] if one["kind"] == kind]
        return row

    def due(self, ticket="1"):
        """What runs: kind and moment."""
        return {one["kind"]: datetime.fromisoformat(one["due"]) for one in self.show(ticket)["targets"]
                if one["left_seconds"] is not None}

    def words(self, ticket="1"):
        """What operators were told of, in order."""
        return [row["text"].split(":")[0] for row in self.ctl("history", ticket) if row["kind"] == "target"]

    def to(self, address):
        return [letter for letter in self.letters() if address in str(letter["To"])]

    def type(self, *words, text="We look into it.\n"):
        done = subprocess.run([str(PROGRAMS / "madoctl"), "--config", str(self.configuration), *words, "--text", "-",
                               "--in-clear", "--yes", "--json"], input=text, capture_output=True, text=True, timeout=BOUND)
        expect_equal(done.returncode, 0, f"madoctl {' '.join(words)}: {done.stdout} {done.stderr}")
        self.looked()
        return json.loads(done.stdout)


@case
def a_report_has_its_targets_at_once_and_they_are_shown():
    with Office() as desk:
        desk.report()
        wait_until(lambda: desk.target("acknowledge")["met"], "the acknowledgement has gone")
        expect_equal(desk.due(), {"triage": FRIDAY + 4 * HOUR, "reply": TUESDAY}, "what runs")
        row, = desk.ctl("list")
        expect_equal((row["target"]["kind"], row["target"]["left_seconds"], row["target"]["late"]),
                     ("triage", 4 * 3600, False), "what is due first")
        expect("triage" in desk.ask("show", "1").stdout, "show names it")
        expect_equal(len(desk.ctl("list", "due:today")), 1, "due today")
        expect_equal(len(desk.ctl("search", "due:today")), 1, "search, too")
        expect_equal(len(desk.ctl("list", "due:overdue")), 0, "overdue")
        desk.at(FRIDAY + 5 * HOUR)
        row, = desk.ctl("list", "due:overdue")
        expect_equal((row["target"]["left_seconds"], row["target"]["late"]), (-3600, True), "it is late")
        expect_equal(desk.ctl("status")[0]["due"], {"overdue": 1, "today": 0}, "and counted")
        desk.ctl("take", "1")
        expect_equal(desk.ctl("list", "due:overdue"), [], "nothing is late any more")
        expect_equal((desk.target("triage")["met"], desk.target("triage")["late"]),
                     ((FRIDAY + 5 * HOUR).isoformat(), True), "and it was late")


@case
def operators_are_told_before_and_at_it_and_again_each_time_once():
    with Office() as desk:
        desk.report()
        for moment, words in ((FRIDAY + 3 * HOUR - MINUTE, []), (FRIDAY + 3 * HOUR, ["triage due"]),
                              (FRIDAY + 3 * HOUR + MINUTE, ["triage due"]),
                              (FRIDAY + 4 * HOUR, ["triage due", "triage late"]),
                              (FRIDAY + 4 * HOUR, ["triage due", "triage late"]),
                              (FRIDAY + 6 * HOUR, ["triage due", "triage late"])):
            desk.at(moment)
            expect_equal(desk.words(), words, f"told at {moment}")
        desk.at(TUESDAY + 4 * HOUR)
        expect_equal(desk.words(), ["triage due", "triage late", "reply late", "triage late"], "a day of business later")
        told = [letter for letter in desk.to(DUTY) if "triage late" in letter["Subject"]
                or "triage late" in letter.get_content()]
        expect(told and any("[SAKURA#2026-0001-" in letter["Subject"] for letter in desk.to(DUTY)), "by letters")
        desk.ctl("close", "1")
        desk.at(TUESDAY + 300 * DAY)
        expect_equal(len(desk.words()), 4, "of what is over nobody is told")


@case
def whoever_was_away_is_told_once():
    with Office() as desk:
        desk.report()
        desk.at(FRIDAY + 200 * DAY)
        expect_equal(sorted(desk.words()), ["reply late", "triage late"], "once for each")
        desk.at(FRIDAY + 200 * DAY + MINUTE)
        expect_equal(len(desk.words()), 2, "and no more")


@case
def another_list_of_holidays_moves_nothing_that_was_named():
    with Office() as desk:
        desk.report()
        desk.ctl("note", "1", "a look")
        desk.clock_list.write_text(CLOSED + "2026/11/24,another\n2026/11/25,another\n")
        desk.at(FRIDAY + HOUR)
        desk.ctl("set", "1", "team=network")
        expect_equal(desk.due(), {"reply": TUESDAY}, "it stays")
        desk.at(TUESDAY)
        expect_equal(desk.words(), ["reply late"], "and is told in time")
        desk.clock_list.write_text("")
        desk.at(TUESDAY + MINUTE)
        expect_equal(desk.words(), ["reply late"], "and not again")
        desk.report(2)
        expect_equal(desk.due("2")["reply"], TUESDAY + DAY + MINUTE, "what begins now knows of the new list")


@case
def other_settings_count_for_what_begins_then():
    rule = 'targets : { rules = ( { kind = "reply"; within = "30m"; time = "24x7"; } ); };\n'
    with Office() as desk:
        desk.report()
        desk.write(rule)
        desk.at(FRIDAY + HOUR)
        desk.ctl("note", "1", "a look")
        expect_equal(desk.due(), {"reply": TUESDAY}, "it stays")
        desk.ctl("set", "1", "severity=low")
        expect_equal(desk.due(), {"reply": FRIDAY + 30 * MINUTE}, "what it becomes counts by the new ones")
        desk.report(2)
        expect_equal(desk.due("2"), {"triage": FRIDAY + 5 * HOUR, "reply": FRIDAY + 90 * MINUTE}, "and what is new")


@case
def a_higher_severity_is_due_sooner():
    with Office() as desk:
        desk.report()
        desk.ctl("set", "1", "severity=critical")
        expect_equal(desk.due(), {"reply": FRIDAY + 4 * HOUR}, "by night as well; somebody has looked")
        desk.ctl("set", "1", "severity=low")
        expect_equal(desk.due(), {"reply": TUESDAY}, "and later again")


@case
def a_letter_of_a_person_answers_and_the_next_one_is_due():
    with Office() as desk:
        desk.report()
        desk.type("reply", "1")
        expect_equal(desk.target("reply")["met"], FRIDAY.isoformat(), "answered")
        expect_equal(desk.due(), {"update": FRIDAY + 10 * DAY}, "five days of business")
        desk.at(FRIDAY + 5 * HOUR)
        desk.type("reply", "1", text="And more.\n")
        expect_equal(desk.due(), {"update": FRIDAY + 10 * DAY + 5 * HOUR}, "since the last letter")
        desk.ctl("set", "1", "updated=now", "replied=-")
        expect_equal(desk.target("reply")["met"], FRIDAY.isoformat(), "what a letter says is not undone")
        desk.ctl("close", "1")
        expect_equal(desk.due(), {}, "nothing is due of what is over")
        desk.at(FRIDAY + 20 * DAY)
        desk.ctl("reopen", "1")
        expect_equal(desk.due(), {"update": FRIDAY + 27 * DAY}, "opened again, it begins anew")


@case
def who_was_answered_by_telephone_was_answered():
    with Office() as desk:
        desk.report()
        desk.ctl("set", "1", "replied=now")
        expect_equal(desk.target("reply")["met"], FRIDAY.isoformat(), "answered")
        expect("update" in desk.due(), "and hears from us again")
        expect_equal(desk.ask("set", "1", "verified=now").returncode, 65, "it is no vulnerability")
        expect_equal(desk.ask("set", "1", "replied=2027-01-01").returncode, 64, "what is to come has not happened")


@case
def a_vulnerability_has_steps():
    with Office(more=VULNERABLE) as desk:
        desk.report(subject="xss in a form")
        expect_equal({kind: due for kind, due in desk.due().items() if kind in ("verify", "fix", "publish")},
                     {"verify": FRIDAY + 10 * DAY, "fix": FRIDAY + 30 * DAY, "publish": FRIDAY + 45 * DAY}, "what runs")
        desk.ctl("set", "1", "verified=now")
        desk.ctl("set", "1", "state=embargo:2026-12-01")
        expect_equal(desk.due()["publish"].date().isoformat(), "2026-12-01", "what was agreed")
        expect("verify" not in desk.due(), "verified")
        desk.ctl("set", "1", "category=other")
        expect_equal(sorted(desk.due()), ["publish", "reply"], "it was none, and is under embargo")
        desk.ctl("set", "1", "state=open")
        expect_equal(desk.due(), {"reply": TUESDAY}, "and is no more")


@case
def what_a_program_reports_and_a_part_of_another_owe_no_answer():
    with Office() as desk:
        desk.drop(sample("07-feedback-report.eml"))
        desk.settled(1)
        expect_equal(list(desk.due()), ["triage"], "a person looks at what a program has reported")
    with Office() as desk:
        desk.report(1)
        desk.report(2, sender="other@peer2.example")
        desk.ctl("merge", "2", "1")
        expect_equal(desk.due("2"), {}, "a part has none of its own")
        expect_equal(list(desk.due("1")), ["reply"], "the whole has")
        desk.ctl("merge", "undo", "2")
        expect_equal(list(desk.due("2")), ["reply"], "taken apart it has again")


@case
def a_reporter_whom_we_have_asked_is_reminded_and_it_ends_by_itself():
    more = 'targets : { remind = [ "2d", "3d" ]; };\n'
    with Office(more=more) as desk:
        desk.report()
        desk.type("ask", "1", "Which host?")
        count = len(desk.to(REPORTER))
        expect_equal(desk.due(), {}, "while we wait we owe nothing")
        for moment, letters in ((TUESDAY + DAY - MINUTE, 0), (TUESDAY + DAY, 1), (TUESDAY + DAY + MINUTE, 1),
                                (TUESDAY + 6 * DAY, 2), (TUESDAY + 6 * DAY + MINUTE, 2), (TUESDAY + 9 * DAY, 2)):
            desk.at(moment)
            expect_equal(len(desk.to(REPORTER)), count + letters, f"letters at {moment}")
        last = desk.to(REPORTER)[-1]
        expect("reminder" in last["Subject"] and "SAKURA#2026-0001" in last["Subject"], "it says what it is about")
        expect("no answer came, and its reporter is reminded no more" in
               [row["text"] for row in desk.ctl("history", "1")], "then operators are told")
        expect(any("no-answer" in letter["Subject"] for letter in desk.to(DUTY)), "by a notice")
        desk.at(TUESDAY + 300 * DAY)
        expect_equal(len(desk.to(REPORTER)), count + 2, "and it is over")


@case
def the_end_of_an_embargo_is_told_whatever_it_is_of():
    with Office() as desk:
        desk.report()
        desk.ctl("set", "1", "state=embargo:2026-12-01")
        expect_equal(desk.due()["publish"].date().isoformat(), "2026-12-01", "it stands there")
        desk.at(datetime.fromisoformat("2026-12-02T00:00:00+09:00"))
        expect("publish late" in desk.words(), f"operators are told: {desk.words()}")
        expect_equal(len(desk.ctl("list", "due:overdue")), 1, "and find it")
        desk.ctl("set", "1", "state=open")
        expect("publish" not in desk.due(), "until it is open")


@case
def parties_are_reminded_beside_a_reporter():
    """As many of them as letters have gone, so that one has the number of the letter that has asked the reporter."""
    more = 'targets : { remind = [ "2d" ]; };\ncoordination : { reply_within = "1d"; reminders = [ "1d" ]; };\n'
    with Office(more=more) as desk:
        desk.report()
        desk.ctl("set", "1", "label=GREEN", "--reason", "agreed")
        parties = [f"party@host{number}.example" for number in range(desk.type("ask", "1", "Which host?")["id"])]
        for party in parties:
            desk.ctl("contact", "add", party.split(".")[0].replace("@", " "), "--address", party, "relation=client")
            done = desk.ask("coord", "1", "--to", party, "--request", "block it", "--language", "en", "--in-clear", "--yes")
            expect_equal(done.returncode, 0, done.stderr)
        desk.looked()
        for days in (8, 15):  # what is due behind a reminder is named when it has gone
            desk.at(FRIDAY + days * DAY)
        expect_equal([len([letter for letter in desk.to(one) if "eminder" in letter["Subject"]]) for one in (REPORTER, *parties)],
                     [1] * (len(parties) + 1), "reminders")


def nobody_is_reminded(do, more=""):
    with Office(more=more) as desk:
        desk.report()
        desk.type("ask", "1", "Which host?")
        do(desk)
        desk.looked()
        count = len(desk.to(REPORTER))
        for days in (10, 30, 60):
            desk.at(FRIDAY + days * DAY)
        expect_equal([str(letter["Subject"]) for letter in desk.to(REPORTER)[count:]
                      if "reminder" in letter["Subject"]], [], "reminders")


def answer(desk):
    asked = [letter for letter in desk.to(REPORTER) if "more information" in letter["Subject"]][-1]
    desk.at(FRIDAY + HOUR)
    mail = plain_mail(7, text="It is host seven.", headers=(f"In-Reply-To: {asked['Message-ID']}",))
    desk.drop(mail.replace(b"Subject: ", f"Subject: Re: {asked['Subject']} ".encode()))
    desk.settled(2)
    expect_equal([row["ticket"] for row in desk.ctl("list")], [desk.show()["ticket"]], "it joins")
    expect("update" in desk.due(), "who has answered hears from us")


@case
def nobody_is_reminded_who_has_answered():
    nobody_is_reminded(answer)


@case
def nobody_is_reminded_of_what_is_closed():
    nobody_is_reminded(lambda desk: desk.ctl("close", "1"))


@case
def nobody_is_reminded_where_that_is_switched_off():
    nobody_is_reminded(lambda desk: None, more="targets : { remind = [ ]; };\n")


@case
def no_machine_is_reminded():
    def except_them(desk):
        desk.write(acknowledge='never_to = [ "reporter@" ];')
    nobody_is_reminded(except_them)


@case
def a_reminder_that_waits_to_go_is_dropped_when_it_is_over():
    with Office(more='gate : { approve = [ "remind" ]; };\n') as desk:
        desk.report()
        desk.type("ask", "1", "Which host?")
        desk.at(FRIDAY + 10 * DAY)
        expect_equal(len(desk.ctl("hold")), 1, "it is held for approval")
        desk.ctl("close", "1")
        expect_equal(desk.ctl("hold"), [], "and dropped")


@case
def lawyers_are_told_once_and_decide():
    with Office(more=LAWYERS) as desk:
        desk.report(subject="Leaked data", text="A data breach.")
        row, = desk.show()["legal"]
        expect_equal((row["name"], row["due"], row["late"]), ("first report", (FRIDAY + 3 * DAY).isoformat(), False), "the date")
        letter, = desk.to(LEGAL)
        expect("For Legal to decide" in letter.get_content() or "法務" in letter.get_content(), "what it is")
        expect("A data breach" not in letter.get_content() and "Leaked" not in str(letter["Subject"]), "no words of it")
        expect("for Legal to decide" in desk.ask("show", "1").stdout, "it stands on the ticket")
        desk.ctl("set", "1", "category=scan")
        expect_equal(desk.show()["legal"], [], "it is of another kind")
        desk.ctl("set", "1", "category=leak")
        desk.at(FRIDAY + 4 * DAY)
        expect_equal((len(desk.to(LEGAL)), desk.show()["legal"][0]["late"]), (1, True), "told once")
        expect_equal([row["kind"] for row in desk.ctl("history", "1")].count("legal"), 1, "written down once")


class Clocked(Desk):
    """A daemon whose wall clock the test sets: it is `ahead` of the host's. Nobody else's is."""

    def environment(self, fault=None):
        options = os.environ.get("ASAN_OPTIONS", "")
        if not (self.folder / "clock").exists():
            self.set(0)
        return {**super().environment(fault), "LD_PRELOAD": str(BUILD / "tests/settable-clock.so"),
                "MADO_CLOCK": str(self.folder / "clock"), "ASAN_OPTIONS": options + ":verify_asan_link_order=0"}

    def set(self, ahead):
        (self.folder / "clock").touch()
        with open(self.folder / "clock", "r+b") as file:
            file.write(struct.pack("=q", ahead))


@case
def a_clock_that_is_set_to_and_fro_tells_nothing_and_forgets_nothing():
    day, years = 24 * 3600, 3653 * 24 * 3600
    with Clocked(notices=DUTY, telling='bundle = "0s";') as desk:
        desk.drop(plain_mail(1).replace(b"Subject: Scan", b"Subject: Strange"))
        desk.wait_for_acks(1)
        wait_until(lambda: desk.ctl("list")[0]["target"]["kind"] != "acknowledge", "it is acknowledged")
        before = desk.ctl("list")[0]["target"]["left_seconds"]
        for ahead in (day, -day, years, -years, 0):
            seen = desk.log_text().count("clock-set")
            desk.set(ahead)
            wait_until(lambda: desk.log_text().count("clock-set") > seen, "the daemon has seen it")
            left = desk.ctl("list")[0]["target"]["left_seconds"]
            expect(before - 120 <= left <= before + 1, f"{ahead} s ahead it has {left} s, it had {before} s")
        expect_equal([row for row in desk.ctl("history", "1") if row["kind"] == "target"], [], "words")
        # opened while the clock was wrong, and set right while nobody looked
        desk.set(years)
        desk.drop(plain_mail(2).replace(b"Subject: Scan", b"Subject: Strange"))
        desk.settled(2)
        desk.stop()
        desk.set(0)
        desk.start()
        left = max(row["target"]["left_seconds"] for row in desk.ctl("list"))
        expect(left <= 10 * day, f"nothing waits for ten years: {left} s")


if __name__ == "__main__":
    main()
