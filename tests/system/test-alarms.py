#!/usr/bin/env python3
"""Alarms with a real daemon: what is wrong with the contact point itself is seen, told, told again at
most hourly, and over when it is over."""

import contextlib
import itertools
import os
import signal
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(__file__))
from dovecot import Dovecot  # noqa: E402
from harness import Desk, case, expect, expect_equal, main, pace, plain_mail, wait_until  # noqa: E402
from pop3 import pop3_at  # noqa: E402
from relay import Relay  # noqa: E402

DUTY = "duty@sakura.example"
SOON = 'trouble_after = "1s";'
QUICK = 'rescan = "1s";'
TWO = ", ".join(f'{{ name = "{name}"; type = "maildir"; path = "{name}"; }}' for name in ("first", "second"))


def alarms(desk, *words):
    return desk.ctl("alarms", *words)


def conditions(desk):
    return [row["condition"] for row in alarms(desk)]


def told(desk):
    """The letters of alarms that went out."""
    return [letter for letter in desk.letters() if "警報" in letter["Subject"]]


def wait_for_told(desk, number):
    return wait_until(lambda: len(told(desk)) >= number and told(desk), f"{number} letters of alarms")


def take_away(desk, name="Maildir"):
    (desk.folder / name / "new").rename(desk.folder / name / "away")


def put_back(desk, name="Maildir"):
    (desk.folder / name / "away").rename(desk.folder / name / "new")


def change_store(desk, sql, *values):
    """What happens while the daemon does not run."""
    desk.kill_all()
    with contextlib.closing(sqlite3.connect(desk.folder / "state/mado.db")) as store:
        store.execute(sql, values)
        store.commit()


@case
def a_mailbox_out_of_reach_is_an_alarm_until_it_is_back():
    with Desk(notices=DUTY, telling=SOON, intake=QUICK) as desk:
        expect_equal(alarms(desk), [], "alarms of one that is well")
        take_away(desk)
        letter = wait_for_told(desk, 1)[0]
        expect_equal(letter["To"], DUTY, "whom it was told")
        expect_equal(letter["Auto-Submitted"], "auto-generated", "no person wrote it")
        row = alarms(desk)[0]
        expect_equal((row["condition"], row["told"], row["times"]), ("source inbox", DUTY, 1), "the alarm")
        text = letter.get_content()
        since = row["since"].replace("T", " ")[:16]
        expect("source inbox" in text and since in text, "the letter says which and since when")
        expect(row["text"] and row["text"] not in text, "the letter has no other word of it")
        status = desk.ask("status").stdout
        expect("Source\tinbox\tFAIL" in status, "status names the source")
        expect(f"Alarm\tsource inbox\t{row['since']}\t{row['text']}\ttold {DUTY}" in status, "status has the alarm")
        doctor = desk.ask("doctor")
        expect_equal(doctor.returncode, 2, "doctor fails")
        expect("FAIL\talarm\tsource inbox since" in doctor.stdout, "doctor has the alarm")
        put_back(desk)
        over = wait_for_told(desk, 2)[1]
        expect("警報解消" in over["Subject"], "the last letter says that it is over")
        expect_equal(alarms(desk), [], "alarms when it is back")
        ended = alarms(desk, "--all")[0]
        expect(ended["over"] and ended["since"] == row["since"], "the history has since and until")
        desk.stop()
        with desk.store() as store:
            kinds = [kind for kind, in store.execute("SELECT kind FROM journal WHERE kind LIKE 'alarm%' ORDER BY id")]
            expect_equal(kinds, ["alarm", "alarm-told", "alarm-over", "alarm-told"], "journal")
            expect_equal(store.execute("SELECT DISTINCT sender FROM outbox WHERE kind = 'alarm'").fetchall(), [("",)],
                         "the envelope has the null sender")


@case
def a_mail_that_cannot_be_taken_is_an_alarm_of_its_own_and_hides_no_other():
    with Desk(notices=DUTY, telling=SOON, intake=QUICK + ' max_message = "64KiB";') as desk:
        desk.drop(plain_mail(1, text="x" * 80_000), name="large")
        wait_until(lambda: conditions(desk) == ["mail left in inbox"], "the alarm")
        source = desk.ctl("status")[0]["sources"][0]
        expect_equal((source["well"], source["waiting"]), (True, 1), "the mailbox itself is well")
        expect("mail large" in source["left"] and "larger than 65536" in source["left"], f"why: {source['left']}")
        expect("WARN\tsource inbox" in desk.ask("doctor").stdout, "doctor has it")
        take_away(desk)
        wait_until(lambda: "source inbox" in conditions(desk), "that it is out of reach is told besides")
        put_back(desk)
        wait_until(lambda: conditions(desk) == ["mail left in inbox"], "it is back")
        (desk.folder / "Maildir/new/large").unlink()
        wait_until(lambda: not alarms(desk), "nothing is left")


@case
def that_mail_was_left_is_not_over_until_the_mailbox_was_looked_at():
    with Desk(start=False) as desk, Dovecot(desk.folder) as dovecot:
        desk.configure(telling=SOON, intake=QUICK + ' max_message = "64KiB";', sources=pop3_at(dovecot.ports["pop3"], desk))
        dovecot.drop(plain_mail(1, text="x" * 80_000))
        desk.start()
        wait_until(lambda: conditions(desk) == ["mail left in inbox"], "the alarm")
        first = alarms(desk)[0]
        desk.stop()
        dovecot.stop()
        desk.start()
        wait_until(lambda: "source inbox" in conditions(desk), "it is out of reach")
        expect(first["id"] in [row["id"] for row in alarms(desk)], "what was left there may be there still")
        dovecot.start()
        wait_until(lambda: conditions(desk) == ["mail left in inbox"], "it is back")
        expect_equal(alarms(desk)[0]["id"], first["id"], "the alarm is the same")


@case
def an_alarm_outlives_the_daemon_and_is_told_again_after_an_hour():
    with Desk(notices=DUTY, telling=SOON, intake=QUICK) as desk:
        take_away(desk)
        wait_for_told(desk, 1)
        first = alarms(desk)[0]
        desk.restart()
        wait_until(lambda: "cannot" in desk.ask("status").stdout or "FAIL" in desk.ask("status").stdout, "trouble")
        again = alarms(desk)[0]
        expect_equal((again["id"], again["since"], again["times"]), (first["id"], first["since"], 1), "after a restart")
        change_store(desk, "UPDATE alarm SET told_at = told_at - 3600")
        desk.start()
        wait_for_told(desk, 2)
        rows = alarms(desk)
        expect_equal((len(rows), rows[0]["since"], rows[0]["times"]), (1, first["since"], 2), "an hour later")
        put_back(desk)
        expect("警報解消" in wait_for_told(desk, 3)[2]["Subject"], "the last one says that it is over")
        expect_equal(len(told(desk)), 3, "letters in all")


@case
def what_comes_back_within_the_hour_is_not_told_again():
    with Desk(notices=DUTY, telling=SOON, intake=QUICK) as desk:
        for number in range(2):
            take_away(desk)
            wait_until(lambda: conditions(desk) == ["source inbox"], "the alarm")
            if not number:
                wait_for_told(desk, 1)
            put_back(desk)
            wait_until(lambda: not alarms(desk), "it is over")
        rows = alarms(desk, "--all")
        expect_equal([row["times"] for row in rows], [0, 2], "how often each was told")
        wait_for_told(desk, 2)
        expect_equal(len(told(desk)), 2, "letters: that it began, and that it was over")


@case
def a_source_that_ends_time_and_again_is_out_of_reach():
    with Desk(fault="intake_taken:1:hang", notices=DUTY, telling='trouble_after = "5s";',
              daemon='patience = "2s";') as desk:
        numbers = itertools.count()

        def hangs_once_more():
            desk.drop(plain_mail(next(numbers)))
            pace(0.3)
            return "source inbox" in conditions(desk)
        wait_until(hangs_once_more, "the alarm")
        row = next(row for row in alarms(desk) if row["condition"] == "source inbox")
        expect("again and again" in row["text"], row["text"])


@case
def that_no_acknowledgement_is_to_go_out_is_no_alarm():
    with Desk(notices=DUTY, acknowledge="hourly = 0;", telling=SOON, intake=QUICK) as desk:
        desk.drop(plain_mail(1))
        desk.settled(1)
        take_away(desk)
        wait_until(lambda: conditions(desk), "it has looked for alarms")
        expect_equal(conditions(desk), ["source inbox"], "alarms")


@case
def two_alarms_at_once_are_one_letter():
    with Desk(start=False, notices=DUTY, telling=SOON, intake=QUICK, sources=TWO) as desk:
        for name in ("first", "second"):  # without new/ and cur/: no Maildir yet
            (desk.folder / name).mkdir()
        desk.start()
        letter = wait_for_told(desk, 1)[0]
        text = letter.get_content()
        expect("source first" in text and "source second" in text, f"both are named: {text}")
        expect("source first, source second" in letter["Subject"], letter["Subject"])
        rows = alarms(desk)
        expect_equal([(row["condition"], row["times"]) for row in rows],
                     [("source first", 1), ("source second", 1)], "alarms")
        expect_equal(len(told(desk)), 1, "letters")


@case
def where_nobody_is_named_nobody_is_told_and_that_is_said():
    with Desk(telling=SOON, intake=QUICK) as desk:
        expect("nobody would be told: notices.to is not set" in desk.ask("doctor").stdout, "doctor, all well")
        take_away(desk)
        wait_until(lambda: conditions(desk) == ["source inbox"], "the alarm")
        expect("nobody is told: notices.to is not set" in desk.ask("status").stdout, "status")
        expect("nobody is told: notices.to is not set" in desk.ask("doctor").stdout, "doctor")
        put_back(desk)
        wait_until(lambda: not alarms(desk), "it is over")
        expect_equal(desk.letters(), [], "letters")


@case
def a_relay_out_of_reach_is_told_once_it_is_back():
    with Relay() as relay, Desk(start=False, notices=DUTY, telling=SOON, outgoing=relay.settings) as desk:
        relay.out_of_order = True
        desk.start()
        desk.drop(plain_mail())
        desk.settled(1)
        wait_until(lambda: conditions(desk) == ["relay"], "the alarm")
        wait_until(lambda: alarms(desk)[0]["letter_waits"], "its letter waits for the relay itself")
        expect(f"the letter to {DUTY} waits" in desk.ask("status").stdout, "status says so")
        wait_until(lambda: "FAIL\tsending" in desk.ask("doctor").stdout, "doctor asked the relay")
        change_store(desk, "UPDATE alarm SET told_at = told_at - 7200")
        desk.start()
        wait_until(lambda: "FAIL\tsending" in desk.ask("doctor").stdout, "it has looked again")
        expect_equal(len([row for row in desk.ctl("outbox") if row["kind"] == "alarm"]), 1,
                     "no second letter waits behind the first")
        since = alarms(desk)[0]["since"]
        relay.out_of_order = False
        wait_until(lambda: "ok\tsending" in desk.ask("doctor").stdout, "doctor asks it again")
        wait_until(lambda: not alarms(desk), "it is over")
        expect_equal(alarms(desk, "--all")[0]["since"], since, "since when it was")
        # That it is over is queued behind the alarm's end: two letters are waited for, and no third one comes.
        wait_until(lambda: sorted((row["kind"], row["state"]) for row in desk.ctl("outbox") if row["kind"] != "notice") ==
                   [("ack", "sent"), ("alarm", "sent"), ("alarm", "sent")], "all has gone out")
        subjects = [row["subject"] for row in reversed(desk.ctl("outbox")) if row["kind"] == "alarm"]
        expect_equal(len(subjects), 2, f"it began, it is over: {subjects}")


@case
def that_a_letter_of_an_alarm_was_refused_is_said():
    with Relay(answers={DUTY: b"550 5.7.1 not to this one\r\n"}) as relay, \
            Desk(notices=DUTY, telling=SOON, intake=QUICK, outgoing=relay.settings) as desk:
        take_away(desk)
        wait_until(lambda: conditions(desk) == ["source inbox", "letters"], "the alarms")
        said = f"the letter to {DUTY} may not have arrived"
        wait_until(lambda: all(row["letter_lost"] for row in alarms(desk)), "both are said to be lost")
        expect(said in desk.ask("status").stdout, "status says so")
        expect_equal(len(desk.ctl("outbox")), 2, "letters: one of them about the other, and no more")


@case
def a_breaker_lost_letters_and_readers_are_alarms():
    with Desk(notices=DUTY, telling=SOON, acknowledge="hourly = 1;") as desk:
        desk.drop(plain_mail())
        desk.wait_for_acks(1)
        wait_until(lambda: conditions(desk) == ["acknowledgements"], "the breaker")
        change_store(desk, "UPDATE outbox SET state = 'failed' WHERE kind = 'ack'")
        desk.start()
        wait_until(lambda: conditions(desk) == ["acknowledgements", "letters"], "a letter that failed")
        expect("1 not delivered or uncertain" in alarms(desk)[1]["text"], "how many")

        def no_reader():
            for pid in desk.role_pids("reader"):
                desk.send(pid, signal.SIGKILL)
            return "reader" in conditions(desk)
        wait_until(no_reader, "readers that die at once, each time")
        wait_until(lambda: "reader" not in conditions(desk), "readers that live")


@case
def doctor_asks_the_mailbox_now():
    with Desk(intake='rescan = "1h";') as desk:
        done = desk.ask("doctor")
        expect("ok\tsource inbox\tanswers; " in done.stdout, f"a mailbox that is there: {done.stdout}")
        expect("ok\tsending\tanswers; " in done.stdout, f"and a way out: {done.stdout}")
        expect_equal(done.returncode, 0, "exit status")
        take_away(desk)
        done = desk.ask("doctor")
        expect("FAIL\tsource inbox\t" in done.stdout, f"one that is gone since: {done.stdout}")
        put_back(desk)
        expect("ok\tsource inbox\tanswers; " in desk.ask("doctor").stdout, "and is back")
        pid = desk.role_pids("intake")[0]
        desk.send(pid, signal.SIGSTOP)
        done = desk.ask("doctor")
        desk.send(pid, signal.SIGCONT)
        expect("WARN\tsource inbox\tno answer yet within 10 s" in done.stdout, f"one that is silent: {done.stdout}")
        expect_equal(done.returncode, 1, "exit status")


if __name__ == "__main__":
    main()
