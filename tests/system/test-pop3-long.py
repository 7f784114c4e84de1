#!/usr/bin/env python3
"""POP3 cut anywhere, killed anywhere, and with names that come twice: what the unit tests say for every byte,
against a real Dovecot."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from certificates import Certificates  # noqa: E402
from dovecot import Dovecot  # noqa: E402
from harness import Desk, case, expect_equal, main  # noqa: E402
from mailboxes import expect_mails, mail  # noqa: E402
from pop3 import house, killed_at, pop3_at, wait_until_empty  # noqa: E402
from wire import Cut, Dribble  # noqa: E402


@case
def a_pinned_certificate_is_believed():
    with Desk(start=False) as desk:
        made = Certificates(desk.folder)
        with Dovecot(desk.folder, made.self_signed) as dovecot:
            desk.configure(sources=pop3_at(dovecot.ports["pop3s"], desk, tls="tls", fingerprint=made.self_signed.fingerprint))
            dovecot.drop(mail(1))
            desk.start()
            expect_mails(desk, 1)


def count_anew(dovecot):
    dovecot.stop()
    for file in dovecot.maildir().glob("dovecot*"):
        file.unlink()
    dovecot.start()


@case
def a_mail_that_takes_the_name_of_another_is_not_deleted_in_its_place():
    """Dovecot gives the UID for a name here, and is made to count from 1 again; RFC 1939 7 allows that."""
    with house(after="delete", more="protocol pop3 {\n  pop3_uidl_format = %08Xu\n}") as (desk, dovecot):
        dovecot.drop(mail(1))
        expect_mails(desk, 1)
        wait_until_empty(dovecot)
        count_anew(dovecot)
        dovecot.drop(mail(2))
        expect_mails(desk, 2)
        wait_until_empty(dovecot)
        expect_equal(desk.ledger()["arrived"], 2, "arrivals")
        desk.stop()
        count_anew(dovecot)
        dovecot.drop(mail(3))
        desk.start()
        expect_mails(desk, 3)
        wait_until_empty(dovecot)


@case
def a_connection_that_is_cut_anywhere_loses_and_repeats_nothing():
    cuts = [90, 400, 1300, 2300, 5000, 9000]

    def plan(number):
        if number >= 2 * len(cuts):
            return None
        return Cut(cuts[number // 2], of_client=False) if number % 2 else Cut(cuts[number // 2] // 4, of_client=True)
    with house(after="delete", wire=plan, start=False) as (desk, dovecot):
        for number in range(20):
            dovecot.drop(mail(number))
        desk.start()
        expect_mails(desk, 20)
        wait_until_empty(dovecot)
        expect_equal(desk.ledger()["mails"], 20, "mails in the store")


@case
def bytes_that_come_one_by_one_are_taken():
    with house(wire=lambda number: Dribble(), after="delete") as (desk, dovecot):
        dovecot.drop(mail(1))
        expect_mails(desk, 1)
        wait_until_empty(dovecot)


killed_at("store_commit:2", range(5, 11))
killed_at("intake_told:1", range(5, 11))


if __name__ == "__main__":
    main()
