#!/usr/bin/env python3
"""Roles die, hang and talk nonsense; the work is done all the same, and once."""

import os
import signal
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import (BOUND, Desk, Skipped, case, expect, expect_equal, main, plain_mail,  # noqa: E402
                     wait_until)

ROLES = ("desk", "intake", "reader", "courier")
MAILS = 30
MANY = "hourly = 10000; per_domain_hourly = 10000;"


def fill(desk, first=0, mails=MAILS):
    for number in range(first, first + mails):
        desk.drop(plain_mail(number, sender=f"r{number}@peer.example"))


def everything_was_done_once(desk, mails=MAILS):
    ledger = desk.settled(mails)
    expect_equal((ledger["mails"], ledger["incident"]), (mails, mails), "mails and their place")
    expect_equal(len(desk.incidents()), mails, "incidents")
    desk.wait_for_acks(mails)
    expect_equal(desk.stop(), 0, "exit status")
    answered = sorted(ack["In-Reply-To"] for ack in desk.acks())
    expect_equal(answered, sorted(f"<report-{number}@peer.example>" for number in range(mails)),
                 "acknowledgements")


def death_of(role):
    def killed_under_load():
        with Desk(acknowledge=MANY) as desk:
            fill(desk)
            wait_until(lambda: desk.acks(), "work has begun")
            old = desk.kill_role(role)
            wait_until(lambda: desk.role_is_new(role, old), f"a new {role} runs")
            everything_was_done_once(desk)
    killed_under_load.__name__ = f"a_{role}_that_is_killed_under_load_is_started_again"
    return case(killed_under_load)


def hang_of(role):
    def stopped_under_load():
        with Desk(acknowledge=MANY, daemon='patience = "2s";') as desk:
            wait_until(lambda: desk.role_pids(role), f"a {role} runs")
            old = desk.kill_role(role, signal.SIGSTOP)
            fill(desk)
            wait_until(lambda: desk.role_is_new(role, old), f"a new {role} runs")
            everything_was_done_once(desk)
    stopped_under_load.__name__ = f"a_{role}_that_hangs_is_killed_and_started_again"
    return case(stopped_under_load)


for name in ROLES:
    death_of(name)
for name in ROLES[1:]:  # the desk's own silence is the launcher's to notice, after a minute
    hang_of(name)


@case
def when_the_launcher_is_killed_nothing_is_left_running():
    with Desk() as desk:
        desk.process.kill()
        wait_until(lambda: not [pid for pid, _, _ in desk.family() if pid != desk.process.pid],
                   "its roles are gone")
        desk.process.wait()
        desk.start()
        fill(desk, mails=1)
        everything_was_done_once(desk, 1)


@case
def a_mail_that_kills_its_reader_three_times_is_kept_and_seen_and_the_next_is_served():
    with Desk(fault="reader_child:1") as desk:
        desk.drop(plain_mail(1))
        ledger = desk.settled(1)
        expect_equal((ledger["quarantine"], ledger["mails"]), (1, 1), "ledger")
        expect_equal(desk.log_text().count("fault reader_child struck"), 3, "deaths")
        lines = [line for line in desk.log_text().splitlines() if " mail=1 " in line]
        expect(len(lines) <= 5, f"a mail makes five lines at most: {lines}")
        stub, = desk.incidents()
        expect("could not be read" in stub["subject"], "a stub that a person sees: " + stub["subject"])
        desk.restart()
        desk.drop(plain_mail(2, sender="next@peer.example"))
        desk.wait_for_acks(1)
        expect_equal(desk.settled(2)["incident"], 1, "the next mail")


@case
def a_role_that_keeps_dying_is_started_ever_more_slowly():
    with Desk() as desk:
        for _ in range(3):
            old = desk.kill_role("courier")
            wait_until(lambda: desk.role_is_new("courier", old), "a new courier runs")
        expect(desk.log_text().count("role=courier") >= 3, "each death is logged")
        fill(desk, mails=1)
        everything_was_done_once(desk, 1)


@case
def a_letter_that_the_courier_dies_of_makes_way_for_the_others():
    with Desk(fault="courier_send:1") as desk:
        fill(desk, mails=2)
        wait_until(lambda: all(row["state"] == "deferred" for row in desk.ctl("outbox"))
                   and len(desk.ctl("outbox")) == 2, "each is put off after a few attempts")


@case
def a_mail_whose_bytes_were_damaged_in_the_store_is_set_aside_and_the_next_is_served():
    with Desk(fault="reader_child:1:hang") as desk:
        desk.drop(plain_mail(1))
        wait_until(lambda: desk.struck("reader_child:1"), "a reader has it")
        desk.kill_all()
        with sqlite3.connect(desk.folder / "state/mado.db") as store:
            store.execute("UPDATE mail_chunk SET bytes = zeroblob(length(bytes))")
        store.close()
        desk.start()
        desk.drop(plain_mail(2))
        ledger = desk.settled(2)
        expect_equal((ledger["quarantine"], ledger["incident"]), (1, 1), "ledger")
        expect("damaged" in desk.log_text(), "the log says why")


@case
def a_role_that_cannot_be_confined_does_not_start_and_says_so_once():
    with Desk(start=False) as desk:
        refused = ["strace", "-f", "-o", "/dev/null", "-e", "inject=landlock_restrict_self:error=EPERM"]
        done = subprocess.run([*refused, *desk.command()], capture_output=True, text=True, timeout=BOUND)
        if "Landlock" not in done.stderr and "race" in done.stderr:
            raise Skipped("strace cannot trace here")
        expect_equal((done.returncode, done.stderr.count("Landlock refuses")), (69, 1), done.stderr)


if __name__ == "__main__":
    main()
