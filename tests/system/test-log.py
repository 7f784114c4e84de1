#!/usr/bin/env python3
"""What comes by telephone: nine questions, a number to read out, and the ledger stays right."""

import getpass
import os
import pty
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, PROGRAMS, Desk, case, expect, expect_equal, main, plain_mail  # noqa: E402

CALL = ("caller=Tanaka, Example Inc.", "back=03-0000-0000, called back", "kind=incident",
        "what=our web site shows a phishing page\nsince 08:00 JST", "wants=help", "promised=a call by noon")


def log(desk, *words, text=None, env=None):
    return subprocess.run([PROGRAMS / "madoctl", "--config", desk.configuration, "log", *words], input=text,
                          capture_output=True, text=True, timeout=BOUND, stdin=subprocess.DEVNULL if text is None else None,
                          env={**os.environ, **(env or {})})


@case
def a_call_opens_a_ticket_and_is_no_mail():
    with Desk() as desk:
        before, = desk.ctl("ledger")
        row, = desk.ctl("log", "phone", *CALL)
        tag, year, sequence, check = row["read_out"].split(", ")
        expect_equal(row["ticket"], f"{year}-{int(sequence):04}-{check.replace('-', '')}", "the number as it is read out")
        expect_equal((tag, row["category"], row["category_by"], row["tlp"], row["state"]),
                     ("SAKURA", "phishing", "proposal", "TLP:AMBER", "new"), "as of a mail with these words")
        expect_equal((row["told"]["way"], row["told"]["caller"], row["told"]["harm"], row["told"]["opens"]),
                     ("phone", "Tanaka, Example Inc.", None, True), "fields")
        expect(row["told"]["taken"].endswith("by " + getpass.getuser()), "who took it")

        shown, = desk.ctl("show", "1")
        expect_equal((shown["told"], shown["mails"], shown["reporter"]["name"], shown["reporter"]["address"]),
                     ([row["told"]], [], "Tanaka, Example Inc.", None), "show")
        expect_equal(shown["subject"], "our web site shows a phishing page", "the first line of it")
        event, = (one for one in shown["events"] if one["kind"] == "phone")
        expect("what: our web site" in event["text"] and "promised: a call by noon" in event["text"], "the journal")
        expect("there is no mail" in shown["acknowledged"]["why"], "why nobody is acknowledged")
        expect_equal([one["ticket"] for one in desk.ctl("search", "noon")], [row["ticket"]], "its words are found")

        after, = desk.ctl("ledger")
        expect_equal({**after, "told": before["told"]}, before, "the ledger is of mail")
        expect_equal((after["told"], after["balanced"]), ({"phone": 1, "visit": 0, "web": 0, "import": 0}, True), "beside it")
        expect_equal(desk.acks(), [], "nothing went out")


@case
def what_is_said_of_a_ticket_is_added_to_it():
    with Desk() as desk:
        desk.drop(plain_mail())
        desk.wait_for_acks(1)
        number = desk.incidents()[0]["ticket"]
        row, = desk.ctl("log", "visit", f"Re: [SAKURA#{number}] a=b", "what=it goes on, TLP:RED", "kind=follow-up")
        expect_equal((row["ticket"], row["told"]["opens"], row["tlp"]), (number, False, "TLP:RED"), "added, stricter")
        expect_equal(desk.ctl("search", "goes"), [], "what is RED is not indexed")
        row, = desk.ctl("log", "web", "1", "what=it is TLP:GREEN now")
        expect_equal(row["tlp"], "TLP:RED", "a call never lowers a label")
        expect_equal(len(desk.ctl("show", "1")[0]["told"]), 2, "both are kept")
        expect_equal(desk.ctl("ledger")[0]["told"], {"phone": 0, "visit": 1, "web": 1, "import": 0}, "counted")
        expect_equal(desk.ctl("audit", "verify")[0]["intact"], True, "the journal")


@case
def scripts_give_answers_and_operators_set_fields():
    with Desk() as desk:
        done = log(desk, "phone", "-", text="caller=Sato\nwhat=scans\nfrom 192.0.2.7\nseverity=critical\nlabel=GREEN\n")
        expect_equal((done.returncode, done.stderr), (0, ""), "through a pipe")
        expect_equal(done.stdout.split("\t")[1].split(",")[0], "SAKURA", "a line for a pipe")
        row, = desk.incidents()
        expect_equal((row["severity"], row["tlp"]), ("critical", "TLP:GREEN"), "fields of the ticket")
        expect_equal(desk.ctl("show", "1")[0]["told"][0]["what"], "scans\nfrom 192.0.2.7", "several lines")
        for words, status in ((["phone"], 64), (["phone", "caller=Sato"], 64), (["phone", "what=x", "kind=nonsense"], 64),
                              (["phone", "what=x", "colour=red"], 64), (["phone", "77", "what=x"], 66),
                              (["phone", "what=x", "what=y"], 64), (["web", "1", "2", "what=x"], 64),
                              (["phone", "what=x", "label=PURPLE"], 64)):
            done = log(desk, *words)
            expect_equal(done.returncode, status, f"{words}: {done.stderr}")
            expect("Nothing was changed" in done.stderr, f"{words}: {done.stderr}")
        expect_equal(len(desk.ctl("list", "--all")), 1, "what is refused opens nothing")


def dialogue(desk, answers, language):
    """Types the answers at a terminal, each behind its question; returns what was shown, and the exit status."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(LANG=language, LC_ALL=language, LANGUAGE="", TERM="dumb")
        os.execv(PROGRAMS / "madoctl", ["madoctl", "--config", str(desk.configuration), "log", "phone"])
    shown = b""
    for number, answer in enumerate(answers, 1):
        while f"\n{number}  ".encode() not in shown or not shown.endswith(b": "):
            shown += os.read(terminal, 4096)
        os.write(terminal, answer)
    try:
        while block := os.read(terminal, 4096):
            shown += block
    except OSError:
        pass
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@case
def a_person_is_asked_nine_questions_in_their_language():
    with Desk() as desk:
        answers = [b"\n", "山吹, やまぶき\n".encode(), b"\n", b"1\n", "サイトの改ざん\n".encode(), b"\n", b"\n", b"\n", b"\n"]
        for language, asked, end in (("ja_JP.UTF-8", "相手の氏名", "読み上げる番号:"), ("C.UTF-8", "Name, organisation", "Read out:")):
            shown, status = dialogue(desk, answers, language)
            expect_equal(status, 0, shown)
            expect(asked in shown and end + "  SAKURA, " in shown, f"{language}: {shown}")
        row = desk.ctl("show", "1")[0]
        expect_equal((row["category"], row["told"][0]["kind"], row["told"][0]["caller"]),
                     ("defacement", "incident", "山吹, やまぶき"), "what was typed")
        shown, status = dialogue(desk, [b"\n", b"\n", b"\n", b"follow-up 1\n", b"\x04"], "C.UTF-8")
        expect_equal((status, "nothing was written down" in shown), (1, True), "Ctrl-D gives up")
        expect_equal(desk.ctl("ledger")[0]["told"]["phone"], 2, "and keeps nothing")


if __name__ == "__main__":
    main()
