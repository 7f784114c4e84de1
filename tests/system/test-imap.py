#!/usr/bin/env python3
"""Mail out of a real Dovecot: each of it once, whatever the server lacks, whoever else reads the same
mailbox, and whatever breaks on the way; and what is done on the server with mail that was taken."""

import contextlib
import hashlib
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from dovecot import Dovecot, source_at  # noqa: E402
from harness import Desk, case, expect, expect_equal, main, wait_until  # noqa: E402
from mailboxes import expect_mails, large_mail, mail, state, wait_for_state  # noqa: E402
from wire import Cut, Dribble, Wire  # noqa: E402

JAPANESE = "報告"
AS_IMAP_HAS_IT = "&WDFUSg-"
TAKEN, DELETED = "$MadoTaken", "\\Deleted"


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


def flags_of(dovecot, box="INBOX"):
    """The flags that somebody set, of each mail."""
    return [sorted(set(flags) - {"\\Recent"}) for _, flags in dovecot.mails(box=box)]


def wait_for_flags(dovecot, wanted, box="INBOX"):
    wait_until(lambda: flags_of(dovecot, box) == wanted, f"flags {wanted} in {box}")


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
def mail_that_comes_while_others_are_fetched_is_noticed():
    """Over two folders: it comes to the first while the second is looked at, too."""
    with house(intake='rescan = "1h";', folders=["INBOX", "a"], start=False) as (desk, dovecot):
        dovecot.maildir(box="a")
        desk.start()
        wait_for_state(desk, "IMAP idle")
        for number in range(40):
            dovecot.drop(mail(number))
        expect_mails(desk, 40)


@case
def idle_is_asked_anew_before_it_is_too_long():
    """Each has its end, on one connection, and is of use."""
    with Desk(start=False) as desk, Dovecot(desk.folder) as dovecot, Wire(dovecot.ports["imap"]) as wire:
        desk.configure(intake='rescan = "1h";',
                       sources=source_at(wire.port, desk.folder, tls="none", idle="1s"))
        desk.start()
        wait_until(lambda: wire.of_server.get(0, b"").count(b"+ idling") >= 4, "four times IDLE")
        dovecot.drop(mail(1))
        expect_mails(desk, 1)
        expect_equal(wire.connections, 1, "connections")


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
            for number in (2, 1):  # a new one with the uid of the old one, and the old one with another
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
        dovecot.drop(mail(5))  # now the folder is there already
        wait_until(lambda: len(dovecot.mails(box="mado/Done")) == 6 and not dovecot.mails(), "it is moved, too")
        expect_equal(flags_of(dovecot, "mado/Done"), [[]] * 6, "flags")
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

def hashes(desk):
    """SHA-256 of each mail in the store of a daemon that has ended."""
    with desk.store() as store:
        return [row[0] for row in store.execute("SELECT sha256 FROM mail")]


@case
def a_person_who_reads_the_same_mailbox_disturbs_nothing():
    """Reads, flags, moves, deletes; and expunges, which mado may or may not have been faster than."""
    number_of, seen, deleted = 80, 0, 0
    with house(after="keyword", folders=["INBOX", "sorted"], start=False) as (desk, dovecot):
        dovecot.maildir(box="sorted")
        desk.start()
        with dovecot.person() as person:
            for number in range(number_of):
                dovecot.drop(mail(number))
                person.select("INBOX")
                if number % 4 == 0:
                    person.uid("STORE", "*", "+FLAGS", "(\\Seen \\Deleted \\Flagged)")
                elif number % 4 == 1:
                    person.uid("MOVE", "*", "sorted")
                elif number % 4 == 2:
                    person.uid("STORE", "*", "+FLAGS", "(\\Deleted)")
                    person.uid("EXPUNGE", "*")
        kept = [hashlib.sha256(mail(number)).hexdigest() for number in range(number_of) if number % 4 != 2]
        desk.settled(len(kept))
        wait_until(lambda: all(TAKEN in flags for box in ("INBOX", "sorted") for flags in flags_of(dovecot, box)),
                   "all are marked")
        flags = flags_of(dovecot) + flags_of(dovecot, "sorted")
        for flag in (DELETED, "\\Seen", "\\Flagged"):
            expect_equal(sum(flag in some for some in flags), number_of // 4, f"mails that have {flag}, all the person's")
        expect_equal(len(flags), len(kept), "mails on the server")
        expect_equal(desk.stop(), 0, "exit status")
        found = hashes(desk)
        expect(set(kept) <= set(found), "each that was there to be taken is in the store")
        expect_equal(len(found), len(set(found)), "each once")


@case
def a_mail_that_is_too_large_stays_and_is_said():
    with house(intake='rescan = "1s"; max_message = "64KiB";', after="move") as (desk, dovecot):
        dovecot.drop(large_mail(100000))
        dovecot.drop(mail(1))
        expect_mails(desk, 1)
        wait_until(lambda: "intake.max_message allows 65536" in desk.left_behind(), "it is said")
        wait_until(lambda: len(dovecot.mails()) == 1, "the other is moved, it stays")


@case
def a_long_catch_up_says_how_far_it_is():
    with house(intake='rescan = "1s";', start=False) as (desk, dovecot):
        for number in range(800):
            dovecot.drop(mail(number))
        desk.start()
        wait_until(lambda: "done=800 of=800" in desk.log_text(), "the end is said")
        expect("done=600 of=800" in desk.log_text(), "progress is said")
        expect_equal(desk.ledger()["mails"], 800, "mails in the store")


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
    cuts = [400, 900, 1700, 2300, 3100]
    with Desk(start=False) as desk, Dovecot(desk.folder) as dovecot:
        with Wire(dovecot.ports["imap"], lambda number: Cut(cuts[number]) if number < len(cuts) else None) as wire:
            desk.configure(intake='rescan = "1s";', sources=source_at(wire.port, desk.folder, tls="none", after="keyword"))
            for number in range(20):
                dovecot.drop(mail(number))
            desk.start()
            expect_mails(desk, 20)
            wait_for_flags(dovecot, [[TAKEN]] * 20)
            wait_until(lambda: wire.connections > len(cuts), "the wire was cut each time")
            expect_mails(desk, 20)


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
