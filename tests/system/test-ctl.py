#!/usr/bin/env python3
"""madoctl as an operator and as a script use it: streams, exit statuses, JSON, harmless output."""

import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
import unicodedata

sys.path.insert(0, os.path.dirname(__file__))
from harness import (BOUND, BUILD, PROGRAMS, Desk, Skipped, case, expect, expect_equal, main, plain_mail, sample)  # noqa: E402

USAGE, NO_INPUT, UNAVAILABLE, FORBIDDEN, CONFIG = 64, 66, 69, 77, 78
READING = (["status"], ["list"], ["ledger"], ["outbox"], ["audit", "verify"], ["config", "show"],
           ["show", "1"], ["history", "1"], ["search", "scans"])
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def with_one_ticket():
    desk = Desk()
    desk.drop(plain_mail())
    desk.wait_for_acks(1)
    return desk


@case
def every_reading_command_answers_people_and_scripts():
    with with_one_ticket() as desk:
        for words in READING:
            done = desk.ask(*words)
            expect_equal(done.returncode, 0, f"{words}: {done.stderr}")
            expect(done.stdout.strip(), f"{words} prints something")
            expect("\x1b" not in done.stdout, f"{words}: no colour where no terminal is")
            for row in desk.ctl(*words):
                expect_equal((row["schema"], next(iter(row))), ("mado/1", "schema"), f"{words} --json")


@case
def a_ticket_is_found_by_every_way_of_writing_its_number():
    with with_one_ticket() as desk:
        number = desk.incidents()[0]["ticket"]
        for written in ("1", "2026-1", number, number.lower(), f"Re: [SAKURA#{number}] hello"):
            year = int(number[:4])
            written = written.replace("2026-", f"{year}-") if written == "2026-1" else written
            expect_equal(desk.ctl("show", written)[0]["ticket"], number, written)


@case
def full_text_search_finds_japanese_inside_words():
    with Desk() as desk:
        desk.drop(sample("01-defacement-ja.eml"))
        desk.settled(1)
        for words in ("改ざん", "見知らぬサイト", "192.0.2.80"):
            expect_equal(len(desk.ctl("search", words)), 1, f"search {words}")
        expect_equal(desk.ctl("search", "存在しない言葉"), [], "search for what is not there")


@case
def what_is_wrong_has_its_exit_status_and_a_code():
    with with_one_ticket() as desk:
        for words, status in ((["shwo"], USAGE), (["show"], USAGE), (["list", "--bogus"], USAGE),
                              (["show", "4711"], NO_INPUT), (["show", "no number"], USAGE)):
            done = desk.ask(*words)
            expect_equal(done.returncode, status, f"madoctl {words}")
            expect(re.search(r"MADO-\d{4}", done.stderr), f"{words}: {done.stderr}")
            expect_equal(done.stdout, "", f"{words}: stdout")
        expect("show" in desk.ask("shwo").stderr, "a guess")
        desk.stop()
        expect_equal(desk.ask("list").returncode, UNAVAILABLE, "without a daemon")


@case
def who_is_no_operator_is_told_so():
    with Desk(user="nobody-at-all") as desk:
        done = desk.ask("list")
        # root is always let in: it could read the store anyway
        expect(done.returncode == FORBIDDEN or os.geteuid() == 0, f"status {done.returncode}")


@case
def text_of_strangers_cannot_move_the_cursor():
    with Desk() as desk:
        mail = plain_mail(text="\x1b[2J\x1b]0;owned\x07 text \u202e reversed \x9b31m")
        desk.drop(mail.replace(b"Subject: ", b"Subject: \x1b[31mred\x07 "))
        desk.settled(1)
        for words in (["list"], ["show", "1"], ["show", "1", "--mail"], ["history", "1"],
                      ["search", "text"], ["outbox"]):
            for more in ([], ["--json"]):
                out = desk.ask(*words, *more).stdout
                expect(not CONTROL.search(out), f"{words + more}: {out!r}")


@case
def the_ledger_is_balanced_and_the_audit_notices_a_changed_row():
    with with_one_ticket() as desk:
        expect_equal(desk.ledger()["balanced"], True, "balanced")
        expect_equal(desk.ctl("audit", "verify")[0]["intact"], True, "intact")


@case
def check_config_reports_everything_that_is_wrong_in_one_run():
    with Desk(start=False) as desk:
        desk.configuration.write_text(
            'team : { nam = "X"; address = 7; };\nintake : { sources = ( { type = "maildri"; } ); };\n')
        done = desk.ask("check-config")
        expect_equal(done.returncode, CONFIG, "exit status")
        for word in ("nam", "name", "address", "maildri"):
            expect(word in done.stdout + done.stderr, f"it names {word}: {done.stdout}{done.stderr}")
        expect("Nothing was changed" in done.stdout + done.stderr, "it says that nothing was changed")


@case
def check_config_reads_the_texts_too():
    with Desk(start=False) as desk:
        (desk.folder / "texts").mkdir()
        desk.configure(templates="texts")
        done = desk.ask("check-config")
        expect_equal(done.returncode, CONFIG, "exit status")
        expect("template cannot be read" in done.stdout and "can be used" not in done.stdout, done.stdout)
        desk.configure()
        expect_equal(desk.ask("check-config").returncode, 0, "with the texts")


@case
def who_may_not_is_told_of_the_group():
    if os.geteuid() or not shutil.which("setpriv"):
        raise Skipped("another user takes root and setpriv")
    with Desk() as desk:
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", str(PROGRAMS / "madoctl"),
                               "--socket", str(desk.folder / "run/control.sock"), "status"],
                              capture_output=True, text=True, timeout=BOUND)
        expect_equal(done.returncode, 77, "exit status")
        expect("daemon.operator_group" in done.stderr and "Is it running" not in done.stderr, done.stderr)


@case
def help_and_version_need_no_daemon():
    with Desk(start=False) as desk:
        for words in (["help"], ["help", "list"], ["version"], ["--help"], ["help", "exit-codes"]):
            done = desk.ask(*words)
            expect_equal((done.returncode, bool(done.stdout.strip())), (0, True), f"madoctl {words}")


def on_a_terminal(desk, words, wide=80, status=0, **environment):
    """What madoctl draws on a terminal of so many columns, without the colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, wide, 0, 0))
    done = subprocess.Popen(
        [PROGRAMS / "madoctl", "--config", desk.configuration, *words], stdin=theirs, stdout=theirs,
        stderr=theirs, env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", "MADOCTL_PAGER": "cat",
                             **environment})
    os.close(theirs)
    drawn = b""
    try:
        while part := os.read(ours, 65536):
            drawn += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    expect_equal(done.wait(), status, f"madoctl {words}")
    return re.sub(r"\x1b\[[0-9;]*m", "", drawn.decode()).replace("\r", "").splitlines()


@case
def tables_fit_the_screen_with_japanese_in_them():
    with Desk() as desk:
        for name in ("01-defacement-ja.eml", "10-long-subject-en.eml"):
            desk.drop(sample(name))
        desk.settled(2)
        for words in ([], ["status"], ["list"], ["outbox"], ["ledger"]):
            for line in on_a_terminal(desk, words):
                columns = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
                expect(columns <= 80, f"madoctl {words}: {columns} columns: {line}")


def too_wide(lines, wide):
    return [line for line in lines if sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) > wide]


@case
def an_error_is_broken_at_words_and_only_on_a_terminal():
    with Desk(start=False) as desk:
        whole = desk.ask("status").stderr
        expect_equal(whole.count("\n"), 1, whole)
        lines = on_a_terminal(desk, ["status"], status=UNAVAILABLE)
        expect_equal(" ".join(line.rstrip() for line in lines), whole.strip(), "the words")
        expect_equal(too_wide(lines, 80), [], "lines")


@case
def columns_of_the_environment_go_before_those_of_the_terminal():
    with Desk() as desk:
        desk.drop(sample("10-long-subject-en.eml"))
        desk.settled(1)
        for words in (["list"], ["show", "1"], ["history", "1"]):
            expect_equal(too_wide(on_a_terminal(desk, words, wide=120, COLUMNS="60"), 60), [], f"madoctl {words}")


@case
def another_charset_is_said_once_and_the_text_stays():
    with Desk() as desk:
        desk.drop(sample("01-defacement-ja.eml"))
        desk.settled(1)
        lines = on_a_terminal(desk, ["list"], LC_ALL="C")
        expect_equal(sum("not UTF-8" in line for line in lines), 1, f"how often it is said: {lines}")
        expect(any("貴社Web" in line for line in lines), f"the subject: {lines}")


@case
def a_query_takes_all_severities_from_one_on():
    with Desk() as desk:
        desk.drop(sample("06-zip-password-en.eml"))   # high
        desk.drop(plain_mail())                       # low
        desk.settled(2)
        for query, tickets in (("sev:>=low", 2), ("sev:>=medium", 1), ("sev:>=high", 1), ("sev:low", 1),
                               ("sev:>=critical", 0)):
            expect_equal(len(desk.ctl("list", query)), tickets, query)


@case
def doctor_ends_as_a_monitor_wants_it():
    with Desk() as desk:
        control = desk.folder / "run/control.sock"
        for words, status in ((["doctor"], 0), (["doctor", "--socket", "/nowhere"], 2),
                              (["doctor", "--config", "/nowhere", "--socket", control], 3)):
            done = desk.ask(*words)
            expect_equal(done.returncode, status, f"{words}: {done.stdout}")
    with Desk(options=["--now=2026-11-20T18:42:00+09:00"]) as desk:
        expect_equal(desk.ask("doctor").returncode, 1, "with a clock that stands still")


@case
def help_fits_a_terminal():
    with Desk(start=False) as desk:
        topics = re.findall(r"^  help (\w\S*)", desk.ask("help").stdout, re.M)
        expect(len(topics) >= 5, f"topics: {topics}")
        for words in (["--help"], ["-h"], ["help"], *(["help", topic] for topic in topics)):
            lines = desk.ask(*words).stdout.splitlines()
            expect(lines and not too_wide(lines, 80), f"madoctl {words}: {too_wide(lines, 80)}")
        expect(len(desk.ask("--help").stdout.splitlines()) < 24, "--help fits on one screen")


@case
def json_stays_json_when_a_mail_is_broken():
    with Desk() as desk:
        desk.deliver(b"Subject: =?utf-8?B?/////w==?=\n\n\xff\xfe\x00broken")
        desk.settled(1)
        row, = desk.ctl("show", "mail:1")
        expect(json.dumps(row, ensure_ascii=False).encode(), "valid UTF-8")


@case
def completion_offers_commands_and_settings():
    script = subprocess.run([PROGRAMS / "madoctl", "completion", "bash"], capture_output=True, text=True).stdout

    def offered(*words):
        done = subprocess.run(["bash", "-c", script + "\nCOMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _madoctl; "
                               "echo \"${COMPREPLY[@]}\"", "bash", *words], capture_output=True, text=True)
        expect_equal(done.stderr, "", "complaints of bash")
        return done.stdout.split()

    expect("ledger" in offered("madoctl", "le"), "commands")
    expect_equal(offered("madoctl", "help", "team.na"), ["team.name", "team.name_ja"], "settings")


if __name__ == "__main__":
    expect(BUILD.exists(), "build first")
    main()
