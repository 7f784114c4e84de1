#!/usr/bin/env python3
"""Somebody sets the clock of the host, by a day and by ten years, to and fro: nothing is lost, nothing
waits for ever, nothing is given up before its time, and nothing goes out twice."""

import os
import sys
from datetime import datetime

sys.path.insert(0, os.path.dirname(__file__))
from certificates import Certificates  # noqa: E402
from clocked import Clocked  # noqa: E402
from dovecot import Dovecot, source_at  # noqa: E402
from harness import case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402
from relay import Relay, check_letters, outbox  # noqa: E402

DAY = 24 * 3600
YEARS = 3653 * DAY
TO_AND_FRO = (DAY, -DAY, YEARS, -YEARS, 2 * YEARS, 0)  # twice ten years: behind 2038
FIRST_PAUSE = 300  # seconds between the first attempt of a letter and the second
BUSY = b"450 4.2.0 mailbox is full\r\n"


def moment(text):
    return datetime.fromisoformat(text).timestamp()


def seconds_to_wait(desk, row):
    """Until the next attempt of a letter, by the daemon's own clock."""
    return moment(row["next_try"]) - moment(desk.ctl("status")[0]["now"])


def mail(number, name="r"):
    return plain_mail(number, sender=f"{name}{number}@peer{number}.example")


def one(desk, state):
    row, = wait_until(lambda: [row for row in outbox(desk) if row["state"] == state], f"a letter {state}")
    return row


@case
def a_letter_that_is_put_off_waits_as_long_as_before():
    with Relay(answers={"r1@peer1.example": BUSY}) as relay, Clocked(outgoing=relay.settings) as desk:
        desk.drop(mail(1))
        left = seconds_to_wait(desk, one(desk, "deferred"))
        for ahead in TO_AND_FRO:
            desk.set_and_wait(ahead)
            row = one(desk, "deferred")
            expect_equal(row["attempts"], 1, f"attempts with the clock {ahead} s ahead")
            expect(0 < seconds_to_wait(desk, row) <= left <= FIRST_PAUSE,
                   f"with the clock {ahead} s ahead it waits {seconds_to_wait(desk, row)} s, it was {left} s")
            left = seconds_to_wait(desk, row)
            expect(row["age_seconds"] < FIRST_PAUSE, f"it is {row['age_seconds']} s old")
        relay.answers = {}
        check_letters(desk, relay, 1)


@case
def mail_comes_and_letters_go_whatever_the_clock_says():
    with Relay() as relay, Clocked(start=False) as desk, Dovecot(desk.folder) as dovecot:
        desk.configure(outgoing=relay.settings, acknowledge="hourly = 3;", sources=", ".join((
            '{ name = "maildir"; type = "maildir"; path = "Maildir"; }',
            source_at(dovecot.ports["imap"], desk.folder, name="imap", tls="none", after="keyword"))))
        desk.start()
        wait_until(lambda: "IMAP idle" in str(desk.ctl("status")[0]["sources"]), "it waits by IDLE")
        for number, ahead in enumerate(TO_AND_FRO):
            desk.set_and_wait(ahead)
            desk.drop(mail(2 * number))
            dovecot.drop(mail(2 * number + 1))
            desk.settled(2 * number + 2)
        expect_equal(desk.log_text().count("role-died") + desk.log_text().count("source-trouble"), 0, "troubles")
        desk.settled(2 * len(TO_AND_FRO))
        acks = len(outbox(desk))
        expect(acks > len(TO_AND_FRO), f"of a clock that was ahead no cap stays full: {acks} acknowledgements")
        check_letters(desk, relay, acks)
        expect_equal(desk.stop(), 0, "exit status")


def set_between(before, behind):
    """A letter is put off, and another one waits for a relay that is away; the clock is set while the
    daemon does not run."""
    with Relay(answers={"r1@peer1.example": BUSY}) as relay, Clocked(start=False) as desk:
        desk.configure(outgoing=relay.settings)
        desk.set(before)
        desk.start()
        desk.drop(mail(1))
        one(desk, "deferred")
        desk.stop()
        desk.set(behind)
        desk.drop(mail(2))
        desk.start()
        wait_until(lambda: [(row["state"], row["attempts"]) for row in outbox(desk)] == [("sent", 1), ("deferred", 2)],
                   "the one is sent, the other tried again and not given up")
        relay.answers = {}
        check_letters(desk, relay, 2)


def add_between(before, behind, name):
    def between():
        set_between(before, behind)
    between.__name__ = f"the_clock_is_set_{name}_while_the_daemon_does_not_run"
    case(between)


add_between(0, YEARS, "ten years forward")
add_between(YEARS, 0, "ten years back")


@case
def operators_are_told_no_more_and_no_less():
    with Clocked(notices="duty@sakura.example", telling='bundle = "1s"; trouble_after = "1s";',
                 intake='rescan = "1s";') as desk:
        (desk.folder / "Maildir/new").rename(desk.folder / "Maildir/away")
        wait_until(lambda: [row for row in desk.ctl("alarms") if row["times"] == 1], "the alarm is told")
        for ahead in TO_AND_FRO:
            desk.set_and_wait(ahead)
            expect_equal([row["times"] for row in desk.ctl("alarms")], [1], "how often the alarm was told")
        (desk.folder / "Maildir/away").rename(desk.folder / "Maildir/new")
        wait_until(lambda: not desk.ctl("alarms"), "the alarm is over")
        for number, ahead in enumerate((YEARS, -YEARS)):
            desk.drop(mail(number))
            desk.settled(number + 1)
            wait_until(lambda: len([row for row in outbox(desk) if row["kind"] == "notice"]) == number + 1, "a notice")
            desk.set_and_wait(ahead)


@case
def certificates_that_the_clock_calls_expired_stop_mail_and_lose_none():
    with Clocked(start=False) as desk:
        made = Certificates(desk.folder)
        with Dovecot(desk.folder, made.good) as dovecot:
            desk.configure(intake='rescan = "1s";', sources=source_at(
                dovecot.ports["imaps"], desk.folder, tls="tls", ca_file=made.ca, after="keyword"))
            desk.set(YEARS)
            dovecot.drop(mail(1))
            desk.start()
            wait_until(lambda: "expired" in str(desk.ctl("status")[0]["sources"]), "status says why")
            expect_equal(desk.ledger()["mails"], 0, "mails that were taken")
            desk.set_and_wait(0)
            desk.settled(1)


if __name__ == "__main__":
    main()
