#!/usr/bin/env python3
"""madod --deliver: what an MTA's pipe hands over. 0 means committed; 75 means keep it and try again."""

import os
import random
import socket
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402

DONE, TRY_AGAIN = 0, 75


@case
def a_delivered_mail_is_committed_when_the_status_is_0():
    with Desk() as desk:
        expect_equal(desk.deliver(plain_mail()), DONE, "status")
        desk.kill_all()
        desk.start()
        expect_equal(desk.settled(1)["incident"], 1, "incidents after kill -9")


@case
def without_a_daemon_the_mta_is_told_to_try_again():
    with Desk(start=False) as desk:
        expect_equal(desk.deliver(plain_mail()), TRY_AGAIN, "status")


@case
def a_daemon_that_hangs_makes_the_mta_try_again():
    with Desk(fault="store_commit:1:hang") as desk:
        if desk.struck("store_commit:1:hang"):
            return
        expect_equal(desk.deliver(plain_mail()), TRY_AGAIN, "status")


@case
def a_mail_that_is_too_large_is_not_lost_without_a_word():
    with Desk(intake='max_message = "1MiB";') as desk:
        status = desk.deliver(plain_mail(text="x" * 70 + "\n") + b"y" * (2 << 20))
        expect(status != DONE or desk.settled(1)["mails"] == 1, f"status {status}, but no mail")


@case
def the_same_mail_delivered_twice_is_one_mail_with_one_acknowledgement():
    with Desk() as desk:
        for _ in range(2):
            expect_equal(desk.deliver(plain_mail()), DONE, "status")
        ledger = desk.settled(1)
        expect_equal((ledger["arrived"], ledger["mails"]), (2, 1), "arrivals and mails")
        desk.wait_for_acks(1)
        expect_equal(desk.stop(), 0, "exit status")
        expect_equal(len(desk.acks()), 1, "acknowledgements")


@case
def an_empty_mail_and_bytes_that_are_no_mail_are_taken():
    with Desk() as desk:
        for bytes_in in (b"\n", bytes(range(256)) * 40):
            expect_equal(desk.deliver(bytes_in), DONE, "status")
        expect_equal(desk.settled(2)["mails"], 2, "mails")


@case
def a_closed_standard_input_is_no_empty_mail():
    with Desk() as desk:
        done = subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", *desk.command("--deliver")],
                              capture_output=True, timeout=30)
        expect_equal(done.returncode, TRY_AGAIN, "status")
        expect_equal(desk.ledger()["arrived"], 0, "arrivals")


@case
def those_who_connect_and_say_nothing_do_not_keep_others_out():
    with Desk(daemon='patience = "1s";') as desk:
        idle = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(64)]
        for one in idle:
            one.connect(str(desk.folder / "run/deliver.sock"))
        wait_until(lambda: desk.deliver(plain_mail()) == DONE, "a mail is taken")


@case
def who_talks_nonsense_is_cut_off_and_nobody_else_is_disturbed():
    chance = random.Random(1)
    with Desk() as desk:
        old = desk.role_pids("desk")
        for number in range(500):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
                peer.connect(str(desk.folder / "run/deliver.sock"))
                head = struct.pack("=II", chance.randrange(20), chance.choice((0, 0, 0, 7)))
                body = head[:chance.randrange(9)] + chance.randbytes(chance.randrange(600))
                files = [os.open("/dev/null", os.O_RDONLY) for _ in range(number % 4)]
                socket.send_fds(peer, [body], files) if body else None
                for file in files:
                    os.close(file)
        expect_equal(desk.deliver(plain_mail()), DONE, "the next mail")
        expect_equal(desk.role_pids("desk"), old, "the desk")
        expect("spoke out of turn" in desk.log_text(), "the log says so")
        open_files = len(os.listdir(f"/proc/{old[0]}/fd"))
        expect(open_files < 60, f"the desk has {open_files} files open")


if __name__ == "__main__":
    main()
