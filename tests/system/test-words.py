#!/usr/bin/env python3
"""What people read: every text has its Japanese, and a terminal shows it as wide as it is."""

import os
import pty
import re
import subprocess
import sys
import tempfile
import unicodedata

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, PROGRAMS, SOURCE, Desk, case, expect, expect_equal, main, sample  # noqa: E402

sys.path.insert(0, os.path.join(os.environ["MADO_SOURCE"], "scripts/py"))
import words  # noqa: E402

SAMPLES = SOURCE / "tests/samples"
JAPANESE = {"LANG": "ja_JP.UTF-8", "LC_ALL": "", "LC_MESSAGES": "", "LANGUAGE": ""}
ENGLISH = {**JAPANESE, "LANG": "C.UTF-8"}


@case
def every_text_has_its_japanese():
    expect_equal(words.problems(), [], "scripts/words")
    done = subprocess.run(["msgfmt", "--check-format", "-o", "/dev/null", str(words.CATALOGUE)], capture_output=True, text=True)
    expect_equal(done.returncode, 0, done.stderr)


@case
def an_unmarked_text_is_found():
    found = words.extract()
    expect(not words.is_prose("%s: %s\n") and words.is_prose("No tickets.\n"), "what is written for people")
    for kept in ("There is no ticket %s. Nothing was changed. See: madoctl list --all", "TICKET", "one contact, with its keys"):
        expect(kept in found, f"{kept} is found")
    for forgotten in ("No such letters.", "this quote is never closed", "name a Maildir", "Whose numbers they are."):
        expect(forgotten in found, f"{forgotten} is found")
        del found[forgotten]
        expect(any(forgotten in line for line in words.unmarked(found)), f"{forgotten}: one that is not marked")


def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def on_terminal(desk, arguments, **variables):
    """The bytes that a terminal of 80 columns gets."""
    child, controller = pty.fork()
    if child == 0:
        os.environ.update({"TERM": "xterm", "COLUMNS": "80", "MADOCTL_PAGER": "cat", **variables})
        os.execv(PROGRAMS / "madoctl", ["madoctl", "--config", str(desk.configuration), *arguments])
    out = b""
    while True:
        try:
            block = os.read(controller, 65536)
        except OSError:
            block = b""
        if not block:
            break
        out += block
    os.waitpid(child, 0)
    os.close(controller)
    return out.decode().replace("\r\n", "\n")


@case
def in_both_languages():
    with Desk() as desk:
        desk.drop(sample("01-defacement-ja.eml"))
        desk.settled(1)
        for variables in (JAPANESE, ENGLISH):
            for arguments in ([], ["status"], ["list"], ["show", "1"], ["show", "99"], ["inbox"], ["doctor"], ["help", "tlp"], ["help", "query"], ["help", "intake.sources.after"]):
                plain = on_terminal(desk, arguments, **variables, NO_COLOR="1")
                dressed = on_terminal(desk, arguments, **variables, CLICOLOR_FORCE="1")
                expect("\033[" not in plain, f"{arguments}: no colour")
                expect(arguments[:1] != ["list"] or "\033[" in dressed, "colour")
                expect(not re.search("[\u2500-\u257f\u25a0-\u25ff\u2190-\u21ff]", plain), f"{arguments}: no drawing")
                wide = [line for line in plain.splitlines() if width(line) > 80]
                expect(not wide, f"{arguments} {variables['LANG']}: {wide}")
        said = {language["LANG"]: on_terminal(desk, ["show", "99"], **language) for language in (JAPANESE, ENGLISH)}
        expect("MADO-0103" in said["ja_JP.UTF-8"] and "何も変更していません" in said["ja_JP.UTF-8"].replace("\n", ""), str(said))
        expect("Nothing was" in said["C.UTF-8"], str(said))


WRONG = """
team : { name = "T"; address = "a@t.example"; adress = 1; timezone = "Asia/Tokio"; };
intake : { sources = ( { type = "imap"; host = "imap.t.example"; user = "u"; tls = "none"; idle = "1x"; } ); rescan = [ 3 ]; };
rules = ( { name = "r"; set : { category = "fishing"; }; } );
operators = ( { role = "boss"; } );
escalation = ( { to = "management"; who = [ "ciso" ]; when = [ "severity>=high", "colour=red" ]; } );
"""


def asked(path, *arguments, **variables):
    return subprocess.run([PROGRAMS / "madoctl", *arguments, path], capture_output=True, text=True, timeout=BOUND,
                          env={**os.environ, **variables})


@case
def a_configuration_is_refused_in_japanese():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "mado.conf")
        for text in (WRONG, 'team : { name = "T" };;', 'team : { name = "never closed };', "team : { languages = [ ja ]; };"):
            with open(path, "w") as file:
                file.write(text)
            said, english = asked(path, "check-config", **JAPANESE), asked(path, "check-config", **ENGLISH)
            problems = [re.findall(r"^(\S+): (MADO-\d+) (.*)", done.stdout, re.M) for done in (said, english)]
            expect_equal((said.returncode, [one[:2] for one in problems[0]]), (78, [one[:2] for one in problems[1]]), "places and codes")
            expect(all(re.search("[ぁ-ん]", one[2]) for one in problems[0]), f"in Japanese: {problems[0]}")
            expect(not re.search("[ぁ-ん]", english.stdout), english.stdout)
            expect_equal(asked(path, "check-config", "--json", **JAPANESE).stdout,
                         asked(path, "check-config", "--json", **ENGLISH).stdout, "data are English")


@case
def tables_stand_in_columns():
    with Desk() as desk:
        desk.drop(sample("01-defacement-ja.eml"))
        desk.settled(1)
        head, row = on_terminal(desk, ["list"], **JAPANESE, NO_COLOR="1").splitlines()[:2]
        at = width(head[:head.index("重大度")])
        expect(re.match(r"(critical|high|medium|low) ", row[at:]), f"{head!r} over {row!r}")


def flat(text):
    return re.sub(r"\s+", "", text)


@case
def reasons_are_said_in_japanese():
    """They are written down in English, and said in the language of whoever reads them."""
    with Desk() as desk:
        for name in ("01-defacement-ja.eml", "12-list-advisory-en.eml"):
            desk.drop(sample(name))
            desk.settled(1 + (name[:2] == "12"))
        desk.drop(sample("22-reply-forged-en.eml").replace(b"@NUMBER@", f"SAKURA#{desk.ctl('show', '1')[0]['ticket']}".encode()))
        desk.settled(3)
        for arguments, words_ in ((["history", "1"], ("分類defacementの語が件名にあります", "人からのメールで、返信を禁じる規則はありません")),
                                  (["explain", str(SAMPLES / "07-feedback-report.eml")], ("自動送信のメールには返信しません",)),
                                  (["show", "2"], ("自動送信のメールには返信しません",)),
                                  (["show", "1"], ("分類defacementの語が件名にあります",)),
                                  (["inbox"], ("挙げられたインシデントに、差出人は関わっていません",))):
            said = on_terminal(desk, arguments, **JAPANESE, NO_COLOR="1")
            english = on_terminal(desk, arguments, **ENGLISH, NO_COLOR="1")
            for text in words_:
                expect(text in flat(said) and text not in flat(english), f"{arguments}: {said}")
        written = desk.ask("history", "1", "--json").stdout
        expect("a word of the category defacement is in the subject" in written, written)
        for arguments in (["history", "1"], ["explain", str(SAMPLES / "07-feedback-report.eml")]):
            got = [subprocess.run([PROGRAMS / "madoctl", "--config", desk.configuration, *arguments, *more], capture_output=True,
                                  text=True, timeout=BOUND, env={**os.environ, **language}).stdout
                   for more in ([], ["--json"]) for language in (JAPANESE, ENGLISH)]
            expect_equal((got[0], got[2]), (got[1], got[3]), "data are English")


@case
def data_are_english():
    """JSON and what a pipe gets are the same in every language, and so is the journal."""
    with Desk() as desk:
        desk.drop(sample("01-defacement-ja.eml"))
        desk.settled(1)
        desk.wait_for_acks(1)
        for arguments in (["list", "--json"], ["show", "1", "--json"], ["list"], ["history", "1", "--json"]):
            got = [subprocess.run([PROGRAMS / "madoctl", "--config", desk.configuration, *arguments], capture_output=True,
                                  text=True, timeout=BOUND, env={**os.environ, **language}).stdout for language in (JAPANESE, ENGLISH)]
            same = [re.sub(r'"(\w+_)?seconds":\d+', "", text) for text in got]
            expect_equal(same[0], same[1], str(arguments))
        subprocess.run([PROGRAMS / "madoctl", "--config", desk.configuration, "set", "1", "severity=hihg"],
                       capture_output=True, env={**os.environ, **JAPANESE}, timeout=BOUND)
        desk.ask("close", "1", "--result", "done")
        said = on_terminal(desk, ["set", "1", "state=waiting:peer"], **JAPANESE)
        expect("完了しています。先に再開してください" in flat(said), said)
        events = desk.ask("history", "1", "--json").stdout
        expect("it is closed: reopen it first" in events, events)
        expect('"refused"' in events and "MADO-0101 There is no severity" in events, events)


if __name__ == "__main__":
    main()
