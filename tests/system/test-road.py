#!/usr/bin/env python3
"""One mail's way: from the mailbox to an incident and an acknowledgement."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import (Desk, case, expect, expect_equal, main, plain_mail, sample,  # noqa: E402
                     wait_until)


@case
def one_report_becomes_one_incident_and_one_acknowledgement():
    with Desk() as desk:
        desk.drop(plain_mail())
        ack, = desk.wait_for_acks(1)
        incident, = desk.incidents()
        expect(incident["ticket"] in ack["Subject"], "the number stands in the subject")
        expect_equal(ack["To"].addresses[0].addr_spec, "reporter@peer.example", "answered to")
        expect_equal(ack["In-Reply-To"], "<report-1@peer.example>", "In-Reply-To")
        ledger = desk.settled(1)
        expect_equal((ledger["arrived"], ledger["incident"], ledger["waiting"]), (1, 1, 0), "ledger")
        expect_equal(desk.stop(), 0, "exit status")
        expect_equal(len(desk.acks()), 1, "acknowledgements")


@case
def the_mail_leaves_new_only_after_it_was_taken():
    with Desk() as desk:
        desk.drop(plain_mail(), "1.mail")
        wait_until(lambda: not list((desk.folder / "Maildir/new").iterdir()), "new/ is empty")
        expect_equal([file.name.split(":")[0] for file in (desk.folder / "Maildir/cur").iterdir()],
                     ["1.mail"], "cur/")
        expect_equal(desk.ledger()["mails"], 1, "mails in the store")


@case
def a_japanese_report_is_answered_in_japanese():
    with Desk() as desk:
        desk.drop(sample("01-defacement-ja.eml"))
        ack, = desk.wait_for_acks(1)
        expect("受け付けました" in ack["Subject"], "Japanese subject: " + ack["Subject"])
        expect("さくら工業 CSIRT" in ack.get_content(), "the team's Japanese name")
        expect("改ざん" not in ack.get_content() + ack["Subject"], "no word of the report goes out")
        incident, = desk.incidents()
        expect_equal(incident["subject"], "貴社Webサイトの改ざんについて", "subject")


@case
def a_reply_to_the_acknowledgement_joins_the_incident():
    with Desk() as desk:
        desk.drop(plain_mail(1))
        ack, = desk.wait_for_acks(1)
        desk.drop(plain_mail(2, headers=[f"In-Reply-To: {ack['Message-ID']}"]))
        desk.settled(2)
        expect_equal(len(desk.incidents()), 1, "incidents")


@case
def a_stranger_with_the_number_or_even_the_token_joins_nothing_and_hears_nothing():
    with Desk() as desk:
        desk.drop(plain_mail(1))
        ack, = desk.wait_for_acks(1)
        number = desk.incidents()[0]["ticket"]
        stranger = plain_mail(2, sender="mallory@stranger.example").replace(
            b"Subject: ", f"Subject: Re: [SAKURA#{number}] ".encode())
        token = plain_mail(3, sender="eve@stranger.example",
                           headers=[f"In-Reply-To: {ack['Message-ID']}"])
        desk.drop(stranger)
        desk.drop(token)
        ledger = desk.settled(3)
        expect_equal((ledger["incident"], ledger["pending"]), (1, 2), "ledger")
        expect_equal(desk.stop(), 0, "exit status")
        expect_equal(len(desk.acks()), 1, "acknowledgements")


@case
def machines_are_noted_and_never_answered():
    with Desk() as desk:
        for name in ("12-list-advisory-en.eml", "13-bounce-en.eml", "24-out-of-office-ja.eml"):
            desk.drop(sample(name))
        ledger = desk.settled(3)
        expect_equal(ledger["bounce"], 1, "bounces")
        expect_equal(desk.stop(), 0, "exit status")
        expect_equal(desk.acks(), [], "acknowledgements")


@case
def equal_bytes_are_one_mail_and_another_text_under_one_message_id_is_not():
    with Desk() as desk:
        mail = plain_mail(1)
        desk.drop(mail)
        desk.settled(1)
        desk.drop(mail)
        wait_until(lambda: desk.ledger()["arrived"] == 2, "the second copy has arrived")
        desk.drop(mail.replace(b"scans", b"floods"))
        ledger = desk.settled(2)
        expect_equal((ledger["arrived"], ledger["mails"]), (3, 2), "arrivals and mails")
        expect_equal(ledger["copy"], 0, "another text is no copy")


@case
def operators_are_told_without_a_word_of_the_report():
    with Desk(notices="duty@sakura.example") as desk:
        desk.drop(plain_mail(text="The secret word is heliotrope."))
        desk.wait_for_acks(1)
        notice = wait_until(lambda: [letter for letter in desk.letters()
                                     if letter["To"] and "duty@sakura.example" in letter["To"]], "a notice")[0]
        number = desk.incidents()[0]["ticket"]
        expect(number in notice["Subject"] + notice.get_content(), "the number is told")
        expect("heliotrope" not in notice.as_string() and "Scan from" not in notice.as_string(),
               "no word of the report")


if __name__ == "__main__":
    main()
