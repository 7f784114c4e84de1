#!/usr/bin/env python3
"""SIGTERM drains, SIGHUP reloads what checks out, and a second daemon does not start."""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import (BOUND, Desk, case, expect, expect_equal, main, plain_mail,  # noqa: E402
                     wait_until)


@case
def sigterm_ends_it_with_status_0_and_leaves_no_process():
    with Desk() as desk:
        expect_equal(desk.stop(), 0, "exit status")
        wait_until(lambda: not desk.family(), "no process is left")


@case
def sigterm_under_load_loses_nothing():
    with Desk(acknowledge="hourly = 1000; per_domain_hourly = 1000;") as desk:
        for number in range(40):
            desk.drop(plain_mail(number, sender=f"r{number}@peer.example"))
        wait_until(lambda: desk.acks(), "work has begun")
        expect_equal(desk.stop(), 0, "exit status")
        desk.start()
        ledger = desk.settled(40)
        expect_equal((ledger["mails"], ledger["incident"]), (40, 40), "ledger")
        desk.wait_for_acks(40)
        expect_equal(desk.stop(), 0, "exit status")
        expect_equal(len(desk.acks()), 40, "acknowledgements")


@case
def sighup_takes_a_configuration_that_checks_out():
    with Desk() as desk:
        desk.configure(acknowledge='mode = "off";')
        desk.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reload" in desk.log_text(), "the log says so")
        desk.drop(plain_mail())
        expect_equal(desk.settled(1)["incident"], 1, "incidents")
        expect_equal(desk.stop(), 0, "exit status")
        expect_equal(desk.acks(), [], "acknowledgements with mode = off")


@case
def sighup_refuses_a_configuration_that_does_not_and_goes_on():
    with Desk() as desk:
        good = desk.configuration.read_text()
        desk.configuration.write_text(good + "colour : { red = 1; };\n")
        desk.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "MADO-02" in desk.log_text(), "the log names the problem")
        desk.drop(plain_mail())
        desk.wait_for_acks(1)
        expect(desk.running(), "the daemon still runs")
        desk.ctl("status")  # operators see it all the same


@case
def a_configuration_with_a_problem_does_not_start():
    with Desk(start=False) as desk:
        desk.configuration.write_text("team : { name = 7; };\n")
        done = subprocess.run(desk.command(), capture_output=True, text=True, timeout=BOUND)
        expect_equal(done.returncode, 78, "exit status")
        expect("MADO-02" in done.stderr, "it names the problem")


@case
def a_second_daemon_on_the_same_store_does_not_start():
    with Desk() as desk:
        second = subprocess.run(desk.command(), capture_output=True, text=True, timeout=BOUND)
        expect(second.returncode not in (0, None), f"exit status {second.returncode}")
        desk.drop(plain_mail())
        desk.wait_for_acks(1)


@case
def once_does_what_is_there_and_ends():
    with Desk(start=False) as desk:
        for number in range(3):
            desk.drop(plain_mail(number, sender=f"r{number}@peer.example"))
        desk.once()
        expect_equal(len(desk.acks()), 3, "acknowledgements")
        wait_until(lambda: not desk.family(), "no process is left")
        desk.start()
        expect_equal(desk.ledger()["incident"], 3, "incidents")


if __name__ == "__main__":
    main()
