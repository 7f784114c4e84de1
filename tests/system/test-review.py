#!/usr/bin/env python3
"""Contacts are asked whether what we hold of them is right: on a cycle, on dates, before a key ends; each time once,
in business time; and only their own word that nothing has changed is taken."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import Desk, case, expect, expect_equal  # noqa: E402
from letters import Team, run_all  # noqa: E402
from stepping import Clock, moment  # noqa: E402

MONDAY = "2026-11-16T10:00:00+09:00"
DUTY = "duty@sakura.example"
ALICE = "alice@peer.example"
OUT = 'transport = "maildir"; path = "out"; undo = "0s"; }; contacts : { %s'
QUARTERLY = 'review = "90d"; reply_within = "10d";'


def office(contacts=QUARTERLY, **settings):
    return Desk(options=["--now", MONDAY], outgoing=OUT % contacts, **settings)


def add(desk, name="Peer", address=ALICE, *words):
    return desk.ctl("contact", "add", name, "--kind", "peer", "--address", address, "relation=community", "language=en",
                    "verified=by telephone", *words)[0]


def asked(desk, address=ALICE):
    return [letter for letter in desk.letters() if address in letter["To"] and "contact review" in letter["Subject"]]


def answer(letter, text, sender=ALICE, headers=(), number=[0]):
    number[0] += 1
    return "\r\n".join([
        f"From: {sender}", "To: csirt@sakura.example", f"Subject: Re: {letter['Subject']}", f"Message-ID: <answer-{number[0]}@peer.example>",
        f"In-Reply-To: {letter['Message-ID']}", f"References: {letter['Message-ID']}", "Date: Mon, 15 Feb 2027 10:00:00 +0900",
        "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", *headers, "", text, ""]).encode()


def review(desk, name="Peer"):
    row, = [row for row in desk.ctl("contact", "review") if row["name"] == name]
    return row


def drop(desk, mail):
    before = desk.ledger()["mails"]
    desk.drop(mail)
    return desk.settled(before + 1)


def doctor(desk):
    """What doctor says of contacts, whatever else is wrong."""
    rows = [json.loads(line) for line in desk.ask("doctor", "--json").stdout.splitlines()]
    row, = [row for row in rows if row["check"] == "contacts"]
    return row


@case
def asked_once_on_the_cycle_in_business_time():
    with office() as desk:
        add(desk)
        clock = Clock(desk)
        clock.settle()
        expect_equal(clock.next, moment("2027-02-15T09:00:00+09:00"), "90 days later is a Sunday: on Monday, when the team is there")
        clock.to("2027-02-15T08:59:00+09:00")
        expect_equal(asked(desk), [], "not before")
        clock.to("2027-02-15T18:00:00+09:00")
        letter, = asked(desk)
        expect("no change" in letter.get_content() and "by telephone" not in letter.get_content(), "it says what to do, and nothing of ours")
        expect_equal(letter["Auto-Submitted"], "auto-generated", "a machine's letter says so")
        row = review(desk)
        expect_equal((row["review"]["state"], row["review"]["asked"]), ("asked", "2027-02-15T09:00:00+09:00"), "at that moment")
        desk.kill_all()
        desk.options = ["--now", "2027-02-16T09:00:00+09:00"]
        desk.start()
        clock = Clock(desk)
        clock.settle()
        expect_equal(len(asked(desk)), 1, "a restart asks nobody twice")
        clock.set_by_hand("2031-01-01T09:00:00+09:00")
        clock.set_by_hand("2027-02-16T09:00:00+09:00")
        clock.to("2027-02-17T09:00:00+09:00")
        expect(len(asked(desk)) <= 2, "nor a clock that was set, each day that it was wrong")


@case
def who_says_that_nothing_has_changed_is_known_again():
    with office() as desk:
        add(desk)
        clock = Clock(desk)
        clock.to("2027-02-15T10:00:00+09:00")
        letter, = asked(desk)
        place = drop(desk, answer(letter, "お世話になっております。\r\n変更はございません。\r\n\r\n> (4) By day"))
        expect_equal((place["feed"], place["incident"], place["pending"]), (1, 0, 0), "no ticket of it, and nothing to be done")
        clock.settle()
        row = review(desk)
        expect_equal((row["review"]["state"], row["known_since"]), ("unchanged", "2027-02-15T10:00:00+09:00"), "known since now")
        expect_equal(desk.ctl("contact", "show", "Peer")[0]["verified"]["at"], MONDAY, "who made sure, and when, stays")
        expect_equal(desk.acks(), [], "nobody acknowledges that")
        clock.to("2027-05-14T18:00:00+09:00")
        expect_equal(len(asked(desk)), 1, "ninety days of rest")
        clock.to("2027-05-17T10:00:00+09:00")
        expect_equal(len(asked(desk)), 2, "and then again")


@case
def a_correction_is_for_a_person():
    with office(notices=DUTY) as desk:
        add(desk)
        clock = Clock(desk)
        clock.to("2027-02-15T10:00:00+09:00")
        letter, = asked(desk)
        place = drop(desk, answer(letter, "no change\r\n(4) By day +81-3-0000-0199"))
        expect_equal((place["pending"], place["incident"]), (1, 0), "it waits in the inbox")
        row = review(desk)
        expect_equal((row["review"]["state"], row["known_since"]), ("changed", MONDAY), "nothing was made of it")
        mail = row["review"]["mail"]
        expect("more than that nothing has changed" in json.dumps(desk.ctl("inbox")), "the inbox says what it is")
        place = drop(desk, answer(letter, "no change"))
        expect_equal(place["pending"], 2, "who has told of a change is not known again by taking it back")
        desk.ctl("contact", "edit", "Peer", "day=+81-3-0000-0199")
        desk.ctl("contact", "verify", "Peer", "--how", "called back")
        desk.ctl("inbox", "feed", str(mail))
        expect_equal(review(desk)["review"]["state"], "confirmed", "a person has")
        clock.to("2027-03-15T10:00:00+09:00")
        expect_equal([file for file in desk.letters() if "silent" in file.get_content()], [], "nobody waits for it any more")


@case
def nobody_else_answers_for_them():
    with office() as desk:
        add(desk)
        clock = Clock(desk)
        clock.to("2027-02-15T10:00:00+09:00")
        letter, = asked(desk)
        place = drop(desk, answer(letter, "no change", sender="mallory@elsewhere.example"))
        expect_equal((place["pending"], review(desk)["review"]["state"]), (1, "asked"), "from another address: a person looks")
        forged = {"Subject": letter["Subject"], "Message-ID": letter["Message-ID"].replace(".", ".0", 1)[:-1] + ">"}
        drop(desk, answer(forged, "no change"))
        expect_equal(review(desk)["review"]["state"], "asked", "nor by another token")
        place = drop(desk, answer(letter, "no change", headers=("Auto-Submitted: auto-replied",)))
        expect_equal((place["machine"], review(desk)["review"]["state"]), (1, "asked"), "nor a machine")
        place = drop(desk, answer(letter, "no change"))
        expect_equal((place["feed"], review(desk)["review"]["state"]), (1, "unchanged"), "they do")


@case
def an_answer_counts_once():
    with office() as desk:
        add(desk)
        clock = Clock(desk)
        clock.to("2027-02-15T10:00:00+09:00")
        letter, = asked(desk)
        drop(desk, answer(letter, "no change"))
        clock.to("2027-04-15T10:00:00+09:00")
        place = drop(desk, answer(letter, "no change"))  # the same words, sent anew by whoever has kept the letter
        row = review(desk)
        expect_equal((row["review"]["state"], row["known_since"]), ("unchanged", "2027-02-15T10:00:00+09:00"), "known since the first answer")
        expect_equal((place["feed"], place["pending"], desk.acks()), (2, 0, []), "and nobody is asked to do anything")
        clock.to("2027-05-17T10:00:00+09:00")
        expect_equal(len(asked(desk)), 2, "they are asked again in time")
        place = drop(desk, answer(letter, "My number is 03-0000-0199 now."))
        expect_equal(place["pending"], 1, "what is new in a late answer is still for a person")


@case
def silence_is_told_once():
    with office(notices=DUTY) as desk:
        add(desk)
        clock = Clock(desk)
        clock.to("2027-04-30T10:00:00+09:00")
        told = [letter for letter in desk.letters() if DUTY in letter["To"] and "contact-silent" in letter.get_content()]
        expect_equal(len(told), 1, "operators are told, once")
        expect_equal(review(desk)["review"]["state"], "silent", "and it says so")
        expect("has not answered review" in json.dumps(desk.ctl("audit", "export")), "in the journal")


@case
def on_days_of_the_year_and_so_many_a_day():
    with office('review = "0s"; review_on = [ "04-01", "10-01" ]; daily = 2;') as desk:
        for number in range(5):
            add(desk, f"Peer {number}", f"p{number}@peer.example")
        desk.ctl("contact", "add", "Somebody", "--address", "some@where.example")
        clock = Clock(desk)
        clock.to("2027-03-31T23:00:00+09:00")
        expect_equal(desk.letters(), [], "not before")
        days = []
        for day in ("01", "02", "03", "04", "05", "06"):
            before = len(desk.letters())
            clock.to(f"2027-04-{day}T20:00:00+09:00")
            days.append(len(desk.letters()) - before)
        expect_equal(days, [2, 2, 0, 0, 1, 0], "two a day, and none at the weekend; who has no relation is not asked")
        clock.to("2027-09-30T20:00:00+09:00")
        expect_equal(len(desk.letters()), 5, "each once")


@case
def a_person_asks_now():
    with office('review = "0s";') as desk:
        add(desk)
        desk.ctl("contact", "ask", "Peer")
        clock = Clock(desk)
        clock.settle()
        expect_equal(len(asked(desk)), 1, "asked")
        expect(review(desk)["review"]["by"] != "mado", "by a person")
        clock.to("2028-12-31T12:00:00+09:00")
        expect_equal(len(asked(desk)), 1, "and by itself never, where that is the setting")
        desk.ctl("contact", "add", "Nobody")
        done = desk.ask("contact", "ask", "Nobody")
        expect(done.returncode != 0 and "has no mail address" in done.stderr, done.stderr)


@case
def the_age_is_shown_where_something_is_sent():
    with office() as desk:
        add(desk)
        desk.drop(b"From: reporter@elsewhere.example\nTo: csirt@sakura.example\nSubject: scan\nMessage-ID: <r-1@elsewhere.example>\n"
                  b"Date: Mon, 16 Nov 2026 09:00:00 +0900\nContent-Type: text/plain\n\nA scan from 198.51.100.7.\n")
        desk.settled(1)
        desk.ctl("set", "1", "label=green", "--reason", "agreed")
        clock = Clock(desk)
        clock.to("2026-12-29T10:00:00+09:00")
        shown = desk.ask("coord", "1", "--to", "Peer", "--reply-by", "24h", "--dry-run")
        expect("43d" in shown.stdout, f"coord: {shown.stdout} {shown.stderr}")
        expect("43d" in desk.ask("contact", "show", "Peer").stdout, "contact show")
        expect_equal(doctor(desk)["result"], "ok", "doctor finds it young enough")
        clock.leap("2027-05-01T10:00:00+09:00")
        expect_equal((doctor(desk)["result"], doctor(desk)["text"]),
                     ("warning", "1 of 1 were verified longer ago than contacts.review"), "and then too old")


@case
def a_key_that_ends_is_asked_for():
    with Team(pinned={"alice": ALICE}, more='contacts : { review = "3650d"; };', options=["--now", MONDAY],
              outgoing='transport = "maildir"; path = "out"; undo = "0s";') as desk:
        desk.ctl("contact", "edit", ALICE, "relation=community", "verified=by telephone", "language=ja")
        desk.kill_all()
        ends = int(moment("2027-06-30T12:00:00+09:00").timestamp())
        with desk.store() as store:
            store.execute("UPDATE key SET expires = ?, encrypts_until = ? WHERE place = 'pinned'", (ends, ends))
            store.commit()
        desk.start()
        clock = Clock(desk)
        clock.to("2027-05-31T11:59:00+09:00")
        expect_equal(desk.letters(), [], "not before")
        clock.to("2027-05-31T12:01:00+09:00")
        expect_equal(len(desk.letters()), 1, "a month before its end")
        clock.to("2027-08-31T12:00:00+09:00")
        expect_equal(len(desk.letters()), 1, "once")


if __name__ == "__main__":
    run_all()
