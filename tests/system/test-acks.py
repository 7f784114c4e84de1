#!/usr/bin/env python3
"""What acknowledgements say of hours and languages, who lets them go, and that nobody answers them for ever."""

import json
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import (NOW, SOURCE, Desk, Failed, case, expect, expect_equal, main, plain_mail,  # noqa: E402
                     sample, wait_until)
from letters import Team, everybody, open_sealed, open_signed  # noqa: E402

HOURS = 'hours : { holidays = "%s"; closed = [ "12-29..01-03" ]; };'
JAPAN = SOURCE / "etc/mado/holidays-jp.csv"
PHONE = 'emergency = "+81-3-0000-0110";'
IN_HOURS = "2026-11-20T10:00:00+09:00"


class Hours(Desk):
    """A desk that knows the holidays of Japan, on a Friday evening before a long weekend."""

    def __init__(self, now=NOW, more=HOURS % JAPAN, team=PHONE, **settings):
        super().__init__(start=False, options=("--now", now), team=team, **settings)
        with open(self.configuration, "a", encoding="utf-8") as configuration:
            configuration.write(more + "\n")
        self.start()


def text_of(ack):
    return ack["Subject"] + "\n" + ack.get_content().replace("\r\n", "\n")


def expect_words(ack, *words):
    for word in words:
        expect(word in text_of(ack), f"{word}: {text_of(ack)}")


# -- hours ----------------------------------------------------------------------------------------

@case
def out_of_hours_a_letter_says_when_service_begins_and_whom_to_call():
    with Hours() as desk:
        desk.drop(sample("01-defacement-ja.eml"))
        ack, = desk.wait_for_acks(1)
        expect_words(ack, "2026-11-24 (火) 17:00 JST まで", "受付時間外", "2026-11-24 (火) 09:00 JST 以降",
                     "月-金 09:00-17:00 JST (祝日を除く)", "+81-3-0000-0110", "2026-11-20 (金) 18:42 JST")
        incident, = desk.incidents()
        shown, = desk.ctl("show", incident["ticket"])
        expect_equal(shown["acknowledged"]["reply_by"], "2026-11-24T17:00:00+09:00", "what was promised")


@case
def the_telephone_of_office_hours_stands_below_each_letter():
    with Hours(team='phone = "+81-3-0000-0100";') as desk:
        desk.drop(sample("01-defacement-ja.eml"))
        desk.drop(plain_mail())
        for ack, words in zip(sorted(desk.wait_for_acks(2), key=lambda ack: ack["Content-Language"]), ("Phone", "電話")):
            expect(text_of(ack).rstrip().endswith(f"csirt@sakura.example\n{words}: +81-3-0000-0100"), text_of(ack))
            expect("urgent" not in text_of(ack) and "緊急" not in text_of(ack), "no telephone for emergencies is known")


@case
def within_hours_it_says_only_by_when_somebody_answers():
    with Hours(IN_HOURS) as desk:
        desk.drop(plain_mail())
        ack, = desk.wait_for_acks(1)
        expect_words(ack, "first reply by Tue 24 Nov 2026 10:00 JST")
        expect("Outside our service hours" not in text_of(ack), text_of(ack))


OWN_TIME = HOURS % JAPAN + """
categories = ( { id = "weakness"; ja = "弱点"; en = "weakness"; rsit = "vulnerable/vulnerable-system"; words = [ "cve" ];
                 first_reply = "3d"; }, { id = "other"; ja = "他"; en = "other"; rsit = "other/other"; } );
"""


@case
def a_category_has_a_time_of_its_own():
    with Hours(IN_HOURS, OWN_TIME, acknowledge="per_ticket_daily = 2;") as desk:
        desk.drop(plain_mail(1, text="See CVE-2026-0001."))
        ack, = desk.wait_for_acks(1)
        expect_words(ack, "first reply by Thu 26 Nov 2026 10:00 JST")
        desk.drop(plain_mail(2, headers=[f"In-Reply-To: {ack['Message-ID']}"]))
        expect_words(desk.wait_for_acks(2)[1], "hear from us by Thu 26 Nov 2026 10:00 JST")
        desk.drop(plain_mail(3))
        expect_words(desk.wait_for_acks(3)[2], "first reply by Tue 24 Nov 2026 10:00 JST")


@case
def a_team_that_promises_nothing_says_nothing():
    with Hours(more='hours : { first_reply = "none"; };') as desk:
        desk.drop(plain_mail())
        ack, = desk.wait_for_acks(1)
        expect("first reply" not in text_of(ack), text_of(ack))
        incident, = desk.incidents()
        expect_equal(desk.ctl("show", incident["ticket"])[0]["acknowledged"]["reply_by"], None, "what was promised")


@case
def a_template_without_the_promise_makes_none():
    with Desk(start=False, options=("--now", NOW)) as desk:
        templates = desk.folder / "templates"
        for language in ("ja", "en"):
            (templates / language).mkdir(parents=True)
            for file in (SOURCE / "etc/mado/templates" / language).iterdir():
                (templates / language / file.name).write_bytes(file.read_bytes())
            (templates / language / "ack-new.tmpl").write_text("Subject: [{{number}}] received\n\n{{team}}\n")
        desk.configure(templates=templates)
        desk.start()
        desk.drop(plain_mail())
        desk.wait_for_acks(1)
        incident, = desk.incidents()
        expect_equal(desk.ctl("show", incident["ticket"])[0]["acknowledged"]["reply_by"], None, "what was promised")


# -- the list of holidays -------------------------------------------------------------------------

def reload(desk):
    """Until the log says so once more."""
    before = desk.log_text().count("reloaded")
    os.kill(desk.process.pid, signal.SIGHUP)
    wait_until(lambda: desk.log_text().count("reloaded") > before, "a reload")


def doctor(desk):
    """doctor fails here for other reasons: only what it prints is of interest."""
    return {row["check"]: row for row in map(json.loads, desk.ask("doctor", "--json").stdout.splitlines())}


@case
def doctor_says_when_the_list_ends_soon_or_cannot_be_read():
    with Hours() as desk:
        found = doctor(desk)
        expect_equal((found["hours"]["result"], found["holidays"]["result"]), ("ok", "ok"), "findings")
        expect("known until 2027-11-23" in found["holidays"]["text"], found["holidays"])
        own = desk.folder / "own.csv"
        own.write_bytes("2026/1/1,元日\n2027/1/11,成人の日\n".encode("shift_jis"))
        desk.configuration.write_text(desk.configuration.read_text().replace(str(JAPAN), "own.csv"))
        reload(desk)
        found = doctor(desk)
        expect_equal(found["holidays"]["result"], "warning", "a list that ends in 52 days")
        expect("known until 2027-01-11" in found["holidays"]["text"], found["holidays"])
        own.write_text("date,name\n2026-11-23,x\n2027-13-01,y\n")
        reload(desk)
        found = doctor(desk)
        expect("line 3: there is no such date" in found["holidays"]["text"], found["holidays"])
        desk.drop(plain_mail())
        desk.wait_for_acks(1)


@case
def a_team_that_is_never_there_promises_nothing_and_doctor_says_so():
    with Hours(more='hours : { closed = [ "01-01..12-31" ]; };') as desk:
        desk.drop(plain_mail())
        ack, = desk.wait_for_acks(1)
        expect("first reply" not in text_of(ack), text_of(ack))
        expect_equal(doctor(desk)["hours"]["result"], "warning", "doctor")


# -- languages ------------------------------------------------------------------------------------

def in_no_language(number=1):
    return plain_mail(number, text="203.0.113.7 198.51.100.2").replace(b"Subject: Scan from", b"Subject:").replace(b", case", b"")


@case
def where_no_language_is_known_the_letter_has_both():
    with Hours() as desk:
        desk.drop(in_no_language())
        ack, = desk.wait_for_acks(1)
        expect_words(ack, "ご連絡を受け付けました / We have received your report", "さくら工業 CSIRT", "This is the contact point",
                     "2026-11-24 (火) 17:00 JST", "Tue 24 Nov 2026 17:00 JST")
        expect_equal(text_of(ack).count("\n-- \n"), 1, "signatures")
        expect_equal(ack["Content-Language"], "ja, en", "Content-Language")
        expect_equal(text_of(ack).count("SAKURA#"), 5, "numbers: one in the subject, two in each text")


@case
def what_a_contact_prefers_wins_over_the_language_of_the_mail():
    with Hours() as desk:
        desk.ctl("contact", "add", "Peer", "--address", "reporter@peer.example", "--language", "ja")
        desk.drop(plain_mail())
        ack, = desk.wait_for_acks(1)
        expect_words(ack, "ご連絡を受け付けました")
        expect("received" not in text_of(ack), text_of(ack))


# -- a person lets them go ------------------------------------------------------------------------

@case
def hold_keeps_each_letter_until_a_person_lets_it_go():
    with Desk(acknowledge='mode = "hold";') as desk:
        desk.drop(plain_mail())
        row = wait_until(lambda: desk.ctl("hold"), "a letter is held")[0]
        expect("acknowledge.mode is hold" in row["reply"], row)
        desk.ctl("contact", "add", "Peer", "--address", "other@peer.example")
        expect_equal(len(desk.ctl("hold")), 1, "held, whatever else has changed")
        expect_equal(desk.ctl("hold", "release", str(row["id"]), "--reason", "read")[0]["state"], "queued", "state")
        ack, = desk.wait_for_acks(1)
        expect_words(ack, "We have received your report")
        expect_equal(desk.ctl("hold"), [], "held")


LATER = "2026-11-25T10:00:00+09:00"


def held_until_later(desk):
    """The one letter that is held; then days have passed."""
    row = wait_until(lambda: desk.ctl("hold"), "a letter is held")[0]
    desk.stop()
    desk.options = ["--now", LATER]
    desk.start()
    return row


def says_what_is_true_later(ack, outer):
    expect_words(ack, "[SAKURA#2026-0001-1V] [JPCERT#12345678] ", "2026-11-26 (木) 10:00 JST まで", "2026-11-20 (金) 18:42 JST")
    for old in ("受付時間外", "2026-11-24"):
        expect(old not in text_of(ack), f"{old}: {text_of(ack)}")
    expect_equal(outer["Date"], "Wed, 25 Nov 2026 10:00:00 +0900", "Date")
    expect_equal(outer["In-Reply-To"], "<report-1@peer.example>", "In-Reply-To")


def a_peers_mail():
    return plain_mail(text="フィッシングサイトの報告です。").replace(b"Subject: Scan", "Subject: [JPCERT#12345678] ご報告".encode())


@case
def a_letter_that_was_held_says_what_is_true_when_it_goes():
    with Hours(acknowledge='mode = "hold";') as desk:
        desk.drop(a_peers_mail())
        row = held_until_later(desk)
        expect_equal(desk.ctl("show", row["ticket"])[0]["acknowledged"]["reply_by"], None, "nobody was told yet")
        before, = desk.ctl("hold", "show", str(row["id"]))
        desk.ctl("hold", "release", str(row["id"]), "--reason", "read")
        ack, = desk.wait_for_acks(1)
        says_what_is_true_later(ack, ack)
        expect_equal(ack["Message-ID"], f"<{before['message_id']}>", "Message-ID")
        expect_equal(desk.ctl("show", row["ticket"])[0]["acknowledged"]["reply_by"], "2026-11-26T10:00:00+09:00", "promised")


@case
def so_does_one_that_was_held_for_want_of_a_key():
    with Team(always=["reporter@peer.example"], options=("--now", NOW), team=PHONE, more=HOURS % JAPAN) as desk:
        desk.drop(a_peers_mail())
        held_until_later(desk)
        file = desk.folder / "alice.key"
        file.write_bytes(everybody().public("alice"))
        desk.ctl("key", "import", str(file))
        desk.ctl("key", "pin", everybody().fingerprint["alice"], "--contact", "Known reporter", "--how", "by telephone")
        says_what_is_true_later(*open_sealed(desk.sent()[0])[:2])


@case
def a_letter_that_a_person_lets_go_is_signed_or_sealed_all_the_same():
    with Team(pinned={"alice": "alice@peer.example"}, acknowledge='mode = "hold";') as desk:
        for sender in ("alice@peer.example", "nobody@peer.example"):
            desk.drop(plain_mail(len(sender), sender=sender))
        for row in desk.held(2):
            desk.ctl("hold", "release", str(row["id"]), "--reason", "read")
        letters = desk.sent(2)
        sealed = [letter for letter in letters if b"To: alice@" in letter]
        expect_equal(open_sealed(sealed[0])[1]["To"], "alice@peer.example", "sealed")
        signed = [letter for letter in letters if b"To: nobody@" in letter]
        expect_equal(open_signed(signed[0])[1]["To"], "nobody@peer.example", "signed")


@case
def a_key_that_comes_lets_no_letter_go_that_waits_for_a_person():
    with Team(always=["faye@peer.example"], pinned={"alice": "alice@peer.example"}, acknowledge='mode = "hold";') as desk:
        desk.drop(plain_mail(1, sender="faye@peer.example"))
        desk.held()
        desk.ctl("contact", "edit", "faye@peer.example", "address=other@peer.example")
        desk.ctl("contact", "edit", "alice@peer.example", "address+=faye@peer.example")
        number, = [row["id"] for row in desk.ctl("hold")]
        desk.ctl("hold", "release", str(number), "--reason", "read")
        expect_equal(open_sealed(desk.sent()[0])[1]["To"], "faye@peer.example", "to whom")


# -- machines among themselves --------------------------------------------------------------------

def second():
    """Another team with the same program."""
    desk = Desk(start=False)
    text = desk.configuration.read_text()
    for ours, theirs in (("csirt@sakura.example", "csirt@kaede.example"), ("SAKURA", "KAEDE"), ("さくら工業", "かえで")):
        text = text.replace(ours, theirs)
    desk.configure(text=text)
    desk.start()
    return desk


def outgoing(desk):
    return sorted((desk.folder / "out/new").iterdir())


def carry(desks, seen):
    """As mail servers would: what one has sent comes to the other, with the return path that its envelope had (null)."""
    moved = 0
    for here, there in (desks, desks[::-1]):
        for file in outgoing(here):
            if (here.folder, file.name) in seen:
                continue
            seen.add((here.folder, file.name))
            there.drop(b"Return-Path: <>\n" + file.read_bytes())
            moved += 1
    return moved


def settle(desks):
    """Carries until nothing moves and everything that came has a place. Returns what went out at each."""
    seen = set()
    for _ in range(10):
        for desk in desks:
            desk.settled(desk.delivered)
            wait_until(lambda at=desk: not at.ctl("outbox", "list", "queued"), "nothing waits")
        if not carry(desks, seen):
            return [len(outgoing(desk)) for desk in desks]
    raise Failed("they still write to each other")


@case
def two_of_us_that_write_to_each_other_settle_in_one_mail_each():
    with Desk() as ours, second() as theirs:
        ours.drop(plain_mail(1, sender="csirt@kaede.example"))
        theirs.drop(plain_mail(2, sender="csirt@sakura.example"))
        expect_equal(settle([ours, theirs]), [1, 1], "letters that went out")
        for desk in (ours, theirs):
            expect_equal((desk.ledger()["arrived"], desk.ledger()["incident"], desk.ledger()["machine"]), (2, 1, 1), "ledger")


@case
def without_the_return_path_they_settle_too():
    """A mail server that keeps no trace of the envelope: the letter's own Auto-Submitted says it."""
    with Desk() as ours, second() as theirs:
        ours.drop(plain_mail(1, sender="csirt@kaede.example"))
        ack, = ours.wait_for_acks(1)
        theirs.drop(ack.as_bytes())
        theirs.settled(1)
        expect_equal((outgoing(theirs), theirs.ledger()["machine"]), ([], 1), "an answer to an answer")


@case
def a_vacation_responder_that_answers_everything_gets_two_letters_a_day():
    """One that knows no RFC 3834: it answers answers, without a word that a program wrote it."""
    with Desk() as desk:
        desk.drop(plain_mail(1, sender="away@peer.example"))
        for round_ in range(2, 6):
            ack = desk.wait_for_acks(1)[0]
            desk.drop(plain_mail(round_, sender="away@peer.example", headers=[f"In-Reply-To: {ack['Message-ID']}"]).replace(
                b"Subject: ", f"Subject: Re: {ack['Subject']} / I am away: ".encode()))
            desk.settled(round_)
        desk.stop()
        followed = [ack for ack in desk.acks() if "additional" in ack["Subject"]]
        expect_equal((len(desk.acks()), len(followed)), (2, 1), "letters: one on the report, one a day on all that followed")


@case
def a_vacation_responder_that_says_so_gets_none():
    with Desk() as desk:
        desk.drop(plain_mail(1, sender="away@peer.example"))
        ack, = desk.wait_for_acks(1)
        for round_ in (2, 3):
            desk.drop(plain_mail(round_, sender="away@peer.example", headers=[
                f"In-Reply-To: {ack['Message-ID']}", "Auto-Submitted: auto-replied (vacation)"]))
        desk.settled(3)
        desk.stop()
        expect_equal(len(desk.acks()), 1, "letters")


@case
def no_letter_goes_into_a_folder_that_was_moved_away():
    """It would be said to have gone, and nobody would look for it there."""
    with Desk() as desk:
        desk.drop(plain_mail(1))
        desk.wait_for_acks(1)
        (desk.folder / "out").rename(desk.folder / "aside")
        for name in ("tmp", "new", "cur"):
            (desk.folder / "out" / name).mkdir(parents=True)
        desk.drop(plain_mail(2, sender="other@other.example"))
        desk.settled(2)
        wait_until(lambda: "another folder took its place" in desk.log_text(), "it says so")
        expect_equal((len(list((desk.folder / "aside/new").iterdir())), desk.acks()), (1, []), "letters in the old folder, and in the new")
        desk.restart()
        desk.wait_for_acks(1)


if __name__ == "__main__":
    main()
