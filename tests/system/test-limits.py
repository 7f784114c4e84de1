#!/usr/bin/env python3
"""What one mail may take of the reader: memory, processor time, time. Each is hit by a real mail, and
the next mail is served at once. And what a large one takes of the role that fetches it. In the build
without sanitizers, which take memory of their own."""

import base64
import os
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from dovecot import Dovecot, source_at  # noqa: E402
from harness import Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402

MIB = 1 << 20
LARGE = 'max_message = "512MiB";'


def heavy_mail(size, parts=1):
    """Attachments that only have to be decoded and hashed: much memory, much time."""
    part = (b"--cut\r\nContent-Type: application/octet-stream\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(os.urandom(size)))
    return (b"From: A. Heavy <heavy@peer.example>\r\nSubject: heavy\r\nMessage-ID: <h@peer.example>\r\n"
            b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n"
            + part * parts + b"--cut--\r\n")


def is_set_aside_and_the_next_is_served(mail, reason, daemon):
    with Desk(daemon=daemon, intake=LARGE) as desk:
        desk.drop(mail)
        ledger = desk.settled(1)
        expect_equal(ledger["quarantine"], 1, "set aside")
        expect(reason in desk.log_text(), f"the log names the limit ({reason})")
        stub, = desk.incidents()
        expect("could not be read" in stub["subject"], "a stub that a person sees: " + stub["subject"])
        begin = time.monotonic()
        desk.drop(plain_mail(2))
        desk.settled(2)
        expect(time.monotonic() - begin < 1, "the next mail is served within a second")
        desk.stop()
        with desk.store() as store:
            expect(store.execute("SELECT sum(length(bytes)) FROM mail_chunk").fetchone()[0] > len(mail),
                   "the raw mail is kept")


@case
def a_mail_that_needs_more_memory_than_it_may_have_is_set_aside():
    is_set_aside_and_the_next_is_served(heavy_mail(60 * MIB), "memory",
                                        'reader_memory = "100MiB";')


@case
def a_mail_that_needs_more_processor_time_than_it_may_have_is_set_aside():
    is_set_aside_and_the_next_is_served(heavy_mail(40 * MIB, 6), "processor time",
                                        'reader_time = "1s"; reader_memory = "4GiB";')


@case
def a_mail_that_takes_longer_than_it_may_is_set_aside():
    is_set_aside_and_the_next_is_served(heavy_mail(40 * MIB, 6), "took too long",
                                        'patience = "1s"; reader_memory = "4GiB";')


@case
def charsets_that_mail_seldom_names_are_read_all_the_same():
    names = {"IBM037": "cp037", "IBM500": "cp500", "CP737": "cp737", "MAC-CYRILLIC": "mac_cyrillic",
             "ISO-8859-3": "iso8859_3", "EUC-KR": "euc_kr", "UTF-7": "utf_7"}
    with Desk() as desk:
        for number, (label, codec) in enumerate(names.items()):
            desk.drop(b"From: a@b%d.example\r\nSubject: rare %d\r\nMIME-Version: 1.0\r\n"
                      b"Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: base64\r\n\r\n%s"
                      % (number, number, label.encode(), base64.encodebytes(f"Seen at {label}".encode(codec))))
        expect_equal(desk.settled(len(names))["incident"], len(names), "incidents")
        for label in names:
            expect_equal(len(desk.ctl("search", f'"Seen at {label}"')), 1, label)


def most_memory(desk, role):
    """The most that the role has had in memory so far, in bytes."""
    pid, = desk.role_pids(role)
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


@case
def a_mail_of_fifty_megabytes_is_fetched_without_being_in_memory():
    mail = heavy_mail(36 * MIB)
    with Desk(start=False) as desk, Dovecot(desk.folder) as dovecot:
        desk.configure(sources=source_at(dovecot.ports["imap"], desk.folder, tls="none"))
        desk.start()
        dovecot.drop(plain_mail(1))
        desk.settled(1)
        before = most_memory(desk, "intake")
        dovecot.drop(mail)
        wait_until(lambda: desk.ledger()["mails"] == 2, "the large mail is taken")
        grown = most_memory(desk, "intake") - before
        expect(grown < MIB, f"the intake took {grown} bytes for a mail of {len(mail)}")


if __name__ == "__main__":
    main()
