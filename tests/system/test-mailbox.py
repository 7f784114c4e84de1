#!/usr/bin/env python3
"""What may lie in a mailbox: odd names, things that are no mail, mails that cannot be taken. None
of them keeps the others from being taken, and none is passed over in silence."""

import os
import socket
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402

TEMPORARY_FAILURE = 75


@case
def a_name_that_is_used_again_is_another_mail():
    with Desk() as desk:
        for number in (1, 2):
            desk.drop(plain_mail(number), name="report.eml")
            desk.settled(number)
        desk.restart()
        desk.drop(plain_mail(3), name="report.eml")
        desk.settled(3)
        found = {file.read_bytes() for file in (desk.folder / "Maildir/cur").iterdir()}
        expect_equal(found, {plain_mail(number) for number in (1, 2, 3)}, "mails in cur/")


@case
def any_name_is_taken():
    with Desk() as desk:
        names = [b"line\nend", b"flags:2,S", b":2,", b"a:b:c", b"n" * 255, b"\xff\xfe", b"\xfe\xff"]
        for number, name in enumerate(names):
            desk.drop(plain_mail(number), name=os.fsdecode(name))
        desk.settled(len(names))


@case
def many_long_names_are_taken():
    with Desk(start=False) as desk:
        for number in range(100):
            name = b"%03d" % number + b"\xff" * 250
            desk.drop(plain_mail(number), name=os.fsdecode(name))
        desk.start()
        desk.settled(100)


@case
def what_is_no_mail_stays_and_is_said_and_the_others_are_taken():
    with Desk(start=False, intake='max_message = "64KiB";') as desk:
        inbox = desk.folder / "Maildir/new"
        os.mkfifo(inbox / "0.pipe")
        (inbox / "0.folder").mkdir()
        (inbox / "0.link").symlink_to("/etc/passwd")
        socket.socket(socket.AF_UNIX).bind(str(inbox / "0.socket"))
        (inbox / "0.large").write_bytes(plain_mail(9, text="x" * 80_000))
        for number in range(1, 51):
            desk.drop(plain_mail(number))
        desk.spawn(None, "--once")
        expect_equal(desk.process.wait(60), TEMPORARY_FAILURE, "exit status: something stays")
        desk.start()
        expect_equal(desk.settled(50)["mails"], 50, "mails")
        expect_equal(len(list(inbox.iterdir())), 5, "left in the mailbox")
        for name in ("pipe", "folder", "link", "socket", "large"):
            expect(f"mail 0.{name}/" in desk.log_text(), f"the log names 0.{name}")
        wait_until(lambda: "stays in the mailbox" in desk.ask("status").stdout, "status says it")
        wait_until(lambda: desk.ctl("status")[0]["sources"][0]["waiting"] == 5, "status counts them")


@case
def once_ends_and_says_so_when_the_mailbox_is_not_there():
    with Desk(start=False) as desk:
        (desk.folder / "Maildir/new").rmdir()
        desk.spawn(None, "--once")
        expect_equal(desk.process.wait(60), TEMPORARY_FAILURE, "exit status")


main()
