#!/usr/bin/env python3
"""Letters that come back: told apart, tied to the letter of ours, and of no use to a stranger."""

import email
import json
import os
import re
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(__file__))
from harness import (BOUND, PROGRAMS, SOURCE, Desk, case, expect, expect_equal, main,  # noqa: E402
                     plain_mail, wait_until)
from relay import Relay  # noqa: E402

REPORTER = "reporter@peer.example"
# What explain says of each sample: (recipient, status, reply code, reason, permanent), ...
SAMPLES = {
    "dsn-two-recipients": [("hanako@yamabuki.example", "5.1.1", "550", "userunknown", True),
                           ("taro@yamabuki.example", "4.2.2", "452", "mailboxfull", False)],
    "qmail": [("kawa@kawa.example", "5.1.1", "550", "userunknown", True)],
    "exim-warning": [("soc@hinode.example", None, None, "expired", False)],
    "sendmail-transcript": [("noc@yama.example", "5.7.1", "554", "authfailure", False)],
    "carrier-ja": [("hanako@keitai.example", None, "550", "userunknown", True)],
    "exchange": [("info@kabushiki.example", None, None, "mailboxfull", False)],
    "delivered": [("hanako@yamabuki.example", "2.1.5", "250", "delivered", False)],
    "complaint": [("reader@provider.example", None, None, "feedback", False)],
}
FIELDS = ("recipient", "status", "reply_code", "reason", "permanent")


def report_of(letter, action="failed", status="5.1.1", recipient=REPORTER, message_id=None, number=1,
              reply="550 5.1.1 no such user", to="csirt@sakura.example"):
    """The bounce that a mail system makes of this very letter (RFC 3464)."""
    header = re.split(rb"\r?\n\r?\n", letter.as_bytes(), maxsplit=1)[0].decode()
    if message_id:
        header = header.replace(letter["Message-ID"], message_id)
    lines = ["Return-Path: <>", "From: MAILER-DAEMON@mx.peer.example", f"To: {to}",
             "Subject: Undelivered Mail Returned to Sender", f"Message-ID: <bounce-{number}@mx.peer.example>",
             "Date: Fri, 20 Nov 2026 09:30:00 +0900", "MIME-Version: 1.0",
             'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "", "--b",
             "Content-Type: text/plain", "", f"<{recipient}>: {reply}", "", "--b",
             "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.peer.example", "",
             f"Final-Recipient: rfc822; {recipient}", f"Action: {action}", f"Status: {status}",
             f"Diagnostic-Code: smtp; {reply}", "", "--b", "Content-Type: text/rfc822-headers", "", header, "",
             "--b--", ""]
    return "\r\n".join(lines).encode()


def explain(*files):
    done = subprocess.run([PROGRAMS / "madoctl", "explain", "--json", *files], capture_output=True, cwd="/", timeout=BOUND)
    expect_equal(done.returncode, 0, done.stderr.decode(errors="replace"))
    return [json.loads(line) for line in done.stdout.splitlines()]


def letter_row(desk):
    row, = desk.ctl("outbox")
    return row


def one_ticket(desk):
    ticket, = desk.incidents()
    return desk.ctl("show", ticket["ticket"])[0]


def acknowledged(desk):
    desk.drop(plain_mail(1))
    ack, = desk.wait_for_acks(1)
    desk.settled(1)
    return ack


@case
def explain_tells_of_each_recipient_what_happened():
    for name, rows in SAMPLES.items():
        one, = explain(SOURCE / "tests/samples/bounces" / f"{name}.eml")
        expect_equal([tuple(bounce[field] for field in FIELDS) for bounce in one["bounce"]], rows, name)
        expect_equal(one["feedback_type"], "fraud" if name == "complaint" else None, name)
        expect_equal(one["machine"]["kind"], "feedback" if name == "complaint" else "bounce", name)


@case
def a_letter_that_comes_back_has_failed_and_its_ticket_says_so():
    with Desk() as desk:
        ack = acknowledged(desk)
        desk.drop(report_of(ack))
        ledger = desk.settled(2)
        expect_equal((ledger["incident"], ledger["bounce"]), (1, 1), "ledger")
        row = letter_row(desk)
        expect_equal(row["state"], "failed", "the letter")
        expect("userunknown 550 5.1.1" in row["reply"], f"the reply says why: {row['reply']}")
        ticket = one_ticket(desk)
        delivery, = ticket["deliveries"]
        expect_equal({name: delivery[name] for name in (*FIELDS, "outcome", "letter")},
                     {"recipient": REPORTER, "status": "5.1.1", "reply_code": "550", "reason": "userunknown",
                      "permanent": True, "outcome": "failed", "letter": row["id"]}, "the delivery")
        kinds = [event["kind"] for event in ticket["events"]]
        expect({"related", "delivery", "mail-returned"} <= set(kinds), f"the journal: {kinds}")
        expect_equal(ticket["acknowledged"]["state"], "failed", "the acknowledgement")
        screen = desk.ask("show", ticket["ticket"]).stdout
        expect(REPORTER in screen and "userunknown" in screen, f"the screen: {screen}")
        expect_equal(desk.stop(), 0, "exit status")
        expect_equal(len(desk.letters()), 1, "a bounce is not answered")


@case
def explain_shows_what_the_bounce_would_change():
    with Desk() as desk:
        file = desk.folder / "bounce.eml"
        file.write_bytes(report_of(acknowledged(desk)))
        one, = desk.ctl("explain", str(file))
        actions = {action["action"]: action for action in one["actions"]}
        expect_equal(actions["relate"]["by"], "letter", "related")
        expect_equal((actions["delivery"]["outcome"], actions["delivery"]["permanent"]), ("failed", True), "delivery")
        expect_equal(actions["returned"]["letter"], letter_row(desk)["id"], "returned")
        expect_equal(letter_row(desk)["state"], "sent", "and nothing was changed")


@case
def a_forged_bounce_changes_nothing():
    with Desk() as desk:
        ack = acknowledged(desk)
        token = ack["Message-ID"].strip("<>").split(".")[1]
        number = ack["Message-ID"].strip("<>").split(".")[0]
        desk.drop(report_of(ack, message_id="<guessed@sakura.example>", number=2))
        desk.drop(report_of(ack, message_id=ack["Message-ID"].upper(), number=3))
        desk.drop(report_of(ack, message_id="<x@peer.example>", number=4,
                            to=f"csirt+{number}.{token[::-1]}@sakura.example"))
        # a person who knows it is no mail system
        desk.drop(plain_mail(5, headers=[f"References: {ack['Message-ID']}"],
                             text=f"Final-Recipient: rfc822; {REPORTER}\r\nAction: failed\r\nStatus: 5.1.1\r\n"))
        ledger = desk.settled(5)
        expect_equal(ledger["bounce"], 3, "bounces are noted")
        first = [row for row in desk.ctl("outbox") if row["kind"] == "ack"][-1]
        expect_equal(first["state"], "sent", "the letter")
        expect_equal(one_ticket(desk)["deliveries"], [], "deliveries")


def made_of_whole_cloth(subject, number, failed=(REPORTER,), headers=()):
    """A bounce that nobody sent: it knows what everybody may know."""
    groups = [line for recipient in failed for line in
              ("", f"Final-Recipient: rfc822; {recipient}", "Action: failed", "Status: 5.1.1")]
    lines = ["Return-Path: <>", "From: MAILER-DAEMON@evil.example", "To: csirt@sakura.example", f"Subject: {subject}",
             f"Message-ID: <false-{number}@evil.example>", "MIME-Version: 1.0", *headers,
             'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "", "--b",
             "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.evil.example", *groups, "",
             "--b--", ""]
    return "\r\n".join(lines).encode()


@case
def a_bounce_that_knows_a_number_only_is_no_part_of_the_incident():
    with Desk() as desk:
        acknowledged(desk)
        before = one_ticket(desk)
        desk.drop(made_of_whole_cloth(f"Undelivered: {before['tag']}#{before['ticket']}", 2))
        desk.drop(made_of_whole_cloth("Undelivered", 3, headers=[
            f"References: <{before['ticket'][:9]}.0123456789abcdef.1@sakura.example>"]))
        desk.settled(3)
        after = one_ticket(desk)
        for field in ("events", "deliveries", "updated"):
            expect_equal(after[field], before[field], f"the {field} of the ticket")
        expect_equal([row["mail"] for row in after["mails"]], [row["mail"] for row in before["mails"]], "its mails")
        expect_equal([row["claims"] for row in desk.ctl("ledger", "bounce")], [before["ticket"]] * 2,
                     "what they claim is said")


@case
def a_bounce_finds_home_by_the_address_it_came_to():
    with Desk() as desk:
        ack = acknowledged(desk)
        token = ack["Message-ID"].strip("<>").split(".")[1]
        number = ack["Message-ID"].strip("<>").split(".")[0]
        desk.drop(report_of(ack, message_id="<rewritten@peer.example>",
                            to=f"csirt+{number}.{token}@sakura.example"))
        desk.settled(2)
        expect_equal(letter_row(desk)["state"], "failed", "the letter")


@case
def a_delay_and_a_success_leave_the_letter_as_it_was():
    with Desk() as desk:
        ack = acknowledged(desk)
        desk.drop(report_of(ack, action="delayed", status="4.2.2", reply="452 4.2.2 over quota", number=2))
        desk.drop(report_of(ack, action="relayed", status="2.0.0", reply="250 ok", number=3))
        ledger = desk.settled(3)
        expect_equal(ledger["bounce"], 2, "bounces are noted")
        expect_equal(letter_row(desk)["state"], "sent", "the letter")
        expect_equal(sorted((row["outcome"], row["reason"], row["permanent"]) for row in one_ticket(desk)["deliveries"]),
                     [("delayed", "mailboxfull", False), ("delivered", "delivered", False)], "deliveries")


@case
def a_second_bounce_changes_no_letter_again():
    with Desk() as desk:
        ack = acknowledged(desk)
        desk.drop(report_of(ack, number=2))
        desk.settled(2)
        reply = letter_row(desk)["reply"]
        desk.drop(report_of(ack, status="5.2.2", reply="552 5.2.2 mailbox full", number=3))
        desk.settled(3)
        expect_equal(letter_row(desk)["reply"], reply, "the reply")
        ticket = one_ticket(desk)
        expect_equal(len(ticket["deliveries"]), 2, "both are noted")
        expect_equal([event["kind"] for event in ticket["events"]].count("mail-returned"), 1, "it came back once")


@case
def who_lets_acknowledgements_bounce_gets_no_more_of_them():
    with Desk(acknowledge="per_address_daily = 1;") as desk:
        desk.drop(report_of(acknowledged(desk), number=2))
        desk.settled(2)
        expect_equal(letter_row(desk)["state"], "failed", "the letter")
        desk.drop(plain_mail(3))
        desk.settled(3)
        expect_equal(desk.stop(), 0, "exit status")
        expect_equal(len(desk.acks()), 1, "acknowledgements")


@case
def a_bounce_that_is_faster_than_the_relay_s_answer_is_an_alarm_all_the_same():
    taken, answer = threading.Event(), threading.Event()
    with Relay(cut=lambda number: taken.set() or not answer.wait(BOUND)) as relay, Desk(outgoing=relay.settings) as desk:
        desk.drop(plain_mail(1))
        expect(taken.wait(BOUND), "the dot came")
        letter, = desk.ctl("outbox", "show", str(letter_row(desk)["id"]))
        expect_equal(letter["state"], "sending", "state")
        desk.drop(report_of(email.message_from_string("\n".join(letter["headers"]) + "\n\n")))
        desk.settled(2)
        expect_equal(letter_row(desk)["state"], "failed", "state behind the bounce")
        answer.set()
        wait_until(lambda: "was failed already: 250" in desk.log_text(), "the courier's word is heard")
        expect_equal(letter_row(desk)["state"], "failed", "state behind the answer")
        wait_until(lambda: [alarm for alarm in desk.ctl("alarms") if alarm["condition"] == "letters"], "an alarm")


if __name__ == "__main__":
    main()
