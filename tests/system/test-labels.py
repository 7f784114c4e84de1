#!/usr/bin/env python3
"""Labels and numbers of other trackers: from real mails to the incident, the answer and its readers."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Desk, case, expect, expect_equal, main  # noqa: E402

PEERS = 'foreign = ( { authority = "ACME-CERT"; shape = "ACME-000000"; } );'


def mail(number, subject, text="A fake site.\n", headers=()):
    return (f"From: Reporter <reporter@peer.example>\nTo: csirt@sakura.example\nSubject: {subject}\n"
            f"Message-ID: <labels-{number}@peer.example>\nDate: Fri, 20 Nov 2026 09:00:00 +0900\n"
            + "".join(f"{header}\n" for header in headers)
            + "Content-Type: text/plain; charset=utf-8\n\n" + text).encode()


def one(desk):
    incident, = desk.incidents()
    return incident


@case
def a_new_incident_has_the_label_of_its_mail():
    for number, (subject, text, label) in enumerate((
            ("fake site", "Hello.\n", "TLP:AMBER"),
            ("[TLP: GREEN] fake site", "Hello.\n", "TLP:GREEN"),
            ("fake site", "ＴＬＰ：ＲＥＤ\nHello.\n", "TLP:RED"),
            ("[TLP:PURPLE] fake site", "Hello.\n", "TLP:RED"),
            ("[TLP:CLEAR] fake site", "Hello.\n> TLP:RED\n", "TLP:RED"))):
        with Desk() as desk:
            desk.drop(mail(number, subject, text))
            desk.settled(1)
            expect_equal(one(desk)["tlp"], label, subject)
            shown, = desk.ctl("show", "1")
            expect_equal(shown["tlp_by"], "default" if label == "TLP:AMBER" else "report", "who says so")
            flagged = any("unknown-label" in event["text"] for event in shown["events"])
            expect_equal(flagged, "PURPLE" in subject, "a person is asked to look")


@case
def a_stricter_mail_raises_its_incident_and_search_forgets_it():
    with Desk() as desk:
        desk.drop(mail(1, "[TLP:GREEN] orangutan"))
        ack, = desk.wait_for_acks(1)
        expect_equal(len(desk.ctl("search", "orangutan")), 1, "found while it is green")
        desk.drop(mail(2, "Re: " + ack["Subject"], "TLP:RED\ngibbon\n", [f"In-Reply-To: {ack['Message-ID']}"]))
        desk.settled(2)
        expect_equal(one(desk)["tlp"], "TLP:RED", "the strictest of its parts")
        expect_equal(desk.ctl("search", "orangutan") + desk.ctl("search", "gibbon"), [], "found when it is red")
        desk.drop(mail(3, "Re: " + ack["Subject"], "TLP:CLEAR\n", [f"In-Reply-To: {ack['Message-ID']}"]))
        desk.settled(3)
        expect_equal(one(desk)["tlp"], "TLP:RED", "a mail lowers nothing")


@case
def explain_tells_the_label_and_where_it_stands():
    with Desk(tickets=PEERS) as desk:
        file = desk.folder / "one.eml"
        file.write_bytes(mail(1, "[TLP:GREEN] [ACME-123456] x", "PAP:AMBER\nTLP:AMBER\n> TLP:CLEAR\n"))
        row, = desk.ctl("explain", str(file))
        expect_equal(row["tlp"], {"label": "TLP:AMBER", "explicit": True, "where": "text",
                                  "all": ["TLP:GREEN", "TLP:AMBER", "TLP:CLEAR"]}, "tlp")
        expect_equal(row["pap"], "PAP:AMBER", "pap")
        reference, = [action for action in row["actions"] if action["action"] == "reference"]
        expect_equal((reference["authority"], reference["id"]), ("ACME-CERT", "ACME-123456"), "number of the peer")


@case
def both_numbers_stand_in_the_answer_to_the_peer():
    with Desk(tickets=PEERS) as desk:
        desk.drop(mail(1, "[JPCERT#12345678] [ACME-123456] [rt.peer.example #7] fake site", "JVN#87654321\n"))
        ack, = desk.wait_for_acks(1)
        number = one(desk)["ticket"]
        expect(ack["Subject"].startswith(f"[SAKURA#{number}] [JPCERT#12345678] [ACME-123456] "), ack["Subject"])
        expect("rt.peer.example" not in ack["Subject"], "what is of no known shape is a stranger's text")
        expect("JVN#" not in ack["Subject"], "what stood in the text alone stays out of a clear subject")
        shown, = desk.ctl("show", "1")
        found = {(row["authority"], row["id"], row["told_by"]) for row in shown["references"]}
        expect_equal(found, {("JPCERT/CC", "JPCERT#12345678", "reporter@peer.example"),
                             ("ACME-CERT", "ACME-123456", "reporter@peer.example"),
                             ("JVN", "JVN#87654321", "reporter@peer.example"),
                             (None, "rt.peer.example #7", "reporter@peer.example")}, "references")


@case
def a_machine_that_answers_us_tells_its_number_and_changes_nothing_else():
    with Desk() as desk:
        desk.drop(mail(1, "fake site"))
        ack, = desk.wait_for_acks(1)
        before = one(desk)
        desk.drop(mail(2, "[CERT.at #1234567] We have received your report",
                       headers=[f"In-Reply-To: {ack['Message-ID']}", "Auto-Submitted: auto-replied"]))
        desk.settled(2)
        shown, = desk.ctl("show", "1")
        expect_equal([row["id"] for row in shown["references"]], ["CERT.at #1234567"], "references")
        after = one(desk)
        for field in ("state", "tlp", "severity", "updated", "category"):
            expect_equal(after[field], before[field], field)
        expect_equal(len(desk.acks()), 1, "acknowledgements")


@case
def restrict_names_who_may_see_a_ticket():
    with Desk() as desk:
        desk.drop(mail(1, "orangutan"))
        desk.settled(1)
        done, = desk.ctl("restrict", "1")
        expect_equal(done["restricted"], True, "restricted")
        expect_equal(desk.ctl("search", "orangutan"), [], "search")
        expect(json.dumps(desk.ctl("show", "1")), "an admin sees it all the same")
        expect(desk.ask("unrestrict", "1").returncode != 0, "a reason is asked for")
        desk.ctl("unrestrict", "1", "--reason", "published")
        expect_equal(len(desk.ctl("search", "orangutan")), 1, "search")


if __name__ == "__main__":
    main()
