#!/usr/bin/env python3
"""A small disk that fills up: mail stays where it is, operators see why, nothing is lost, and all goes
on by itself when there is room."""

import contextlib
import hashlib
import os
import smtplib
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from dovecot import Dovecot, source_at  # noqa: E402
from harness import (BOUND, UNAVAILABLE, Desk, Skipped, case, expect, expect_equal, main, plain_mail,  # noqa: E402
                     stored_bytes, wait_until)

MEGABYTE = 1 << 20
DISK = 160  # megabytes: 64 of them stop the intake, 80 let it go on, 8 stop everything
TRY_AGAIN = 75
NOBODY = 421
DUTY = "duty@sakura.example"


@contextlib.contextmanager
def small_disk():
    """A folder for a Desk whose state folder is a disk of its own."""
    folder = Path(tempfile.mkdtemp(prefix="mado-", dir="/tmp"))
    state = folder / "state"
    state.mkdir(mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m,mode=0700", "mado", str(state)]
    said = subprocess.run(command, capture_output=True, text=True)
    mounted = said.returncode == 0
    try:
        if not mounted:
            raise Skipped(f"a small disk cannot be mounted here: {said.stderr.strip()}")
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(state)], check=True)
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def free(desk):
    is_now = os.statvfs(desk.folder / "state")
    return is_now.f_bavail * is_now.f_frsize


def fill(desk, left):
    """So that only so many bytes are left; something that is not ours takes them."""
    with open(desk.folder / "state/filler", "ab") as filler, contextlib.suppress(OSError):
        while free(desk) > left:
            size = filler.seek(0, os.SEEK_END)
            os.posix_fallocate(filler.fileno(), size, min(free(desk) - left, MEGABYTE))


def make_room(desk):
    (desk.folder / "state/filler").unlink()


def inbox(desk):
    return list((desk.folder / "Maildir/new").iterdir())


def wait_for_alarm(desk, words):
    """By what madoctl says: the daemon answers, however full the disk is."""
    return wait_until(lambda: [row for row in desk.ctl_now("alarms") if row["condition"] == "disk"
                               and words in row["text"]], f"the alarm: {words}")


def expect_all_there(desk, sums):
    """Each mail once, in one place, with its bytes."""
    ledger = desk.settled(len(sums))
    expect_equal((ledger["mails"], ledger["balanced"]), (len(sums), True), "the ledger")
    desk.stop()
    with desk.store() as store:
        mails = stored_bytes(store, "mail").values()
        kept = [mail[mail.index(b"From: "):] for mail in mails]  # an MTA adds fields before it
        expect_equal(sorted(hashlib.sha256(mail).hexdigest() for mail in kept), sorted(sums), "the mails")
        acks = store.execute("SELECT mail, count(*) FROM outbox WHERE kind = 'ack' GROUP BY mail").fetchall()
        expect_equal([row for row in acks if row[1] != 1], [], "acknowledgements for a mail")


@case
def below_the_limit_mail_stays_and_comes_by_itself_when_there_is_room():
    with small_disk() as folder, Desk(folder=folder, notices=DUTY, intake='rescan = "1s";') as desk:
        sums = [desk.drop(plain_mail(1))]
        desk.settled(1)
        fill(desk, 40 * MEGABYTE)
        wait_for_alarm(desk, "no mail is taken")
        wait_until(lambda: desk.ctl("alarms")[0]["told"] == DUTY, "operators are told all the same")
        sums.append(desk.drop(plain_mail(2)))
        expect_equal(desk.deliver(plain_mail(3)), TRY_AGAIN, "status of --deliver")
        expect("no mail is taken" in desk.log_text().splitlines()[-1], "and why")
        expect("ALARM" not in desk.ask("doctor").stdout and "FAIL\tdisk\t" in desk.ask("doctor").stdout, "doctor")
        expect("ok\tsource inbox\tanswers" in desk.ask("doctor").stdout, "the mailbox is not the trouble")
        expect("Alarm\tdisk\t" in desk.ask("status").stdout, "status")
        expect_equal(len(inbox(desk)), 1, "mails that stay in the mailbox")
        fill(desk, 30 * MEGABYTE)
        expect_equal(desk.log_text().count("no mail is taken until there is more"), 1, "said in the log")
        make_room(desk)
        desk.settled(2)
        expect_equal(desk.deliver(plain_mail(3)), 0, "status of --deliver")
        sums.append(hashlib.sha256(plain_mail(3)).hexdigest())
        wait_until(lambda: not desk.ctl("alarms"), "the alarm is over")
        expect_equal(desk.log_text().count("mail is taken again"), 1, "said in the log")
        expect_all_there(desk, sums)


@case
def what_frees_a_little_does_not_start_it_again():
    with small_disk() as folder, Desk(folder=folder, intake='rescan = "1s";') as desk:
        fill(desk, 60 * MEGABYTE)
        wait_for_alarm(desk, "no mail is taken")
        sums = [desk.drop(plain_mail(1))]
        make_room(desk)
        fill(desk, 72 * MEGABYTE)
        expect_equal(desk.deliver(plain_mail(2)), TRY_AGAIN, "between the two limits")
        expect_equal(len(inbox(desk)), 1, "mails that stay in the mailbox")
        make_room(desk)
        expect_all_there(desk, sums)


@case
def a_disk_that_is_full_at_once_loses_nothing():
    with small_disk() as folder, Desk(folder=folder, intake='rescan = "1s";') as desk:
        sums = []
        for number in range(200):
            sums.append(desk.drop(plain_mail(number, sender=f"r{number}@peer{number}.example")))
            if number == 60:
                wait_until(lambda: len(desk.ctl_now("list", "--all")) > 5, "it is at work")
                fill(desk, 0)
        wait_for_alarm(desk, "nothing is written")
        expect(desk.running(), "the daemon runs")
        expect_equal(desk.deliver(plain_mail(999)), TRY_AGAIN, "status of --deliver")
        ends = desk.log_text().count("desk-ends")
        expect(ends <= 1, f"it does not end again and again: {ends}")
        print(f"# the desk ended {ends} times when the disk was full at once")
        make_room(desk)
        expect_all_there(desk, sums)


def listens(desk):
    with socket.socket(socket.AF_UNIX) as one:
        return one.connect_ex(str(desk.folder / "run/lmtp.sock")) == 0


def hand_over(desk, mail):
    """By LMTP, as an MTA does: the code of the answer. Where nobody listens it comes again, too."""
    if not listens(desk):
        return NOBODY
    with smtplib.LMTP(str(desk.folder / "run/lmtp.sock"), local_hostname="mta.sakura.example") as client:
        try:
            client.sendmail("r@peer.example", ["csirt@sakura.example"], mail)
        except smtplib.SMTPRecipientsRefused as refused:
            return list(refused.recipients.values())[0][0]
        except smtplib.SMTPResponseException as refused:
            return refused.smtp_code
    return 250


@case
def servers_keep_their_mail_until_there_is_room():
    with small_disk() as folder, Desk(folder=folder, start=False) as desk, Dovecot(folder) as dovecot:
        desk.configure(intake='rescan = "1s";', sources=", ".join((
            source_at(dovecot.ports["imap"], folder, name="imap", tls="none", after="move"),
            '{ name = "lmtp"; type = "lmtp"; path = "run/lmtp.sock"; }')))
        desk.start()
        given = [plain_mail(number, sender=f"r{number}@peer{number}.example") for number in range(60)]
        for number, mail in enumerate(given[:40]):
            dovecot.drop(mail)
            if number == 20:
                wait_until(lambda: len(desk.ctl_now("list", "--all")) > 5, "it is at work")
                fill(desk, 0)
        wait_for_alarm(desk, "nothing is written")
        codes = {hand_over(desk, mail) for mail in given[40:]}
        expect(codes and max(codes) < 500 and min(codes) >= 400, f"the MTA is to come again: {codes}")
        moved = len(dovecot.mails(box="mado/Done"))
        expect(moved <= desk.ledger()["mails"] < len(given), "what left the mailbox is kept, and not all is")
        make_room(desk)
        for mail in given[40:]:
            wait_until(lambda again=mail: hand_over(desk, again) == 250, "the MTA is rid of a mail")
        expect_all_there(desk, [hashlib.sha256(mail).hexdigest() for mail in given])
        expect_equal((len(dovecot.mails()), len(dovecot.mails(box="mado/Done"))), (0, 40), "mails on the server")


@case
def a_start_on_a_full_disk_waits_for_room_and_answers():
    with small_disk() as folder, Desk(folder=folder, intake='rescan = "1s";') as desk:
        sums = [desk.drop(plain_mail(1))]
        desk.settled(1)
        fill(desk, 0)
        desk.kill_all()
        sums.append(desk.drop(plain_mail(2)))
        desk.start()
        wait_for_alarm(desk, "nothing is written")
        expect_equal(desk.ledger()["mails"], 1, "it can be asked")
        expect_equal(desk.deliver(plain_mail(3)), TRY_AGAIN, "status of --deliver")
        expect("FAIL\tdisk" in desk.ask("doctor").stdout, "doctor")
        make_room(desk)
        expect_all_there(desk, sums)
        expect_equal(desk.log_text().count("desk-ends"), 0, "ends of the desk")


@case
def once_does_not_wait():
    with small_disk() as folder, Desk(folder=folder, start=False) as desk:
        desk.drop(plain_mail(1))
        fill(desk, 40 * MEGABYTE)
        desk.spawn(None, "--once")
        expect_equal(desk.process.wait(BOUND), TRY_AGAIN, "exit status")
        expect_equal(len(inbox(desk)), 1, "mails that stay in the mailbox")
        make_room(desk)
        desk.once()
        expect_equal(inbox(desk), [], "mails that stay in the mailbox")
        expect_equal(desk.ask("status").returncode, UNAVAILABLE, "it has ended")


if __name__ == "__main__":
    main()
