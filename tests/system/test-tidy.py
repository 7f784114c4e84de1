#!/usr/bin/env python3
"""Tickets put in order: merged and taken apart again, split, linked, found by queries and views."""

import getpass
import os
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import Desk, case, expect, expect_equal, main, without_time  # noqa: E402

TEXTS = {1: "A fake site at http://login.example.test/a .", 2: "The same fake page, seen elsewhere.", 3: "More of it."}


def mail(number, subject, sender, headers=(), text=None):
    return (f"From: Reporter <{sender}>\nTo: csirt@sakura.example\nSubject: {subject}\n"
            f"Message-ID: <tidy-{number}@peer.example>\nDate: Fri, 20 Nov 2026 09:00:00 +0900\n"
            + "".join(f"{header}\n" for header in headers)
            + f"Content-Type: text/plain; charset=utf-8\n\n{text or TEXTS.get(number, 'text')} ({number})\n").encode()


def ticket(desk, number):
    shown, = desk.ctl("show", str(number))
    return shown


def two_tickets(desk):
    """1 of alice, 2 of bob; and what each was answered."""
    desk.drop(mail(1, "phishing site", "alice@one.example"))
    desk.wait_for_acks(1)
    desk.drop(mail(2, "[TLP:RED] another one", "bob@two.example", text="TLP:RED\nThe same fake page."))
    return desk.wait_for_acks(2)


def whole(desk, number):
    """All of a ticket that may not be changed by what is undone."""
    shown = ticket(desk, number)
    return without_time(shown, ("events", "updated", "mails", "links")) | {"mails": [one["mail"] for one in shown["mails"]]}


def reply(number, ack, sender, headers=()):
    return mail(number, "Re: " + ack["Subject"], sender, [f"In-Reply-To: {ack['Message-ID']}", *headers])


@case
def who_writes_to_one_of_several_reporters_is_told_that_there_are_others():
    with Desk() as desk:
        for number, sender in ((1, "alice@one.example"), (2, "bob@two.example")):
            desk.drop(mail(number, f"fake page {number}", sender))
            desk.wait_for_acks(number)
        words = desk.folder / "words"
        words.write_text("Thank you.\n")

        def preview():
            done = desk.ask("reply", "1", "--to", "alice@one.example", "--text", str(words), "--dry-run")
            expect_equal(done.returncode, 0, done.stderr)
            return " ".join(done.stdout.split())
        expect("told us" in preview() and "nothing of theirs" not in preview(), f"alone: {preview()}")
        desk.ctl("merge", "2", "1")
        expect("So did others: see that nothing of theirs stands in it" in preview(), preview())


@case
def two_tickets_of_one_case_become_one_and_mail_goes_on_joining():
    with Desk() as desk:
        of_alice, of_bob = two_tickets(desk)
        desk.ctl("set", "1", "label=GREEN", "--reason", "agreed")
        merged, = desk.ctl("merge", "2", "1", "--reason", "the same site")
        expect_equal((merged["state"], merged["merged_into"]), ("closed", ticket(desk, 1)["ticket"]), "the part")
        one = ticket(desk, 1)
        expect_equal([row["mail"] for row in one["mails"]], [1, 2], "its mails went over")
        expect_equal(one["tlp"], "TLP:RED", "the stricter label wins")
        expect_equal({row["address"] for row in one["reporters"]}, {"alice@one.example", "bob@two.example"}, "reporters")
        expect_equal([row["ticket"] for row in desk.ctl("list")], [one["ticket"]], "what is to be done")

        desk.drop(reply(3, of_bob, "bob@two.example"))  # the number, the token and References of the part
        desk.settled(3)
        expect_equal([row["mail"] for row in ticket(desk, 1)["mails"]], [1, 2, 3], "who answers the part joins the other")
        desk.drop(reply(4, of_alice, "alice@one.example", [f"References: {of_bob['Message-ID']}"]))
        desk.settled(4)
        expect_equal([row["mail"] for row in ticket(desk, 1)["mails"]], [1, 2, 3, 4], "both numbers are one ticket")
        desk.drop(reply(5, of_bob, "mallory@evil.example"))
        desk.settled(5)
        expect_equal(len(ticket(desk, 1)["mails"]), 4, "a stranger with that number does not")
        expect_equal(len(desk.incidents()), 2, "and nothing is opened")

        refused = desk.ask("note", "2", "x")
        expect_equal(refused.returncode, 65, "the work is done where the mails are")
        expect(one["ticket"] in refused.stderr and "merge undo" in refused.stderr, refused.stderr)
        texts = [event["text"] for event in desk.ctl("history", "2") if event["kind"] == "merged"]
        expect_equal(texts, [f"a part of {one['ticket']}: the same site"], "the journal says why")
        expect_equal(desk.ask("audit", "verify").returncode, 0, "the journal")


@case
def undo_restores_exactly_what_was():
    with Desk() as desk:
        two_tickets(desk)
        desk.ctl("restrict", "2", "--member", getpass.getuser())
        desk.ctl("set", "1", "due=2027-01-01", "severity=low")
        before = whole(desk, 1), whole(desk, 2)
        desk.ctl("merge", "2", "1")
        expect(ticket(desk, 1)["restricted"], "few see it then")
        undone, = desk.ctl("merge", "undo", "2", "--reason", "another site")
        expect_equal(undone["hints"], [], "nothing is left of it")
        after = whole(desk, 1), whole(desk, 2)
        for was, now in zip(before, after):
            for name, value in was.items():
                expect_equal(now[name], value, f"{was['ticket']}: {name}")
        expect_equal(desk.ask("merge", "undo", "2").returncode, 65, "once")
        expect_equal([row["ticket"] for row in desk.ctl("search", "phishing")], [before[0]["ticket"]], "found again")


@case
def what_came_since_keeps_the_stricter_label():
    with Desk() as desk:
        _, of_bob = two_tickets(desk)
        desk.ctl("merge", "2", "1")
        desk.drop(reply(3, of_bob, "bob@two.example"))
        desk.settled(3)
        undone, = desk.ctl("merge", "undo", "2")
        expect("keeps TLP:RED" in undone["hints"][0], "what is to be looked at")
        one, two = ticket(desk, 1), ticket(desk, 2)
        expect_equal((one["tlp"], two["tlp"]), ("TLP:RED", "TLP:RED"), "labels")
        expect_equal([row["mail"] for row in one["mails"]], [1, 3], "what came since stays")
        expect_equal([row["mail"] for row in two["mails"]], [2], "what went over is back")


@case
def a_chain_of_parts_is_one_ticket():
    with Desk() as desk:
        two_tickets(desk)
        desk.drop(mail(3, "a third one", "carol@three.example"))
        ack = desk.wait_for_acks(3)[-1]
        desk.ctl("merge", "3", "2")
        desk.ctl("merge", "2", "1")
        desk.drop(reply(4, ack, "carol@three.example"))
        desk.settled(4)
        expect_equal([row["mail"] for row in ticket(desk, 1)["mails"]], [1, 2, 3, 4], "all of it")
        expect_equal(desk.ask("merge", "3", "1").returncode, 65, "a part is merged no more")
        expect("undo 2026" in desk.ask("merge", "undo", "3").stderr.replace(time.strftime("%Y"), "2026"), "from the end")
        desk.ctl("merge", "undo", "2")
        expect_equal([row["mail"] for row in ticket(desk, 2)["mails"]], [2, 3], "the chain but one")
        desk.ctl("merge", "undo", "3")
        expect_equal([row["mail"] for row in ticket(desk, 3)["mails"]], [3], "and the last")


@case
def a_mail_becomes_a_ticket_of_its_own():
    with Desk() as desk:
        of_alice, _ = two_tickets(desk)
        desk.drop(reply(3, of_alice, "alice@one.example"))
        desk.settled(3)
        own, = desk.ctl("split", "mail:3", "--reason", "another matter")
        expect_equal([row["mail"] for row in ticket(desk, 1)["mails"]], [1], "what is left")
        shown = ticket(desk, 3)
        expect_equal(([row["mail"] for row in shown["mails"]], shown["state"]), ([3], "new"), "what was split off")
        expect_equal(shown["links"][0]["ticket"], ticket(desk, 1)["ticket"], "where it comes from")
        expect(own["next"][1].startswith("madoctl merge"), "how to put it back")
        expect_equal(desk.ask("split", "3").returncode, 65, "its only mail stays")
        desk.ask(*own["next"][1].split()[1:])
        expect_equal([row["mail"] for row in ticket(desk, 1)["mails"]], [1, 3], "put back")


@case
def tickets_are_linked_and_similar_ones_found():
    with Desk() as desk:
        two_tickets(desk)
        desk.ctl("link", "1", "2", "--kind", "cause")
        expect_equal((ticket(desk, 1)["links"][0]["kind"], ticket(desk, 2)["links"][0]["kind"]), ("cause", "effect"), "links")
        expect_equal(desk.ask("link", "1", "2", "--kind", "cuase").returncode, 64, "no such kind")
        desk.ctl("link", "drop", "1", "2")
        expect_equal(ticket(desk, 2)["links"], [], "no more")
        expect_equal(desk.ask("link", "drop", "1", "2").returncode, 66, "once")
        desk.drop(mail(3, "phishing site", "dave@four.example", text="http://login.example.test/a once more, says Dave"))
        desk.settled(3)
        found = desk.ctl("similar", "3")
        expect_equal([row["ticket"] for row in found], [ticket(desk, 1)["ticket"]], "what has the same URL")
        expect(any(one["value"].startswith("http://login") for one in found[0]["shared"]), "and which it is")


@case
def queries_find_what_they_say():
    me = getpass.getuser()
    with Desk() as desk:
        two_tickets(desk)
        one, two = ticket(desk, 1)["ticket"], ticket(desk, 2)["ticket"]
        desk.ctl("take", "1")
        desk.ctl("set", "1", "severity=high", "due=today", "category=phishing")
        desk.ctl("set", "2", "severity=low", "due=2020-01-01", "state=waiting:peer: ACME")
        for query, wanted in {
                "handler:me": [one], f"handler:{me}": [one], "handler:-": [two], "-handler:me": [two],
                "sev:>=high": [one], "sev:<=medium": [two], "sev:low": [two], "state:waiting": [two],
                "-state:waiting": [one], "state:open,waiting": [one, two], "cat:phishing sev:high": [one],
                "from:alice@one.example": [one], "from:@two.example": [two], "-from:@two.example": [one],
                "due:today": [one], "due:overdue": [two], "due:any": [one, two], "due:-": [],
                "tlp:red": [two], "tlp:>=amber": [two, one], "age:<1h": [one, two], "age:>7d": [],
                "since:7d": [one, two], "since:2999": [], "since:2020-01": [one, two], "fake": [one], "fake sev:low": [],
                "phishing -fake": [], "nothing-like-it": []}.items():
            found = {row["ticket"] for row in desk.ctl("list", *query.split())}
            expect_equal(found, set(wanted), query)
        expect_equal([row["ticket"] for row in desk.ctl("search", "fake", "sev:high")], [one], "search knows it too")
        desk.ctl("close", "1")
        expect_equal(desk.ctl("list", "fake"), [], "what is over is no work")
        expect_equal([row["ticket"] for row in desk.ctl("search", "from:@one.example")], [one], "and is a past case")
        for wrong in ("sve:high", "due:soon", "age:7d", "state:oepn", "tlp:pink"):
            expect_equal(desk.ask("list", wrong).returncode, 64, wrong)
        expect('did you mean "sev:"' in desk.ask("list", "sve:high").stderr, "a guess")


@case
def a_view_is_a_query_with_a_name():
    with Desk() as desk:
        two_tickets(desk)
        desk.ctl("set", "1", "severity=high")
        desk.ctl("view", "set", "night", "sev:>=high", "handler:-")
        expect_equal([row["query"] for row in desk.ctl("view")], ["sev:>=high handler:-"], "views")
        expect_equal(len(desk.ctl("list", "@night")), 1, "what it finds")
        expect_equal(len(desk.ctl("list", "@night", "-state:new")), 0, "with more words")
        expect_equal(desk.ask("view", "set", "bad", "sve:high").returncode, 64, "only what can be read is kept")
        expect_equal(desk.ask("view", "set", "round", "@night").returncode, 64, "a view has no view in it")
        desk.ctl("view", "set", "night", "-state:new", "handler:-", "--replace")
        expect_equal([row["query"] for row in desk.ctl("view")], ["-state:new handler:-"], "another one in its place")
        expect_equal(desk.ask("list", "@day").returncode, 66, "no such view")
        desk.ctl("view", "drop", "night")
        expect_equal(desk.ctl("view"), [], "gone")


@case
def states_say_for_whom_and_until_when():
    with Desk() as desk:
        two_tickets(desk)
        for wrong in ("state=waiting", "state=waiting:godot", "state=embargo", "state=embargo:2020-01-01", "state=rejected",
                      "state=open:x", "due=soon"):
            refused = desk.ask("set", "1", wrong)
            expect_equal(refused.returncode, 64, wrong)
            expect("madoctl set" in refused.stderr, f"{wrong}: what to write instead")
        waiting, = desk.ctl("set", "1", "state=waiting:vendor: ACME", "due=3d")
        expect_equal((waiting["state"], waiting["waits_for"]), ("waiting", "vendor: ACME"), "for whom")
        held, = desk.ctl("set", "1", "state=embargo:2999-12-01")
        expect_equal((held["waits_for"], held["embargo_until"]), (None, "2999-12-01T23:59:59+09:00"), "until when")
        opened, = desk.ctl("set", "1", "state=open", "due=-")
        expect_equal((opened["embargo_until"], opened["due"]), (None, None), "over")
        rejected, = desk.ctl("set", "1", "state=rejected", "--reason", "a test of theirs")
        expect_equal((rejected["state"], rejected["result"]), ("rejected", "a test of theirs"), "why")
        noted, = desk.ctl("note", "2", "we tell the press", "--decision", "Sato, CISO")
        expect_equal(noted["decision"], "Sato, CISO", "who has decided")
        texts = [event["text"] for event in desk.ctl("history", "2") if event["kind"] == "note"]
        expect_equal(texts, ["decided by Sato, CISO: we tell the press"], "in the journal")


if __name__ == "__main__":
    main()
