#!/usr/bin/env python3
"""What all commands have in common: how tickets are named, what JSON they print, what a shell offers."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, BUILD, PROGRAMS, Desk, Skipped, case, expect, expect_equal, main, plain_mail, sample  # noqa: E402

LONGEST_WAIT = 0.5  # of completion, in a build that looks after itself


def commands():
    """Each command of the table, with its arguments, as the manual page lists them."""
    manual = subprocess.run([PROGRAMS / "madoctl", "help"], capture_output=True, text=True).stdout
    names = subprocess.run([PROGRAMS / "madoctl", "completion", "words", "--", ""], capture_output=True, text=True).stdout
    found = []
    for first in (line.split("\t")[0] for line in names.splitlines()):
        seconds = subprocess.run([PROGRAMS / "madoctl", "completion", "words", "--", first, ""], capture_output=True,
                                 text=True, env={**os.environ, "MADOCTL_SOCKET": "/nonexistent"}).stdout
        found += [f"{first} {line.split(chr(9))[0]}" for line in seconds.splitlines()
                  if re.search(rf"^  {first} {re.escape(line.split(chr(9))[0])}\b", manual, re.M)]
        if subprocess.run([PROGRAMS / "madoctl", first, "--json=help"], capture_output=True).returncode == 0:
            found.append(first)
    return found


def with_a_ticket():
    desk = Desk()
    desk.drop(sample("01-defacement-ja.eml"))
    desk.settled(1)
    desk.wait_for_acks(1)
    return desk


# Each command that takes a ticket, with ID where it stands.
NAMING = [
    ["show", "ID"], ["show", "ID", "--mail"], ["history", "ID"], ["take", "ID"], ["set", "ID", "severity=high"],
    ["note", "ID", "text"], ["close", "ID"], ["reopen", "ID"], ["artifact", "ID"], ["artifact", "list", "ID"],
    ["restrict", "ID"], ["unrestrict", "ID", "--reason", "over"], ["retry", "ID"], ["log", "phone", "ID", "what=x"],
    ["log", "visit", "ID", "what=x"], ["log", "web", "ID", "what=x"], ["taint", "check", "ID", "/dev/null"],
    ["taint", "release", "ID", "a fact", "--reason", "x"], ["inbox", "attach", "77", "ID"],
    ["artifact", "save", "ID/1"], ["reply", "ID", "--text", "/dev/null", "--dry-run"],
    ["ask", "ID", "--text", "/dev/null", "--dry-run"], ["reject", "ID", "--reason", "x", "--text", "/dev/null", "--dry-run"],
    ["share", "ID"], ["export", "ID", "/dev/null"],
    ["link", "2", "ID"], ["link", "drop", "2", "ID"],
    ["similar", "ID"], ["report", "authority", "ID"], ["damage", "ID"], ["escalate", "list", "ID"], ["ack-escalation", "ID", "--how", "x"], ["named", "ID"], ["named", "add", "ID", "Peer", "--reason", "x"], ["named", "remove", "ID", "Peer", "--reason", "x"],
    ["coord", "ID", "--to", "Peer", "--dry-run"], ["coord", "list", "ID"], ["notify", "list", "ID"],
    ["notify", "ID", "--to", "Peer", "--dry-run"], ["escalate", "ID", "--to", "management", "--dry-run"],
    ["merge", "undo", "ID"], ["merge", "ID", "2"],
]
TAKES_NO_TICKET = {"outbox show", "outbox retry", "outbox drop", "hold show", "hold release", "hold drop", "hold undo",
                   "inbox show", "inbox accept", "inbox feed", "inbox spam", "inbox reject", "contact show",
                   "contact edit", "contact verify", "contact ask"}  # letters, mails and contacts have numbers of their own


def is_found(done, words):
    """Whatever a command thinks of what it is to do there: it has found the ticket."""
    expect(done.returncode in (0, 1, 65, 66, 74), f"{words}: {done.returncode} {done.stderr}")
    for complaint in ("no ticket", '" is no mail'):
        expect(complaint not in done.stderr or "77" in words, f"{words}: {done.stderr}")


@case
def any_form_of_a_number_is_understood_by_every_command():
    with with_a_ticket() as desk:
        number = desk.incidents()[0]["ticket"]
        desk.drop(plain_mail())
        desk.settled(2)
        year = number[:4]
        forms = ("1", f"{year}-1", f"{year}-0001", number, number.lower(), f"SAKURA#{number}",
                 f"Re: [SAKURA#{number}] 改ざん a=b")
        for words in NAMING:
            for form in forms:
                typed = [word.replace("ID", form) for word in words]
                done = desk.ask(*typed)
                is_found(done, typed)
            wrong = number[:-1] + ("2" if number[-1] != "2" else "3")
            done = desk.ask(*[word.replace("ID", wrong) for word in words])
            expect("77" in words or "mistyped" in done.stderr, f"{words}, wrong check characters: {done.stderr}")


@case
def every_command_that_takes_a_ticket_is_in_that_table():
    tried = {" ".join(words[:count]) for words in NAMING for count in (1, 2)}
    for name in commands():
        usage = subprocess.run([PROGRAMS / "madoctl", "help", *name.split()], capture_output=True, text=True).stdout
        arguments = re.search(rf"^madoctl {name}((?:[^\n]|\n      )*)", usage, re.M)[1]
        if re.search(r"\b(ID|TICKET)\b", arguments):
            expect(name in tried | TAKES_NO_TICKET, f"{name}{arguments}")


# -- JSON -----------------------------------------------------------------------------------------


# What prints rows of each command, in this order; what stands in no row of it has none to print.
PRINTING = {
    "status": [[], ["--commander"]], "stats": [["--by", "category"], ["--format", "csv"]],
    "report": [["monthly"], ["weekly", "--format", "html"]], "list": [["--all"]], "show": [["1"], ["mail:1"], ["1", "--mail"]], "take": [["1"]],
    "set": [["1", "severity=high"]], "note": [["1", "called"]], "search": [["192.0.2.80"]], "history": [["1"]],
    "artifact": [["1"]], "artifact list": [["1"]], "outbox": [[]], "outbox list": [[]], "outbox show": [["1"]],
    "log phone": [["what=x"]], "log visit": [["1", "what=x"]], "log web": [["what=x"]],
    "restrict": [["1"]], "unrestrict": [["1", "--reason", "over"]], "retry": [[]], "inbox": [[]],
    "inbox show": [["2"]], "inbox feed": [["2"]], "inbox spam": [["2"]], "inbox attach": [["2", "1"]],
    "inbox accept": [["3"]], "inbox reject": [["4"]], "hold": [[]],
    "ledger": [[], ["incident"]], "alarms": [["--all"]],
    "contact add": [["Peer", "--kind", "peer", "--address", "csirt@peer.example"]], "contact": [[]],
    "contact review": [[]], "contact ask": [["Peer"]], "damage": [["1"]], "goal set": [["serious", "at-most=0"]], "goal": [[]],
    "goal drop": [["serious"]], "contact show": [["Peer"]], "contact edit": [["Peer", "language=en"]], "key": [[]], "key check": [[]],
    "taint check": [["1", "/dev/null"]], "doctor": [[]], "config show": [[]], "audit verify": [[]],
    "share": [["1", "--format", "csv"]], "audit export": [[]], "purge": [["--dry-run"]],
    "explain": [["MAIL"]],
    "split": [["mail:2"]], "merge": [["2", "1"]], "merge undo": [["2"]], "link": [["1", "2"]],
    "link drop": [["1", "2"]], "similar": [["1"]], "view set": [["night", "sev:>=high"]], "view": [[]],
    "view drop": [["night"]], "coord list": [[], ["1"]],
    "check-config": [["CONFIG"]], "version": [[]], "close": [["1"]], "reopen": [["1"]],
}
NOT_HERE = {  # they need a key, a relay, a held letter, mail to sort, or they print no rows; their own tests ask for JSON
    "artifact save", "outbox retry", "outbox drop", "hold show", "hold release", "hold drop", "contact import", "key show", "key import",
    "key pin", "key unpin", "key export", "key init", "key extend", "key publish", "taint release", "try", "init",
    "completion", "help", "watch", "rules test", "import", "export", "coord", "coord show", "coord remind", "coord done", "duty", "duty week", "duty set", "duty swap", "duty handover", "duty accept", "duty show", "escalate list", "ack-escalation", "notify", "notify list", "escalate", "backup",
    "reply", "ask", "reject", "named", "named add", "named remove", "hold undo", "contact verify",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
TIMES = {"known_since", "next", "received", "updated", "arrived", "closed", "at", "since", "created", "changed", "now", "last_in", "last_out"}


def forms_of(name):
    told = subprocess.run([PROGRAMS / "madoctl", *name.split(), "--json=help"], capture_output=True, text=True)
    expect_equal((told.returncode, told.stdout[:7]), (0, "schema "), f"{name} --json=help: {told.stderr}")
    first, *others = told.stdout.strip().split(";")
    return [first.split()] + [["schema", *other.split()] for other in others]


def check_row(row, name):
    """What is wrong with it, as a list."""
    forms = forms_of(name)
    nearest = min(forms, key=lambda form: len(set(form) ^ set(row)))
    wrong = [] if list(row) in forms else [f"{name} prints {' '.join(row)}, and promises {' '.join(nearest)}"]
    expect_equal(row["schema"], "mado/1", name)
    return wrong + [f"{name}: {field} is {row[field]}" for field in TIMES & row.keys()
                    if isinstance(row[field], str) and not TIME.fullmatch(row[field])]


@case
def every_command_prints_the_fields_that_it_promises():
    with with_a_ticket() as desk:
        number = desk.incidents()[0]["ticket"]
        mail = desk.folder / "a-report.eml"
        mail.write_bytes(plain_mail())
        for claim in (2, 3, 4):
            stranger = plain_mail(claim, sender=f"stranger{claim}@peer.example")
            desk.drop(stranger.replace(b"Subject: ", f"Subject: [SAKURA#{number}] ".encode()))
        desk.settled(4)
        known = {"MAIL": str(mail), "CONFIG": str(desk.configuration)}
        printed, wrong = set(), []
        for name, tries in PRINTING.items():
            for words in tries:
                done = desk.ask(*name.split(), *(known.get(word, word) for word in words), "--json")
                expect(done.returncode in (0, 1, 2, 3), f"{name}: {done.stderr}")
                for line in done.stdout.splitlines():
                    wrong += check_row(json.loads(line), name.removesuffix(" list"))
                    printed.add(name)
        expect_equal(wrong, [], "rows that are not as promised")
        silent = {"inbox", "hold", "alarms", "retry", "key", "artifact", "artifact list", "key check",
                  "check-config", "taint check", "similar", "coord list"}  # there may be none
        expect_equal(set(PRINTING) - printed - silent, set(), "they print nothing")
        for name in commands():
            forms_of(name)
            expect(name in PRINTING or name in NOT_HERE, f"{name} stands in no table of this test")


# -- what a shell offers --------------------------------------------------------------------------


def shells(desk, line):
    """What each shell offers behind `line`, as a list."""
    env = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "MADOCTL_CONFIG": str(desk.configuration),
           "LC_ALL": "C.UTF-8"}
    words = line.split(" ")

    def run(*command):
        done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=BOUND)
        expect_equal(done.stderr, "", f"complaints of {command[0]}")
        return done.stdout.split("\n")[:-1]
    yield "bash", run("bash", "-c", "eval \"$(madoctl completion bash)\"; complete() { :; }; COMP_WORDS=(\"$@\"); "
                      "COMP_CWORD=$(($# - 1)); _madoctl; printf '%s\\n' \"${COMPREPLY[@]}\"", "bash", *words)
    if shutil.which("fish"):
        yield "fish", [one.split("\t")[0] for one in
                       run("fish", "-N", "-c", f"madoctl completion fish | source; complete -C '{line}'")]


@case
def shells_offer_numbers_and_contacts():
    with with_a_ticket() as desk:
        number = desk.incidents()[0]["ticket"]
        desk.ctl("contact", "add", "Peer", "--kind", "peer", "--address", "csirt@peer.example")
        desk.ctl("contact", "add", "Two words; rm", "--kind", "peer")
        for line, wanted in (("madoctl show ", {number}), ("madoctl take 20", {number}), ("madoctl show 19", set()),
                             ("madoctl contact show ", {"Peer", "2"}), ("madoctl key pin 00 --contact P", {"Peer"}),
                             ("madoctl outbox show ", {"1"}), ("madoctl lo", {"log"}), ("madoctl log ", {"phone", "visit", "web"}),
                             ("madoctl log phone ", {number}), ("madoctl show --m", {"--mail"}),
                             ("madoctl help team.na", {"team.name", "team.name_ja"})):
            for shell, offered in shells(desk, line):
                expect_equal({one for one in offered if one}, wanted, f"{shell}: {line}")


@case
def zsh_takes_the_script():
    if not shutil.which("zsh"):
        raise Skipped("there is no zsh here")
    with with_a_ticket() as desk:
        number = desk.incidents()[0]["ticket"]
        env = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "MADOCTL_CONFIG": str(desk.configuration),
               "LC_ALL": "C.UTF-8"}
        script = ("compdef() { :; }; eval \"$(madoctl completion zsh)\"; _files() { print none; }; "
                  "_describe() { print -l -- $offered; }; words=(madoctl show ''); CURRENT=3; _madoctl; "
                  "words=(madoctl list x); _madoctl")
        done = subprocess.run(["zsh", "-f", "-c", script], capture_output=True, text=True, env=env, timeout=BOUND)
        expect_equal(done.stderr, "", "complaints")
        first, *rest = done.stdout.splitlines()
        expect(first.startswith(number + ":new") and rest == ["none"], done.stdout)


@case
def without_a_daemon_nothing_is_offered_at_once():
    with with_a_ticket() as desk:
        desk.stop()
        began = time.monotonic()
        done = desk.ask("completion", "words", "--", "show", "")
        expect_equal((done.returncode, done.stdout, done.stderr), (0, "", ""), "quiet")
        expect(time.monotonic() - began < LONGEST_WAIT, "quick")


# -- the pager ------------------------------------------------------------------------------------


def at_terminal(desk, *words, **variables):
    """What a terminal of 24 lines shows of a command."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update({"LC_ALL": "C.UTF-8", "TERM": "xterm", **variables})
        os.execv(PROGRAMS / "madoctl", ["madoctl", "--config", str(desk.configuration), *words])
    shown = b""
    try:
        while block := os.read(terminal, 65536):
            shown += block
    except OSError:
        pass
    os.waitpid(pid, 0)
    return shown.decode()


@case
def a_pager_is_for_three_commands_and_what_is_longer_than_the_screen():
    with with_a_ticket() as desk:
        for number in range(30):
            desk.ctl("note", "1", f"note {number}")
        pager = {"MADOCTL_PAGER": "sed s/^/paged:/"}
        for words, paged in ((["show", "1"], True), (["history", "1"], True), (["search", "192.0.2.80"], False),
                             (["config", "show"], False), (["help"], False)):
            expect_equal("paged:" in at_terminal(desk, *words, **pager), paged, f"{words}")
        expect("paged:" not in at_terminal(desk, "show", "1", "--json", **pager), "--json")
        expect("paged:" not in at_terminal(desk, "show", "1", TERM="dumb", **pager), "TERM=dumb")
        expect("paged:" not in at_terminal(desk, "show", "1", MADOCTL_PAGER="", PAGER="sed s/^/paged:/"), "an empty one: none")
        expect("paged:" in at_terminal(desk, "show", "1", PAGER="sed s/^/paged:/"), "PAGER")
        expect("paged:" not in desk.ask("show", "1").stdout, "no terminal")


if __name__ == "__main__":
    expect(BUILD.exists(), "build first")
    main()
