#!/usr/bin/env python3
"""A ticket's day: a report comes, is taken, set, noted and closed, and its reporter writes again."""

import getpass
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, PROGRAMS, Desk, case, expect, expect_equal, main  # noqa: E402

SECRET = "the-owner-is-on-holiday"


def mail(number, subject, headers=()):
    return (f"From: Reporter <reporter@peer.example>\nTo: csirt@sakura.example\nSubject: {subject}\n"
            f"Message-ID: <work-{number}@peer.example>\nDate: Fri, 20 Nov 2026 09:00:00 +0900\n"
            + "".join(f"{header}\n" for header in headers)
            + "Content-Type: text/plain; charset=utf-8\n\nA fake site.\n").encode()


def one(desk):
    incident, = desk.incidents()
    return incident


def note_from_pipe(desk, text, *options):
    return subprocess.run([str(PROGRAMS / "madoctl"), "--config", str(desk.configuration), "note", "1", *options],
                          input=text, capture_output=True, text=True, timeout=BOUND)


@case
def a_ticket_lives_through_its_day():
    me = getpass.getuser()
    with Desk() as desk:
        desk.drop(mail(1, "phishing site"))
        ack, = desk.wait_for_acks(1)
        before = one(desk)
        expect_equal((before["state"], before["handler"], before["category_by"]), ("new", None, "proposal"), "at first")

        taken, = desk.ctl("take", before["ticket"])
        expect_equal((taken["state"], taken["handler"]), ("open", me), "taken")
        expect("is a proposal" in taken["hints"][0], "what is left to confirm")
        done, = desk.ctl("set", f"Re: [SAKURA#{before['ticket']}] phishing site", "category=phishing", "severity=high")
        expect_equal((done["category_by"], done["severity"]), (me, "high"), "set")
        expect_equal(desk.ask("set", "1", "severity=low", "state=nwe").returncode, 64, "a mistyped state")
        expect_equal(one(desk)["severity"], "high", "all or nothing")

        desk.ctl("note", "1", "called", "the", "owner")
        expect_equal(note_from_pipe(desk, SECRET + "\nsecond line\n", "-").returncode, 0, "a note through a pipe")
        expect_equal(note_from_pipe(desk, "wait for them\n", "--advice").returncode, 0, "no text: likewise")
        notes = [event["text"] for event in desk.ctl("history", "1") if event["kind"] == "note"]
        expect_equal(notes, ["called the owner", SECRET + "\nsecond line", "advice: wait for them"], "notes")

        closed, = desk.ctl("close", "2026-1" if before["ticket"].startswith("2026") else "1", "--result", "it is down")
        expect_equal((closed["state"], closed["result"], closed["hints"]), ("closed", "it is down", []), "closed")
        expect_equal(desk.ctl("list"), [], "what is to be done")
        expect_equal(desk.ask("take", "1").returncode, 65, "what is closed is not taken")

        desk.drop(mail(2, "Re: " + ack["Subject"], [f"In-Reply-To: {ack['Message-ID']}"]))
        desk.settled(2)
        again = one(desk)
        expect_equal((again["state"], again["closed"], again["result"]), ("open", None, None), "its reporter wrote again")
        expect_equal(again["handler"], me, "whose it is")
        texts = [event["text"] for event in desk.ctl("history", "1") if event["actor"] == me and event["kind"] == "set"]
        expect("result=it is down (was -)" in texts, "what came of it then is in the journal")
        expect(all(SECRET not in str(letter) for letter in desk.letters()), "notes are for operators alone")
        expect_equal(desk.ask("audit", "verify").returncode, 0, "the journal")


AUTO, LIST = "Auto-Submitted: auto-replied", "List-Id: <all.peer.example>"


@case
def an_answer_ends_the_waiting():
    with Desk() as desk:
        desk.drop(mail(1, "phishing site"))
        ack, = desk.wait_for_acks(1)
        answers = [f"In-Reply-To: {ack['Message-ID']}"]
        desk.ctl("contact", "add", "ACME", "--address", "reporter@peer.example")
        for number, (wanted, more, state) in enumerate((
                ("reporter", [AUTO], "waiting"), ("reporter", [LIST], "waiting"), ("reporter", [], "open"),
                ("vendor: Umbrella", [], "waiting"), ("vendor: ACME", [AUTO], "waiting"), ("vendor: ACME", [], "open")), 2):
            desk.ctl("set", "1", f"state=waiting:{wanted}")
            data = mail(number, f"Re: {number}", answers + more)
            (desk.folder / "answer.eml").write_bytes(data)
            shown = desk.ask("explain", str(desk.folder / "answer.eml")).stdout
            expect_equal("field=state value=open" in shown, state == "open", shown)
            desk.drop(data)
            desk.settled(number)
            row = one(desk)
            expect_equal((row["state"], row["waits_for"]), (state, None if state == "open" else wanted), f"{wanted} {more}")
        said = [event["text"] for event in desk.ctl("history", "1") if event["actor"] == "mado" and event["kind"] == "set"]
        expect_equal(said, ["state=open: it waited for its reporter, who has answered",
                            "state=open: it waited for a vendor, who has answered"], "the journal")
        expect_equal(desk.ask("audit", "verify").returncode, 0, "it is whole")


@case
def screens_say_what_was_changed():
    with Desk() as desk:
        desk.drop(mail(1, "phishing site"))
        desk.settled(1)
        number = one(desk)["ticket"]
        expect_equal(desk.ask("set", "1", "severity=low").stdout, f"{number}\tseverity\tmedium\tlow\n", "a line a change")
        shown = desk.ask("show", "1").stdout
        expect("phishing (proposal)" in shown, "a proposal is said to be one")
        desk.ctl("close", "1", "--result", "it is down")
        shown = desk.ask("show", "1").stdout
        expect("Result\tit is down\n" in shown, "what came of it")
        refused = desk.ask("set", "1", "sevrity=low")
        expect('did you mean "severity"?' in refused.stderr and refused.returncode == 64, refused.stderr)


@case
def a_note_without_words_is_written_in_the_editor():
    with Desk() as desk:
        desk.drop(mail(1, "phishing site"))
        desk.settled(1)
        ours, theirs = os.openpty()
        folder = desk.folder / "tmp"
        folder.mkdir()
        for editor, status in (("sh -c 'echo edited > $0'", 0), ("true", 64), ("false", 66)):
            done = subprocess.run([str(PROGRAMS / "madoctl"), "--config", str(desk.configuration), "note", "1"],
                                  stdin=theirs, capture_output=True, text=True, timeout=BOUND,
                                  env={**os.environ, "VISUAL": "", "EDITOR": editor, "TMPDIR": str(folder)})
            expect_equal(done.returncode, status, f"{editor}: {done.stderr}")
        os.close(ours)
        os.close(theirs)
        notes = [event["text"] for event in desk.ctl("history", "1") if event["kind"] == "note"]
        expect_equal(notes, ["edited"], "what was saved is kept")
        expect_equal(list(folder.iterdir()), [], "files left behind")


if __name__ == "__main__":
    main()
