#!/usr/bin/env python3
"""Mail out of a real Dovecot: each of it once, whatever the server lacks, whoever else reads the same
mailbox, and whatever breaks on the way; and what is done on the server with mail that was taken."""

import contextlib
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from certificates import Certificates  # noqa: E402
from dovecot import Dovecot, source_at  # noqa: E402
from harness import Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402
from wire import Cut, Dribble, Wire  # noqa: E402

JAPANESE = "報告"
AS_IMAP_HAS_IT = "&WDFUSg-"
ATTACHMENT = 40 << 20
TAKEN, DELETED = "$MadoTaken", "\\Deleted"


def mail(number):
    return plain_mail(number, sender=f"r{number}@peer.example")


def large_mail(size):
    line = b"QUJD" * 18 + b"\r\n"
    return (b"From: a@peer.example\r\nSubject: large\r\nMIME-Version: 1.0\r\nContent-Type: application/zip\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + line * (size // len(line)))


@contextlib.contextmanager
def house(intake='rescan = "1s";', without=(), daemon="", port=lambda dovecot: dovecot.ports["imap"], start=True,
          fault=None, **source):
    """A desk that reads the mailbox of csirt in a Dovecot, without TLS."""
    with Desk(start=False) as desk, Dovecot(desk.folder, without=without) as dovecot:
        desk.configure(intake=intake, daemon=daemon, acknowledge='mode = "off";',
                       sources=source_at(port(dovecot), desk.folder, **{"tls": "none", **source}))
        if start:
            desk.start(fault)
        yield desk, dovecot


def state(desk):
    rows = desk.ctl_now("status")
    return rows[0]["sources"][0]["state"] if rows else ""


def wait_for_state(desk, words):
    return wait_until(lambda: words in state(desk), f"the state has: {words}")


def flags_of(dovecot, box="INBOX"):
    """The flags that somebody set, of each mail."""
    return [sorted(set(flags) - {"\\Recent"}) for _, flags in dovecot.mails(box=box)]


def wait_for_flags(dovecot, wanted, box="INBOX"):
    wait_until(lambda: flags_of(dovecot, box) == wanted, f"flags {wanted} in {box}")


def expect_mails(desk, number):
    ledger = desk.settled(number)
    expect_equal(ledger["mails"], number, "mails in the store")


# -- ways in ------------------------------------------------------------------------------------------

def way_in(tls, auth, port):
    def comes_in():
        with Desk(start=False) as desk:
            made = Certificates(desk.folder)
            with Dovecot(desk.folder, made.good, no_plain=tls != "none") as dovecot:
                desk.configure(sources=source_at(dovecot.ports[port], desk.folder, tls=tls, auth=auth, ca_file=made.ca))
                dovecot.drop(mail(1))
                desk.start()
                expect_mails(desk, 1)
                expect("method=PLAIN" in dovecot.log_text(), "a login is in the server's log")
                expect_equal(flags_of(dovecot), [[]], "flags of a mail that is left as it is")
    comes_in.__name__ = f"mail_comes_by_{tls}_and_auth_{auth}"
    return case(comes_in)


for way in (("tls", "plain", "imaps"), ("starttls", "plain", "imap"), ("starttls", "login", "imap"),
            ("none", "plain", "imap")):
    way_in(*way)


# -- news ---------------------------------------------------------------------------------------------

@case
def idle_brings_news_at_once():
    with house(intake='rescan = "1h";') as (desk, dovecot):
        wait_for_state(desk, "IMAP idle")
        for number in range(3):
            dovecot.drop(mail(number))
            expect_mails(desk, number + 1)
            wait_for_state(desk, "IMAP idle")


@case
def without_idle_it_looks_from_time_to_time():
    with house(without=("IDLE",)) as (desk, dovecot):
        wait_for_state(desk, "IMAP, looks every 1 s")
        dovecot.drop(mail(1))
        expect_mails(desk, 1)
        expect("IDLE" not in dovecot.log_text(), "no IDLE")


@case
def several_folders_are_read():
    folders = ["INBOX", JAPANESE, "a/b & c"]
    with house(folders=folders, after="keyword", start=False) as (desk, dovecot):
        for number, box in enumerate(("INBOX", AS_IMAP_HAS_IT, "a/b &- c")):
            dovecot.drop(mail(number), box=box)
        desk.start()
        expect_mails(desk, 3)
        for number, box in enumerate(("INBOX", AS_IMAP_HAS_IT, "a/b &- c")):
            wait_for_flags(dovecot, [[TAKEN]], box)
            dovecot.drop(mail(10 + number), box=box)
        expect_mails(desk, 6)


@case
def a_folder_that_is_missing_is_said():
    with house(folders=["INBOX", "nowhere"]) as (desk, dovecot):
        wait_for_state(desk, 'folder "nowhere"')
        with dovecot.person() as person:
            person.create("nowhere")
        wait_for_state(desk, "IMAP idle")


@case
def a_folder_that_is_made_anew_is_read_anew():
    with house(folders=["INBOX", "reports"], start=False) as (desk, dovecot):
        dovecot.drop(mail(1), box="reports")
        desk.start()
        expect_mails(desk, 1)
        with dovecot.person() as person:
            person.delete("reports")
        wait_for_state(desk, "reports")
        with dovecot.person() as person:
            expect_equal(person.create("reports")[0], "OK", "a new folder")
            for number in (1, 2):  # the first with the same uid and bytes as before, the second is new
                person.append("reports", None, None, mail(number))
        wait_until(lambda: "mailbox-renewed" in desk.log_text(), "the new UIDVALIDITY is noticed")
        expect_mails(desk, 2)


# -- what is done with mail that was taken ------------------------------------------------------------

@case
def what_was_taken_gets_a_keyword():
    with house(after="keyword") as (desk, dovecot):
        for number in range(5):
            dovecot.drop(mail(number))
        expect_mails(desk, 5)
        wait_for_flags(dovecot, [[TAKEN]] * 5)


@case
def a_mailbox_that_was_not_told_is_told_later():
    with house(after="keyword", start=False) as (desk, dovecot):
        dovecot.drop(mail(1))
        desk.spawn("intake_taken:1")
        wait_until(lambda: desk.struck("intake_taken"), "killed between the commit and the keyword")
        desk.restart()
        wait_for_flags(dovecot, [[TAKEN]])
        expect_mails(desk, 1)


def subscribed(dovecot):
    with dovecot.person() as person:
        return " ".join(str(line) for line in person.lsub()[1])


@case
def what_was_taken_is_moved():
    with house(after="move") as (desk, dovecot):
        for number in range(5):
            dovecot.drop(mail(number))
        expect_mails(desk, 5)
        wait_until(lambda: len(dovecot.mails(box="mado/Done")) == 5 and not dovecot.mails(), "all are moved")
        expect("mado/Done" in subscribed(dovecot), "people see the new folder")


def person_deletes(dovecot, number):
    """Marks one mail as deleted, and leaves it so."""
    with dovecot.person(box="INBOX") as person:
        person.uid("STORE", str(number), "+FLAGS", "(\\Deleted)")


def with_a_deleted_one(without):
    """A mail that is too large stays; a person has marked it as deleted."""
    return house(after="move", without=without, intake='rescan = "1s"; max_message = "64KiB";', start=False)


@case
def without_move_mail_is_copied_and_expunged_alone():
    with with_a_deleted_one(("MOVE",)) as (desk, dovecot):
        dovecot.drop(large_mail(100000))
        person_deletes(dovecot, 1)
        for number in range(4):
            dovecot.drop(mail(number))
        desk.start()
        expect_mails(desk, 4)
        wait_until(lambda: len(dovecot.mails(box="mado/Done")) == 4 and len(dovecot.mails()) == 1, "all are moved")
        expect_equal(flags_of(dovecot), [[DELETED]], "what a person deleted is still there")
        expect_equal(flags_of(dovecot, "mado/Done"), [[]] * 4, "flags of the copies")


@case
def without_uidplus_nothing_is_expunged():
    with with_a_deleted_one(("MOVE", "UIDPLUS")) as (desk, dovecot):
        dovecot.drop(large_mail(100000))
        person_deletes(dovecot, 1)
        dovecot.drop(mail(1))
        desk.start()
        expect_mails(desk, 1)
        wait_for_flags(dovecot, [[DELETED], ["$MadoCopied", TAKEN]])
        expect_equal(len(dovecot.mails(box="mado/Done")), 1, "copies")
        wait_until(lambda: "oes not" in state(desk) or "stays" in state(desk), "it is said")
        desk.restart()  # it is told again, and nothing is copied again
        dovecot.drop(mail(2))
        expect_mails(desk, 2)
        wait_for_flags(dovecot, [[DELETED], ["$MadoCopied", TAKEN], ["$MadoCopied", TAKEN]])
        expect_equal(len(dovecot.mails(box="mado/Done")), 2, "copies")


@case
def a_move_that_was_cut_in_the_middle_is_finished():
    with house(after="move", without=("MOVE",), start=False) as (desk, dovecot):
        dovecot.drop(mail(1))
        desk.spawn("imap_copied:1")
        wait_until(lambda: desk.struck("imap_copied"), "killed between copy and expunge")
        expect_equal(len(dovecot.mails()), 1, "the original is still there")
        desk.restart()
        wait_until(lambda: not dovecot.mails(), "the original is removed")
        expect_equal(len(dovecot.mails(box="mado/Done")), 1, "copies")


# -- other people and other trouble -------------------------------------------------------------------

@case
def a_person_who_reads_the_same_mailbox_disturbs_nothing():
    with house(after="keyword", folders=["INBOX", "sorted"], start=False) as (desk, dovecot):
        dovecot.maildir(box="sorted")
        desk.start()
        with dovecot.person() as person:
            for number in range(60):
                dovecot.drop(mail(number))
                person.select("INBOX")
                if number % 3 == 0:
                    person.uid("STORE", "*", "+FLAGS", "(\\Seen \\Deleted \\Flagged)")
                elif number % 3 == 1:
                    person.uid("MOVE", "*", "sorted")
        expect_mails(desk, 60)
        wait_until(lambda: all(TAKEN in flags for box in ("INBOX", "sorted") for flags in flags_of(dovecot, box)),
                   "all are marked")
        kept = flags_of(dovecot) + flags_of(dovecot, "sorted")
        expect_equal(len(kept), 60, "mails on the server")
        expect_equal(sum(DELETED in flags for flags in kept), 20, "mails that the person deleted")


def peak(desk):
    """The most memory that the intake has had, in kB."""
    pid = wait_until(lambda: desk.role_pids("intake"), "an intake runs")[0]
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


@case
def a_large_mail_takes_no_memory():
    with house(intake='rescan = "1s"; max_message = "50MiB";') as (desk, dovecot):
        dovecot.drop(mail(1))
        expect_mails(desk, 1)
        before = peak(desk)
        dovecot.drop(large_mail(ATTACHMENT))
        wait_until(lambda: desk.ledger()["mails"] == 2, "the large mail is taken")
        expect(peak(desk) - before < ATTACHMENT // 1024 // 4, f"memory grew from {before} kB to {peak(desk)} kB")


@case
def a_mail_that_is_too_large_stays_and_is_said():
    with house(intake='rescan = "1s"; max_message = "64KiB";', after="move") as (desk, dovecot):
        dovecot.drop(large_mail(100000))
        dovecot.drop(mail(1))
        expect_mails(desk, 1)
        wait_for_state(desk, "intake.max_message allows 65536")
        wait_until(lambda: len(dovecot.mails()) == 1, "the other is moved, it stays")


@case
def a_long_catch_up_says_how_far_it_is():
    with house(intake='rescan = "1s";', start=False) as (desk, dovecot):
        for number in range(2000):
            dovecot.drop(mail(number))
        desk.start()
        wait_until(lambda: desk.ledger()["mails"] == 2000, "all are taken")
        wait_until(lambda: "done=2000 of=2000" in desk.log_text(), "the end is said")
        expect("done=1000 of=2000" in desk.log_text(), "progress is said")


@case
def a_server_that_starts_again_is_connected_again():
    with house() as (desk, dovecot):
        dovecot.drop(mail(1))
        expect_mails(desk, 1)
        dovecot.stop()
        wait_for_state(desk, "trouble")
        dovecot.drop(mail(2))
        dovecot.start()
        expect_mails(desk, 2)
        wait_for_state(desk, "IMAP idle")


@case
def a_connection_that_is_cut_anywhere_loses_and_repeats_nothing():
    cuts = [900, 1300, 1700, 2300, 3100, 5000, 9000]
    with Desk(start=False) as desk, Dovecot(desk.folder) as dovecot:
        with Wire(dovecot.ports["imap"], lambda number: Cut(cuts[number]) if number < len(cuts) else None) as wire:
            desk.configure(intake='rescan = "1s";', sources=source_at(wire.port, desk.folder, tls="none", after="keyword"))
            for number in range(20):
                dovecot.drop(mail(number))
            desk.start()
            expect_mails(desk, 20)
            wait_for_flags(dovecot, [[TAKEN]] * 20)
            expect(wire.connections > len(cuts), "the wire was cut each time")


@case
def bytes_that_come_one_by_one_are_taken():
    with Desk(start=False) as desk, Dovecot(desk.folder) as dovecot:
        with Wire(dovecot.ports["imap"], lambda number: Dribble()) as wire:
            desk.configure(intake='rescan = "1s";', sources=source_at(wire.port, desk.folder, tls="none"))
            dovecot.drop(mail(1))
            desk.start()
            expect_mails(desk, 1)


if __name__ == "__main__":
    main()
