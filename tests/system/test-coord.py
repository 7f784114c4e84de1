#!/usr/bin/env python3
"""Coordination: parties are asked, answer with numbers of their own, are reminded; departments and those who decide are
told. Who reported it is told to nobody."""

import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, PROGRAMS, SOURCE, case, expect, expect_equal, wait_until  # noqa: E402
from letters import Team, open_sealed, open_signed, parse, run_all, sealed_mail  # noqa: E402

AT_ONCE = 'transport = "maildir"; path = "out"; undo = "0s";'
IN_A_MINUTE = 'transport = "maildir"; path = "out"; undo = "60s";'
USAGE, DATA, FORBIDDEN = 64, 65, 77
MONDAY = "2026-11-16T10:00:00+09:00"
REPORTER, NAME = "hanako@yamabuki.example", "Hanako Yamabuki"
DUTY = "duty@sakura.example"
ALICE, BOB, ISP = "alice@peer.example", "bob@cert.example", "abuse@isp.example"
HOURS = 'coordination : { reply_within = "1d"; reminders = [ "1h", "1d", "2d" ]; };'
SECRETS = (REPORTER, NAME, "Yamabuki Hanako", "hanako", "Yamabuki Trading", "@yamabuki.example")


def report(number=1, sender=f"{NAME} <{REPORTER}>", more=""):
    return (f"From: {sender}\nTo: csirt@sakura.example\nSubject: phishing site\nMessage-ID: <report-{number}@yamabuki.example>\n"
            "Date: Mon, 16 Nov 2026 09:00:00 +0900\nContent-Type: text/plain; charset=utf-8\n\n"
            f"We are Yamabuki Trading. A fake login page: hxxp://login.bad-site.example/a/b\nIt is at 198.51.100.23.\n{more}").encode()


def from_party(address, subject, text, references="", headers=()):
    from_party.count += 1
    return (f"From: {address}\nTo: csirt@sakura.example\nSubject: {subject}\nMessage-ID: <party-{from_party.count}@{address.split('@')[1]}>\n"
            + (f"In-Reply-To: {references}\nReferences: {references}\n" if references else "")
            + "".join(f"{header}\n" for header in headers)
            + f"Date: Tue, 17 Nov 2026 09:00:00 +0900\nContent-Type: text/plain; charset=utf-8\n\n{text}\n").encode()


from_party.count = 0


class Office(Team):
    """A desk with one ticket, and parties who can be asked."""

    def __init__(self, outgoing=AT_ONCE, label="green", mail=None, **settings):
        settings = {"pinned": {"alice": ALICE}, "more": HOURS, "acknowledge": 'mode = "off";', **settings}
        super().__init__(outgoing=outgoing, **settings)
        self.drop(mail or report())
        self.settled(1)
        self.ctl("contact", "edit", ALICE, "relation=community", "verified=by telephone", "name=Peer CSIRT",
                 "number=PEER-000000")
        self.ctl("contact", "add", "Other CERT", "--kind", "peer", "--address", BOB, "relation=community", "language=ja",
                 "verified=by telephone")
        self.ctl("contact", "add", "Example Net", "--kind", "organisation", "--address", ISP, "relation=provider")
        self.ctl("contact", "add", "Yamabuki", "--address", REPORTER, "--organisation", "Yamabuki Trading")
        if label:
            self.ctl("set", "1", f"label={label}", "--reason", "agreed")
        self.seen = len(self.files())

    def files(self, duty=False):
        """What went to others than ourselves, oldest first; or what our own people were told."""
        found = sorted((self.folder / "out/new").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        return [file for file in found if (parse(file.read_bytes())["To"] == DUTY) == duty]

    def type(self, *words, text=""):
        command = [str(PROGRAMS / "madoctl"), "--config", str(self.configuration), *words]
        return subprocess.run(command, input=text, capture_output=True, text=True, timeout=BOUND)

    def order(self, *words, text="", status=0, yes=("--yes",)):
        done = self.type(*words, *yes, "--json", text=text)
        expect_equal(done.returncode, status, f"madoctl {' '.join(words)}: {done.stdout} {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()] if status == 0 else " ".join(done.stderr.split())

    def asked(self, *contacts, more=()):
        return self.order("coord", "1", *(word for one in contacts for word in ("--to", one)), *more)

    @staticmethod
    def by_address(letters):
        """To whom each went."""
        return {address: data for data in letters for address in (ALICE, BOB, ISP) if address in parse(data)["To"]}

    def new_letters(self, number=1):
        files = wait_until(lambda: len(self.files()) >= self.seen + number and self.files(), f"{number} letters go")
        new = [file.read_bytes() for file in files[self.seen:]]
        self.seen = len(files)
        return new

    def coordination(self, number):
        row, = self.ctl("coord", "show", str(number))
        return row

    def becomes(self, number, state):
        return wait_until(lambda: self.coordination(number)["state"] == state and self.coordination(number),
                          f"coordination {number} is {state}")

    def kinds(self):
        return [event["kind"] for event in self.ctl("history", "1")]


def text_of(entity):
    """What is read of it; files stand beside that."""
    if entity.is_multipart():
        entity = entity.get_payload(0)
    return entity.get_payload(decode=True).decode(entity.get_content_charset()).replace("\r\n", "\n")


def files_of(entity):
    return {part.get_filename(): part.get_payload(decode=True).decode() for part in entity.walk() if part.get_filename()}


def plain_of(data):
    entity = open_sealed(data)[0] if b"multipart/encrypted" in data else open_signed(data)[0]
    return entity, text_of(entity)


def expect_hidden(data):
    """Who reported it stands in no byte: neither outside nor inside."""
    entity, text = plain_of(data)
    whole = "\n".join([data.decode(errors="replace"), str(entity), text, *files_of(entity).values()])
    for secret in SECRETS:
        expect(secret.lower() not in whole.lower(), f"\"{secret}\" is told: {text}")


@case
def two_parties_are_asked_and_answer_with_their_numbers():
    with Office() as desk:
        rows = desk.asked("Peer CSIRT", "Other CERT")
        numbers = [row["coordination"] for row in rows]
        expect_equal([number[-4:] for number in numbers], ["0001", "0002"], "each has a number")
        letters = desk.by_address(desk.new_letters(2))
        sealed, clear = letters[ALICE], letters[BOB]
        for data in (sealed, clear):
            expect_hidden(data)
        entity, text = plain_of(sealed)
        expect("hxxp://login[.]bad-site[.]example/a/b" in text and "198[.]51[.]100[.]23" in text, f"masked: {text}")
        expect("\nTLP:GREEN\n" in text, f"label: {text}")
        (name, table), = files_of(entity).items()
        expect(name.endswith(".csv") and "198.51.100.23" in table and "login.bad-site.example" in table, f"{name}: {table}")
        entity, text = plain_of(clear)
        expect("ご担当者 様" in text and "お願いしたいこと" in text, f"in their language: {text}")
        ticket = desk.ctl("show", "1")[0]
        expect_equal([row["state"] for row in ticket["coordinations"]], ["asked", "asked"], "shown with the ticket")
        expect_equal((ticket["state"], ticket["waits_for"]), ("waiting", "peer: Peer CSIRT"), "it waits")
        # a machine of theirs has it
        desk.drop(from_party(ALICE, f"[PEER-004711] Re: {parse(sealed)['Subject']}", "We received your report.",
                             parse(sealed)["Message-ID"], ["Auto-Submitted: auto-replied"]))
        row = desk.becomes(1, "acknowledged")
        expect_equal((row["their_number"], row["next_reminder"] is not None), ("PEER-004711", True), "and nothing else")
        # a person answers
        desk.drop(from_party(BOB, f"Re: {parse(clear)['Subject']} [JPCERT#12345678]", "We look into it.", parse(clear)["Message-ID"]))
        row = desk.becomes(2, "answered")
        expect_equal((row["their_number"], row["next_reminder"]), ("JPCERT#12345678", None), "no reminder any more")
        expect_equal(desk.ctl("show", "1")[0]["state"], "waiting", "the other one is waited for")
        desk.drop(from_party(ALICE, f"Re: {parse(sealed)['Subject']}", "It is taken down.", parse(sealed)["Message-ID"]))
        desk.becomes(1, "answered")
        expect_equal(desk.ctl("show", "1")[0]["state"], "open", "nobody is waited for")
        # both numbers stand in what goes to them then
        desk.order("reply", "1", "--to", ALICE, "--text", "-", text="Thank you.\n")
        entity, text = plain_of(desk.new_letters(1)[0])
        expect("PEER-004711" in entity["Subject"] and "SAKURA#" in entity["Subject"], f"both numbers: {entity['Subject']}")
        expect_equal(desk.coordination(1)["letters"][1]["purpose"], "reply", "it belongs to the coordination")
        done, = desk.ctl("coord", "done", "C-2026-0001", "--result", "taken down")
        expect_equal((done["state"], done["result"]), ("done", "taken down"), "done")
        expect(desk.kinds().count("coordination") >= 6, f"all of it is in the journal: {desk.kinds()}")
        expect_equal(desk.ctl("audit", "verify")[0]["intact"], True, "the journal")


@case
def a_party_without_a_key_is_asked_in_clear_only_when_its_writer_says_so():
    with Office(label="amber") as desk:
        said = desk.order("coord", "1", "--to", "Example Net", status=FORBIDDEN)
        for word in ("Example Net", "TLP:AMBER", "relation provider", "Nothing was sent or changed", "madoctl ask 1"):
            expect(word in said, f"{word}: {said}")
        desk.ctl("contact", "edit", "Example Net", "clearance=amber", "verified=by telephone")
        said = desk.order("coord", "1", "--to", "Example Net", status=DATA)
        expect("--in-clear" in said, said)
        expect_equal(desk.ctl("coord", "list", "1"), [], "nothing was opened")
        row, = desk.asked("Example Net", more=("--in-clear", "--reply-by", "24h"))
        expect_equal((row["state"], row["coordination"][-4:]), ("queued", "0001"), "it goes")
        data, = desk.new_letters()
        expect_hidden(data)
        row = desk.coordination(1)
        expect_equal(row["delivery"], "sent", "delivery")
        expect(row["next_reminder"] > row["due"] > row["opened"], f"reminded behind the day: {row}")


@case
def what_is_held_is_asked_when_it_goes():
    with Office(label="amber") as desk:
        desk.ctl("contact", "add", "Client", "--address", "it@client.example", "relation=client")
        desk.asked("Client", more=("--in-clear",))
        row = desk.coordination(1)
        expect_equal((row["delivery"], row["next_reminder"]), ("held", None), "held, and nobody is reminded of what they have not got")
        desk.ctl("contact", "verify", "Client", "--how", "by telephone")
        desk.new_letters()
        row = wait_until(lambda: desk.coordination(1)["next_reminder"] and desk.coordination(1), "it has gone")
        expect_equal(row["delivery"], "sent", "delivery")


@case
def what_came_sealed_leaves_sealed_alone():
    with Office(mail=sealed_mail(f"{REPORTER}", "It is 198.51.100.23.")) as desk:
        desk.asked("Peer CSIRT")
        data, = desk.new_letters()
        expect(any("198.51.100.23" in table for table in files_of(plain_of(data)[0]).values()), "the table, sealed")
        done = desk.type("coord", "1", "--to", "Other CERT", "--dry-run", "--json")
        seen = json.loads(done.stdout)
        expect_equal((seen["files"], seen["gate"]), ([], "clear"), f"in clear without it: {seen['gate_why']}")
        expect("came sealed" in json.dumps(seen["checks"]), "and that is said")


@case
def facts_that_came_sealed_stand_in_no_letter_that_goes_in_clear():
    with Office(mail=sealed_mail(REPORTER, "The panel is hxxp://panel.bad-site.example/x, and it is at 45.67.89.23.")) as desk:
        dry = desk.type("coord", "1", "--to", "Other CERT", "--dry-run", "--json")
        expect("hidden" in dry.stdout + dry.stderr or "came sealed" in dry.stdout + dry.stderr, f"it is said: {dry.stdout} {dry.stderr}")
        for order in ("coord", "notify"):
            sent = desk.type(order, "1", "--to", "Other CERT", "--text", "-", "--yes", "--json", text="Please look into it.\n")
            for data in desk.new_letters() if sent.returncode == 0 else ():
                for fact in ("45[.]67", "45.67", "panel", "bad-site"):
                    expect(fact not in plain_of(data)[1], f"{order}: {fact} came sealed, and went in clear")
        desk.asked("Peer CSIRT")
        data, = desk.new_letters()
        expect("45[.]67[.]89[.]23" in plain_of(data)[1], f"sealed it may go: {plain_of(data)[1]}")
        desk.ctl("taint", "release", "1", "45.67.89.23", "--reason", "they have to know")
        desk.order("coord", "1", "--to", BOB, "--text", "-", text="Please look into it.\n")
        data, = desk.new_letters()
        expect("45[.]67[.]89[.]23" in plain_of(data)[1], "so may what was released")
        expect("bad-site" not in plain_of(data)[1], "and nothing else")


@case
def red_goes_to_those_who_are_named_alone():
    with Office(label="red") as desk:
        desk.ctl("named", "add", "1", "Other CERT", "--reason", "the source agreed")
        done = desk.type("coord", "1", "--to", "Peer CSIRT", "--yes")
        said = " ".join(done.stderr.split())
        expect_equal(done.returncode, FORBIDDEN, f"refused: {said}")
        for word in ("TLP:RED", "Peer CSIRT is no named recipient", "only these may receive it: Other CERT",
                     "Nothing was sent or changed", "madoctl ask 1"):
            expect(word in said, f"{word}: {said}")
        expect_equal(desk.ctl("coord", "list", "--all"), [], "nothing was opened")
        expect("refused" in desk.kinds(), "the refusal is in the journal")
        expect_equal(len(desk.files()), desk.seen, "nothing went")


@case
def who_reported_it_is_taken_out_and_told_only_with_a_reason():
    told = f"{NAME} <{REPORTER}> of Yamabuki Trading (yamabuki[.]example) has seen it; hanako[at]yamabuki.example too.\n"
    with Office() as desk:
        desk.order("coord", "1", "--to", "Other CERT", "--language", "en", "--text", "-", text=told)
        data, = desk.new_letters()
        expect_hidden(data)
        _, text = plain_of(data)
        expect("yamabuki" not in text.lower() and text.count("(removed)") == 5, f"all places: {text}")
        # what an editor puts back is found, however it is written
        draft = desk.ctl("coord", "show", "1")
        expect_equal(draft[0]["state"], "asked", "asked")
        said = desk.order("reply", "1", "--to", BOB, "--text", "-", text="Ask YAMABUKI, Hanako.\n", status=DATA)
        expect("who reported it" in said and "--show-reporter" in said, said)
        desk.order("reply", "1", "--to", BOB, "--text", "-", "--show-reporter", "she agreed", text="Ask YAMABUKI, Hanako.\n")
        expect("YAMABUKI, Hanako" in plain_of(desk.new_letters()[0])[1], "released")
        desk.order("coord", "1", "--to", "Peer CSIRT", "--text", "-", "--show-reporter", "she wants that", text=told)
        _, text = plain_of(desk.new_letters()[0])
        expect(told.strip() in text and "Nothing here tells who" not in text, f"released: {text}")
        reasons = [event["text"] for event in desk.ctl("history", "1") if event["kind"] == "reporter-shown"]
        expect(len(reasons) == 2 and "she wants that" in reasons[1], f"in the journal: {reasons}")


@case
def templates_for_inside_and_outside_are_kept_apart():
    with Office() as desk:
        desk.ctl("contact", "add", "Web team", "--address", "web@sakura.example", "relation=inside")
        said = desk.order("coord", "1", "--to", "Web team", status=DATA)
        expect("outside" in said and "madoctl notify" in said, said)
        said = desk.order("coord", "1", "--to", "Nobody", status=66)
        expect("Nobody" in said and "Nothing was" in said, said)
        desk.order("coord", "1", status=USAGE)
        desk.ctl("contact", "add", "All", "--kind", "group", "--member", "Web team")
        expect("is a group" in desk.order("coord", "1", "--to", "All", status=DATA), "groups are told, not asked")
        desk.asked("Other CERT")
        said = desk.order("coord", "1", "--to", "Other CERT", status=DATA)
        expect("was asked already" in said and "coord remind C-" in said, said)
        for wrong in ("yesterday", "2020-01-01", "900d"):
            expect("--reply-by" in desk.order("coord", "1", "--to", "Peer CSIRT", "--reply-by", wrong, status=USAGE), wrong)
        expect("cannot be TLP:CLEAR" in desk.order("coord", "1", "--to", "Peer CSIRT", "--label", "clear", status=DATA), "label")


@case
def nothing_is_opened_by_looking_and_a_letter_that_is_taken_back_asks_nobody():
    with Office(outgoing=IN_A_MINUTE) as desk:
        done = desk.type("coord", "1", "--to", "Peer CSIRT", "--reply-by", "24h", "--dry-run")
        expect_equal(done.returncode, 0, done.stderr)
        expect("C-" in done.stdout and "dry run" in done.stderr, f"what would be opened: {done.stdout} {done.stderr}")
        expect_equal(desk.ctl("coord", "list", "--all"), [], "nothing was opened")
        expect_equal(desk.type("coord", "1", "--to", "Peer CSIRT").returncode, USAGE, "without a terminal")
        row, = desk.asked("Peer CSIRT")
        desk.ctl("hold", "undo", str(row["id"]))
        row = desk.coordination("c-" + row["coordination"][2:6] + "-1")
        expect_equal((row["state"], row["delivery"], row["next_reminder"]), ("done", "dropped", None), "it asks nobody")
        expect_equal(desk.ctl("show", "1")[0]["state"], "new", "and nobody is waited for")
        desk.asked("Peer CSIRT")


# -- reminders ------------------------------------------------------------------------------------

class Calendar(Office):
    """The same, and the day is what the test says."""

    def __init__(self, **settings):
        super().__init__(options=["--now", MONDAY], **settings)

    def day(self, now):
        self.kill_all()
        self.options = ["--now", now]
        self.start()

    def reminders(self):
        return [row for row in self.ctl("coord", "show", "1")[0]["letters"] if row["purpose"] == "remind"]


@case
def reminders_are_spaced_and_end():
    with Calendar(notices=DUTY) as desk:
        desk.asked("Peer CSIRT", more=("--language", "en", "--reply-by", "2026-11-17 12:00"))
        desk.new_letters()
        row = wait_until(lambda: desk.coordination(1)["next_reminder"] and desk.coordination(1), "it has gone")
        expect_equal(row["next_reminder"], "2026-11-17T13:00:00+09:00", "an hour behind the day")
        desk.day("2026-11-17T12:59:00+09:00")
        expect_equal(desk.reminders(), [], "not before")
        desk.day("2026-11-17T13:01:00+09:00")
        data, = desk.new_letters()
        expect_hidden(data)
        entity, text = plain_of(data)
        expect("friendly reminder" in entity["Subject"] and "17 Nov" in text.replace("Nov 17", "17 Nov"), f"first: {text}")
        wait_until(lambda: desk.coordination(1)["next_reminder"], "the next one has its day")
        for _ in range(2):
            desk.day("2026-11-17T13:02:00+09:00")
            expect_equal(len(desk.reminders()), 1, "a restart reminds nobody twice")
        expect_equal(desk.coordination(1)["next_reminder"], "2026-11-18T13:01:00+09:00", "a day of business later")
        desk.day("2026-11-19T09:00:00+09:00")
        expect("Still waiting" in plain_of(desk.new_letters()[0])[0]["Subject"], "the second")
        wait_until(lambda: desk.coordination(1)["next_reminder"], "the next one has its day")
        desk.day("2026-11-30T09:00:00+09:00")
        desk.new_letters()
        wait_until(lambda: desk.coordination(1)["next_reminder"], "the last one is waited for")
        desk.day("2026-12-20T09:00:00+09:00")
        row = desk.becomes(1, "no-answer")
        expect_equal((len(desk.reminders()), row["next_reminder"]), (3, None), "three, and no more")
        notice = wait_until(lambda: [data for data in [file.read_bytes() for file in desk.files(duty=True)]
                                     if b"no-answer" in data], "operators are told")
        expect_equal(len(notice), 1, "once")
        expect("no answer came" in json.dumps(desk.ctl("history", "1")), "in the journal")


@case
def a_reminder_that_may_not_be_written_lets_nobody_be_forgotten():
    with tempfile.TemporaryDirectory() as folder:
        templates = Path(folder) / "templates"
        shutil.copytree(SOURCE / "etc/mado/templates", templates)
        for file in templates.glob("*/remind-*.tmpl"):
            file.write_text(file.read_text() + "<<< what we have tried >>>\n")
        with Calendar(notices=DUTY, templates=templates) as desk:
            desk.asked("Peer CSIRT", more=("--language", "en", "--reply-by", "2026-11-17 12:00"))
            desk.new_letters()
            wait_until(lambda: desk.coordination(1)["next_reminder"], "it has gone")
            for day in ("17T13:01", "18T14:00", "24T09:00", "30T09:00"):
                desk.day(f"2026-11-{day}:00+09:00")
                wait_until(lambda: (desk.coordination(1)["next_reminder"] or "9") > f"2026-11-{day}", "what was due is done")
            expect_equal((desk.coordination(1)["state"], desk.reminders()), ("no-answer", []), "operators see it")


@case
def a_jump_of_the_clock_reminds_once_and_forgets_nobody():
    with Calendar() as desk:
        desk.asked("Peer CSIRT", more=("--reply-by", "2026-11-17 12:00"))
        desk.new_letters()
        wait_until(lambda: desk.coordination(1)["next_reminder"], "it has gone")
        desk.day("2036-11-17T12:00:00+09:00")
        desk.new_letters()
        wait_until(lambda: desk.coordination(1)["next_reminder"], "the next one has its day, in ten years")
        desk.day("2026-11-17T12:00:00+09:00")
        expect_equal(len(desk.reminders()), 1, "once")
        expect(desk.coordination(1)["next_reminder"] < "2028", "and the next one is not put off for ten years")


@case
def nobody_is_reminded_who_has_answered_or_of_what_is_closed():
    with Calendar() as desk:
        rows = desk.asked("Peer CSIRT", "Other CERT", more=("--reply-by", "2026-11-17 12:00"))
        expect_equal(len(rows), 2, "asked")
        letters = desk.by_address(desk.new_letters(2))
        desk.drop(from_party(ALICE, "Re: " + parse(letters[ALICE])["Subject"], "Done.", parse(letters[ALICE])["Message-ID"]))
        desk.becomes(1, "answered")
        desk.ctl("close", "1", "--result", "it is down")
        desk.day("2026-11-20T12:00:00+09:00")
        row = wait_until(lambda: not desk.coordination(2)["next_reminder"] and desk.coordination(2), "looked at")
        expect_equal((row["state"], row["reminded"]), ("asked", 0), "not reminded")
        expect_equal(len(desk.files()), desk.seen, "nothing went")


@case
def a_reminder_goes_when_a_person_wants_it():
    with Office() as desk:
        desk.asked("Other CERT", more=("--reply-by", "5d"))
        desk.new_letters()
        desk.order("coord", "remind", "1")
        entity, text = plain_of(desk.new_letters()[0])
        expect("再送" in entity["Subject"], f"in their language: {entity['Subject']}")
        expect_equal([row["purpose"] for row in desk.coordination(1)["letters"]], ["coord", "remind"], "both")


# -- notify, escalate -----------------------------------------------------------------------------

GROUP = {"web@sakura.example": "Web", "mail@sakura.example": "Mail", "gone@elsewhere.example": "Gone"}


def departments(desk):
    for address, name in GROUP.items():
        desk.ctl("contact", "add", name, "--address", address, "relation=inside", "verified=by telephone", "language=en")
    desk.ctl("contact", "add", "Quiet", "relation=inside")
    desk.ctl("contact", "add", "Departments", "--kind", "group", *(word for name in [*GROUP.values(), "Quiet"] for word in ("--member", name)))


def bounce_of(data, address):
    letter = parse(data)
    return (f"From: MAILER-DAEMON@relay.example\nTo: csirt@sakura.example\nSubject: Undelivered\nMessage-ID: <bounce-1@relay.example>\n"
            f"Auto-Submitted: auto-replied\nReturn-Path: <>\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
            "--b\nContent-Type: text/plain\n\nNo such user.\n\n"
            "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
            f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n"
            f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {letter['Message-ID']}\nTo: {address}\n\n--b--\n").encode()


@case
def departments_are_told_one_mail_each_and_a_table_shows_how_it_went():
    with Office() as desk:
        departments(desk)
        done = desk.type("notify", "1", "--group", "Departments", "--text", "-", "--yes", text="Look at your logs.\n")
        expect_equal(done.returncode, 0, f"{done.stdout} {done.stderr}")
        expect("Quiet has no mail address" in " ".join(done.stderr.split()), done.stderr)
        letters = {address: data for data in desk.new_letters(3) for address in GROUP if address in parse(data)["To"]}
        expect_equal(set(letters), set(GROUP), "one each")
        for data in letters.values():
            _, text = plain_of(data)
            expect("Look at your logs." in text and "departments" in plain_of(data)[0]["Subject"], f"text: {text}")
            expect_equal(len(parse(data)["To"].split(",")), 1, "nobody sees the others")
        gone = "gone@elsewhere.example"
        desk.drop(bounce_of(letters[gone], gone))
        web = "web@sakura.example"
        desk.drop(from_party(web, "Re: " + parse(letters[web])["Subject"], "Nothing here.", parse(letters[web])["Message-ID"]))
        def told():
            rows = {row["to"]: row for row in desk.ctl("notify", "list", "1")}
            return rows if rows[gone]["state"] == "failed" and rows[web]["answered_by"] else None
        rows = wait_until(told, "the table says it")
        expect_equal(rows["mail@sakura.example"]["state"], "sent", "sent")
        expect("user" in rows[gone]["reply"] or "550" in rows[gone]["reply"], f"why: {rows[gone]}")


@case
def what_goes_to_many_is_looked_at_and_its_number_typed():
    with Office() as desk:
        departments(desk)
        words = ("notify", "1", "--group", "Departments", "--text", "-")
        done = desk.type(*words, "--dry-run", text="Look.\n")
        expect_equal((done.returncode, done.stdout.count("Look.")), (0, 1), f"the text once: {done.stdout} {done.stderr}")
        for address in GROUP:
            expect(address in done.stdout, address)
        expect_equal(desk.type("notify", "1", "--group", "Departments").returncode, USAGE, "no terminal")
        expect_equal(len(desk.files()), desk.seen, "nothing went")


DECIDERS = HOURS + ' escalation = ( { to = "management"; who = [ "CISO" ]; }, { to = "legal"; who = [ "Stranger" ]; } );'


@case
def those_who_decide_are_told_when_everything_is_filled_in():
    with Office(more=DECIDERS) as desk:
        desk.ctl("contact", "add", "CISO", "--address", "ciso@sakura.example", "relation=inside", "verified=in person", "language=en")
        desk.ctl("contact", "add", "Stranger", "--address", "law@firm.example", "verified=in person")
        desk.asked("Peer CSIRT")
        desk.new_letters()
        said = desk.order("escalate", "1", "--to", "management", "--text", "-", text="A fake shop uses our name.\n", status=DATA)
        expect("placeholder" in said, said)
        editor = desk.folder / "editor"
        editor.write_text("#!/usr/bin/env python3\nimport re, sys\nfrom pathlib import Path\n"
                          "file = Path(sys.argv[1])\nfile.write_text(re.sub('<<<.*?>>>', 'known', file.read_text()))\n")
        editor.chmod(0o755)
        typed = at_terminal(desk, editor, "escalate", "1", "--to", "management", keys="y\n")
        expect("goes in" in typed, typed)
        _, text = plain_of(desk.new_letters()[0])
        for word in ("1. Bottom line\n   known", "Peer CSIRT: asked", "Management"):
            expect(word in text, f"{word}: {text}")
        row, = [row for row in desk.ctl("notify", "list", "1") if row["purpose"] == "escalate"]
        expect_equal((row["target"], row["name"]), ("management", "CISO"), "kept")
        expect("escalated" in desk.kinds(), "in the journal")
        expect("own organisation" in desk.order("escalate", "1", "--to", "legal", status=DATA), "inside alone")
        expect("Nobody knows who" in desk.order("escalate", "1", "--to", "pr", status=DATA), "not configured")


def at_terminal(desk, editor, *words, keys):
    """What a terminal shows, where somebody types `keys`."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update({"LC_ALL": "C.UTF-8", "TERM": "xterm", "EDITOR": str(editor), "VISUAL": str(editor)})
        os.execv(PROGRAMS / "madoctl", ["madoctl", "--config", str(desk.configuration), *words])
    shown, typed = b"", False
    try:
        while block := os.read(terminal, 65536):
            shown += block
            if not typed and b"[N]o: " in shown:
                os.write(terminal, keys.encode())
                typed = True
    except OSError:
        pass
    os.waitpid(pid, 0)
    return shown.decode()


if __name__ == "__main__":
    run_all()
