#!/usr/bin/env python3
"""What joins an incident, and mail that a person sorts: from real mails to tickets, letters and the ledger."""

import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import (BOUND, Desk, case, expect, expect_equal, free_port, main, relay_at,  # noqa: E402
                     sample, wait_until)

OURS = 'authserv_id = "mx.sakura.example";'
PEERS = 'foreign = ( { authority = "ACME-CERT"; shape = "ACME-000000"; } );'
LONG_AGO = 91 * 24 * 3600


def mail(number, sender, subject, *headers, text="A fake site.\n", to="csirt@sakura.example", passes=True):
    proof = "pass" if passes else "none"
    return (f"Authentication-Results: mx.sakura.example; dmarc={proof} header.from={sender.split('@')[1]}\n"
            f"From: Somebody <{sender}>\nTo: {to}\nSubject: {subject}\nMessage-ID: <inbox-{number}@{sender.split('@')[1]}>\n"
            "Date: Fri, 20 Nov 2026 09:00:00 +0900\n" + "".join(f"{header}\n" for header in headers)
            + "Content-Type: text/plain; charset=utf-8\n\n" + text).encode()


def desk_of(**settings):
    """One that knows Tanaka's own address, and our own mail server."""
    desk = Desk(start=False, intake=OURS, tickets=settings.pop("tickets", PEERS), **settings)
    text = desk.configuration.read_text()
    desk.configuration.write_text(
        text.replace('role = "admin";', 'role = "admin"; addresses = [ "tanaka@sakura.example" ];'))
    desk.start()
    return desk


def events(desk, ticket, kind):
    return [event["text"] for event in desk.ctl("history", ticket) if event["kind"] == kind]


def reported(desk):
    """A report, acknowledged: its ticket, and the letter."""
    desk.drop(mail(1, "reporter@peer.example", "fake site"))
    ack, = desk.wait_for_acks(1)
    incident, = desk.incidents()
    return incident["ticket"], ack


def pending(desk, number=2):
    """A mail of a stranger that quotes the first ticket."""
    ticket = desk.incidents()[-1]["ticket"]
    before = desk.ledger()["mails"]
    desk.drop(mail(number, "stranger@net.example", f"about SAKURA#{ticket}"))
    desk.settled(before + 1)
    return str(desk.ctl("inbox")[-1]["mail"])


def balanced(desk):
    row = desk.ledger()
    expect(row["balanced"], f"the sum of the ledger: {row}")
    return row


# -- joining --

@case
def copies_by_two_addresses_are_one_incident_and_one_answer():
    with desk_of(team='aliases = [ "soc@sakura.example" ];') as desk:
        for to in ("csirt@sakura.example", "soc@sakura.example"):
            desk.drop(mail(1, "reporter@peer.example", "fake site", f"Delivered-To: {to}"))
        ledger = desk.settled(2)
        expect_equal((ledger["incident"], ledger["copy"]), (1, 1), "both are kept, one opens")
        expect_equal(len(desk.incidents()), 1, "incidents")
        desk.wait_for_acks(1)
        desk.stop()
        expect_equal(len(desk.acks()), 1, "answers")


@case
def one_message_id_with_another_text_is_worked_twice_and_flagged():
    with desk_of() as desk:
        desk.drop(mail(1, "reporter@peer.example", "fake site"))
        desk.settled(1)
        desk.drop(mail(1, "reporter@peer.example", "fake site", text="Another one.\n"))
        expect_equal(desk.settled(2)["incident"], 2, "both open")
        desk.wait_for_acks(2)
        second = desk.incidents()[0]["ticket"]
        expect("same-message-id" in str(events(desk, second, "set")), "a person is told")


@case
def a_machine_that_acknowledges_gives_its_number_and_changes_nothing():
    with desk_of() as desk:
        ticket, ack = reported(desk)
        before = desk.ctl("show", ticket)[0]
        desk.drop(mail(2, "reporter@peer.example", "[ACME-123456] We have received your report",
                       "Auto-Submitted: auto-replied", f"In-Reply-To: {ack['Message-ID']}"))
        expect_equal(desk.settled(2)["machine"], 1, "noted")
        shown, = desk.ctl("show", ticket)
        expect_equal([one["id"] for one in shown["references"]], ["ACME-123456"], "their number")
        expect_equal(len(events(desk, ticket, "peer-acknowledged")), 1, "said in the journal")
        expect_equal((shown["state"], shown["updated"]), (before["state"], before["updated"]), "nothing else")
        # Their number, from another of theirs, with proof and without.
        desk.drop(mail(3, "reporter@peer.example", "[ACME-123456] news"))
        expect_equal(desk.settled(3)["incident"], 2, "joins by it")
        desk.drop(mail(4, "reporter@peer.example", "[ACME-123456] more", passes=False))
        expect_equal(desk.settled(4)["pending"], 1, "nobody knows that it is theirs")
        expect_equal(desk.ctl("inbox")[0]["claims"], ticket, "what it claims")
        expect_equal(len(desk.incidents()), 1, "incidents")
        desk.stop()
        expect_equal(len(desk.acks()), 2, "the report and the follow-up are answered, the machine is not")


@case
def mail_of_a_colleague_joins_and_a_forged_one_does_not():
    with desk_of() as desk:
        ticket, _ = reported(desk)
        desk.drop(mail(2, "tanaka@sakura.example", f"Re: [SAKURA#{ticket}] please take it down", "Cc: csirt@sakura.example",
                       to="abuse@isp.example"))
        expect_equal(desk.settled(2)["incident"], 2, "joins")
        expect_equal(events(desk, ticket, "joined"), ["sent by Tanaka outside mado"], "who has sent it")
        noted, = events(desk, ticket, "sent-outside")
        expect(noted.startswith("to abuse@isp.example; mado would have said: "), noted)
        desk.drop(mail(3, "abuse@isp.example", f"Re: [SAKURA#{ticket}] please take it down"))
        expect_equal(desk.settled(3)["incident"], 3, "to whom it went is a correspondent")
        desk.drop(mail(4, "tanaka@sakura.example", f"Re: [SAKURA#{ticket}]", passes=False, to="csirt@sakura.example"))
        expect_equal(desk.settled(4)["pending"], 1, "forged")
        desk.wait_for_acks(2)
        desk.stop()
        expect_equal(sorted(ack["To"] for ack in desk.acks()), ["abuse@isp.example", "reporter@peer.example"], "answered")


def close_since(desk, seconds):
    expect_equal(desk.stop(), 0, "ends")
    with closing(sqlite3.connect(desk.folder / "state/mado.db")) as store, store:
        store.execute("UPDATE incident SET state = 'closed', closed_at = unixepoch() - ?", (seconds,))
    desk.start()


@case
def a_closed_incident_is_opened_again_and_later_followed_by_another():
    for seconds, states in ((3600, ["open"]), (LONG_AGO, ["new", "closed"])):
        with desk_of() as desk:
            ticket, ack = reported(desk)
            close_since(desk, seconds)
            desk.drop(mail(2, "reporter@peer.example", "it is back", f"In-Reply-To: {ack['Message-ID']}"))
            desk.settled(2)
            expect_equal([one["state"] for one in desk.incidents()], states, f"closed {seconds} s ago")
            last = desk.incidents()[0]["ticket"]
            expect_equal([text.split()[0] for text in events(desk, last, "related")],
                         [ticket] if len(states) > 1 else [], "related")
            desk.wait_for_acks(2)
            if len(states) == 1:
                desk.stop()
                with desk.store() as store:
                    expect_equal(store.execute("SELECT closed_at FROM incident").fetchall(), [(0,)], "open once more")


# -- sorting --

@case
def a_mail_is_listed_and_accepted():
    with desk_of() as desk:
        first, _ = reported(desk)
        number = pending(desk)
        row, = desk.ctl("inbox")
        expect_equal((row["claims"], row["sorted"]), (first, None), "what is claimed")
        expect("nothing to do" in row["why"], row["why"])
        expect("A fake site" in desk.ctl("inbox", "show", number)[0]["text"], "the text of it")
        done, = desk.ctl("inbox", "accept", number)
        expect_equal((done["ledger"], done["sorted"]["as"], done["sorted"]["done"]), ("incident", "accept", True), "done")
        expect(done["ticket"] and done["ticket"] != first, "a ticket of its own")
        expect_equal(desk.ctl("inbox"), [], "sorted")
        _, ack = desk.wait_for_acks(2)
        expect_equal(ack["To"], "stranger@net.example", "answered")
        refused = desk.ask("inbox", "spam", number)
        expect("was answered" in refused.stderr and "Nothing was changed" in refused.stderr, refused.stderr)
        expect_equal(refused.returncode, 65, "exit status")
        balanced(desk)


@case
def a_mail_is_attached_with_an_answer_or_without():
    for flags, answers in (([], 1), (["--ack"], 2)):
        with desk_of(acknowledge="per_ticket_daily = 2;") as desk:
            first, _ = reported(desk)
            number = pending(desk)
            done, = desk.ctl("inbox", "attach", number, first, *flags)
            expect_equal((done["ledger"], done["ticket"]), ("incident", first), "done")
            desk.wait_for_acks(answers)
            refused = desk.ask("inbox", "feed", number)
            expect("part of a ticket" in refused.stderr, refused.stderr)
            desk.drop(mail(3, "stranger@net.example", f"more about SAKURA#{first}"))
            expect_equal(desk.settled(3)["incident"], 3, "its sender is a correspondent")
            balanced(desk)
            desk.stop()


@case
def a_mail_is_put_aside_and_that_is_changed():
    with desk_of() as desk:
        reported(desk)
        number = pending(desk)
        for place in ("feed", "spam", "feed"):
            done, = desk.ctl("inbox", place, number)
            expect_equal((done["ledger"], done["ticket"]), (place, None), "done")
            expect_equal(balanced(desk)[place], 1, "one place")
        done, = desk.ctl("inbox", "accept", number)
        expect_equal(done["ledger"], "incident", "a report after all")
        desk.wait_for_acks(2)
        expect_equal([line["actor"] != "mado" for line in desk.ctl("history", done["ticket"]) if line["kind"] == "opened"],
                     [False], "who opens")
        desk.stop()
        with desk.store() as store:
            said = store.execute("SELECT text, actor <> 'mado' FROM journal WHERE kind = 'sorted' ORDER BY id").fetchall()
        expect_equal(said, [(place, 1) for place in ("feed", "spam", "feed", "accept")], "the journal has who said it")


@case
def a_rejected_mail_is_answered_or_is_spam():
    with desk_of() as desk:
        reported(desk)
        number = pending(desk)
        done, = desk.ctl("inbox", "reject", number, "--reason", "asks for a job")
        expect_equal(done["ledger"], "incident", "it has a number")
        expect_equal(desk.ctl("show", done["ticket"])[0]["state"], "rejected", "and is rejected")
        _, letter = desk.wait_for_acks(2)
        expect("We do not treat it as an incident" in letter.get_content() or "行わず" in letter.get_content(), "told so")
        # They come back.
        desk.drop(mail(3, "stranger@net.example", "it is one", f"In-Reply-To: {letter['Message-ID']}"))
        desk.settled(3)
        expect_equal(desk.ctl("show", done["ticket"])[0]["state"], "open", "opened again")
        ticket = desk.incidents()[-1]["ticket"]
        desk.drop(mail(4, "noreply@net.example", f"about SAKURA#{ticket}"))
        desk.settled(4)
        done, = desk.ctl("inbox", "reject", str(desk.ctl("inbox")[0]["mail"]))
        expect_equal(done["ledger"], "spam", "nobody to answer")
        balanced(desk)


@case
def what_was_accepted_is_taken_back_while_no_answer_has_gone():
    with desk_of(outgoing=relay_at(free_port())) as desk:
        desk.drop(mail(1, "reporter@peer.example", "fake site"))
        desk.settled(1)
        number = pending(desk)
        first, = desk.ctl("inbox", "accept", number)
        wait_until(lambda: any(row["to"] == "stranger@net.example" for row in desk.ctl("outbox")), "a letter waits")
        done, = desk.ctl("inbox", "spam", number)
        expect_equal((done["ledger"], done["ticket"]), ("spam", None), "taken back")
        expect_equal(desk.ctl("show", first["ticket"])[0]["state"], "rejected", "its ticket")
        dropped = [row for row in desk.ctl("outbox", "list", "dropped")]
        expect_equal([row["to"] for row in dropped], ["stranger@net.example"], "the letter is given up")
        again, = desk.ctl("inbox", "accept", number)
        expect(again["ticket"] not in (None, first["ticket"]), "another number")
        waiting = [row for row in desk.ctl("outbox") if row["to"] == "stranger@net.example" and row["state"] != "dropped"]
        expect_equal([row["ticket"] for row in waiting], [again["ticket"]], "another letter")
        balanced(desk)


@case
def what_is_no_mail_to_sort_is_refused():
    with desk_of() as desk:
        reported(desk)
        for words, said in ((["accept", "99"], "no mail 99"), (["accept", "x"], "is no mail"), (["spam", "1"], "none that waits"),
                            (["attach", "1"], "which ticket"), (["attach", "1", "77"], "no ticket 77"),
                            (["lose", "1"], "no inbox lose")):
            done = desk.ask("inbox", *words)
            expect(done.returncode != 0 and said in done.stderr, f"{words}: {done.stderr}")
        balanced(desk)


@case
def a_word_that_was_given_is_kept_over_a_crash():
    with desk_of() as desk:
        reported(desk)
        number = pending(desk)
        desk.kill_all()
        with closing(sqlite3.connect(desk.folder / "state/mado.db")) as store, store:
            store.execute("INSERT INTO sorting (mail, place, ack, actor, reason, at, times, done)"
                          " VALUES (?, 'accept', 0, 'tanaka', '', 1, 1, 0)", (number,))
            store.execute("UPDATE mail SET ledger = '' WHERE id = ?", (number,))
        desk.start()
        expect_equal(desk.settled(2)["incident"], 2, "sorted when it runs again")
        desk.wait_for_acks(2)


# -- the ledger, over all there is --

def enclosed(file):
    """One that is no mail, as somebody would send it."""
    return (f"From: soc@peer.example\nTo: csirt@sakura.example\nSubject: {file.name}\nMessage-ID: <{file.name}@peer.example>\n"
            f"MIME-Version: 1.0\nContent-Type: application/json; name={file.name}\n\n").encode() + file.read_bytes()


def everything():
    yield from (mail(number, "stranger@net.example", f"{number} about SAKURA#2026-0001-1V") for number in range(8))
    yield from (sample(file.name) for file in sorted((Path(__file__).parents[1] / "samples").glob("*.eml")))
    corpora = os.environ.get("MADO_CORPORA")
    for file in sorted(Path(corpora).rglob("*")) if corpora else ():
        if file.is_file():
            yield file.read_bytes()  # whatever comes is a mail, also what was never meant to be one
            if file.suffix == ".json":
                yield enclosed(file)


def watch(desk, mails):
    """Until all have their place; and the sum is right whenever it is asked for."""
    def done():
        rows = desk.ctl_now("ledger")
        for row in rows:
            expect(row["balanced"], f"the sum of the ledger: {row}")
        return rows and rows[0]["mails"] >= mails and not rows[0]["waiting"]
    wait_until(done, f"{mails} mails have their place", 3 * BOUND)


def drop_till_some_wait(desk, mails, before):
    """Readers stand still meanwhile, or the last might be read before anybody looks."""
    desk.kill_role("reader", signal.SIGSTOP)
    for one in mails:
        desk.drop(one)

    def some_wait():
        rows = desk.ctl_now("ledger")
        return rows and rows[0]["waiting"] and rows[0]["mails"] > before
    wait_until(some_wait, "some have come and are not read")


@case
def the_sum_is_right_over_every_corpus_and_whatever_happens():
    mails = sorted({bytes(one) for one in everything() if one})
    third = len(mails) // 3
    with desk_of(acknowledge='mode = "off";') as desk:
        for one in mails[:third]:
            desk.drop(one)
        watch(desk, third)
        drop_till_some_wait(desk, mails[third:2 * third], third)
        desk.kill_role("reader")
        watch(desk, 2 * third)
        drop_till_some_wait(desk, mails[2 * third:], 2 * third)
        desk.restart()
        watch(desk, len(mails))
        row = balanced(desk)
        expect_equal((row["mails"], row["quarantine"]), (len(mails), 0), "mails, and those that killed their reader")
        waiting = [str(row["mail"]) for row in desk.ctl("inbox")]
        expect(waiting, "some wait for a person")
        for number, one in enumerate(waiting):
            desk.ctl("inbox", ("accept", "feed", "spam", "reject")[number % 4], one)
            balanced(desk)
        row = balanced(desk)
        expect_equal((row["pending"], row["waiting"]), (0, 0), "all is sorted")
        expect(row["sum"] == row["arrived"] >= len(mails), f"what arrived: {row}")


if __name__ == "__main__":
    main()
