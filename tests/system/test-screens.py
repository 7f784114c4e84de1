#!/usr/bin/env python3
"""The screens of a day, in a real terminal (tmux): as wide as it is, in columns, in both languages, with and without
colour; prompts are answered by keys, and two operators get in each other's way."""

import contextlib
import ctypes
import os
import re
import shlex
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import PROGRAMS, Desk, Skipped, case, expect, expect_equal, main, plain_mail, sample, wait_until  # noqa: E402

WIDTH, HEIGHT = 80, 50
LIBC = ctypes.CDLL(None)
LIBC.setlocale.restype = ctypes.c_char_p
LIBC.wcwidth.argtypes = [ctypes.c_wchar]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
STATUS = "exit status "


def width(text):
    LIBC.setlocale(0, b"C.UTF-8")
    return sum(max(LIBC.wcwidth(one), 0) for one in text)


class Terminal:
    """A window of tmux: 80 columns, real keys."""

    def __init__(self, desk, language="en", colour=False):
        self.socket = str(desk.folder / f"tmux-{id(self)}")
        self.desk = desk
        env = {"LANG": {"ja": "ja_JP.UTF-8", "en": "C.UTF-8"}[language], "LANGUAGE": "", "LC_ALL": "", "MADOCTL_CONFIG": str(desk.configuration), "PS1": "", "VISUAL": "true",
               "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "LC_CTYPE": "C.UTF-8", **({} if colour else {"NO_COLOR": "1"})}
        shell = "env " + " ".join(f"{name}={shlex.quote(value)}" for name, value in env.items()) + " bash --norc --noprofile"
        self.runs = 0
        self.tmux("-f", "/dev/null", "-u", "new-session", "-d", "-x", str(WIDTH), "-y", str(HEIGHT), shell)
        self.run("trap : INT")  # a key that ends a command ends what is typed behind it, too, else

    def tmux(self, *words):
        done = subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}, check=False)
        expect_equal(done.returncode, 0, f"tmux {words}: {done.stderr}")
        return done.stdout

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def key(self, name):
        self.tmux("send-keys", name)

    def shown(self, colour=False):
        return self.tmux("capture-pane", "-p", "-J", *(["-e"] if colour else []))

    def wait_for(self, text):
        return wait_until(lambda: text in self.shown() and self.shown(), f"{text!r} on the screen")

    def begin(self, line):
        """The screen is empty, and the command runs; what it exits with stands below it."""
        self.runs += 1
        self.type(f"clear; {line}; echo '{STATUS}'{self.runs}.$?")
        self.key("Enter")

    def end(self):
        """The exit status and the lines above it."""
        def ended():
            return re.search(rf"(.*)^{STATUS}{self.runs}\.(\d+)$", self.shown(), re.M | re.S)
        found = wait_until(ended, f"it has ended: {self.shown()}")
        return int(found[2]), found[1].splitlines()

    def run(self, line):
        self.begin(line)
        return self.end()

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True, check=False)


@contextlib.contextmanager
def at(desk, **how):
    terminal = Terminal(desk, **how)
    try:
        yield terminal
    finally:
        terminal.close()


def a_day():
    if not shutil.which("tmux"):
        raise Skipped("there is no tmux here")
    desk = Desk()
    for name in ("01-defacement-ja.eml", "03-peer-phishing-en.eml", "10-long-subject-en.eml"):
        desk.drop(sample(name))
    desk.settled(3)
    desk.drop(plain_mail(7, sender="stranger@peer.example").replace(
        b"Subject: ", f"Subject: [SAKURA#{desk.incidents()[0]['ticket']}] ".encode()))
    desk.settled(4)
    desk.ctl("contact", "add", "Example-Net", "--kind", "organisation", "--address", "abuse@example-net.example",
             "relation=provider", "language=en")
    return desk


SCREENS = ["madoctl", "madoctl status", "madoctl list", "madoctl list --all", "madoctl show 1", "madoctl inbox", "madoctl hold",
           "madoctl doctor", "madoctl reply 1 --text /dev/null --dry-run", "madoctl coord 1 --to Example-Net --dry-run"]


@case
def no_screen_is_wider_than_the_terminal():
    with a_day() as desk:
        for language in ("en", "ja"):
            said = ""
            with at(desk, language=language) as terminal:
                for line in SCREENS:
                    status, lines = terminal.run(f"{line} | cat; {line}")
                    expect(status in (0, 1, 2, 65, 77), f"{line}: {status} {lines}")
                    status, lines = terminal.run(f"MADOCTL_PAGER=cat {line}")
                    expect(any(one.strip() for one in lines), f"{language}: {line} shows nothing")
                    said += "".join(lines) if line == "madoctl doctor" else ""
                    for one in lines:  # -J joins what the terminal had to wrap
                        if one.startswith("madoctl: "):
                            continue  # a sentence beside the screen: that it has no such locale
                        expect(width(one) <= WIDTH, f"{language}: {line}: {width(one)} columns: {one!r}")
                        expect(not re.search("[■●│┃─█…→]", one), f"{line}: a character of uncertain width: {one!r}")
            expect_equal(bool(re.search("[\u3040-\u30ff]", said)), language == "ja", f"doctor speaks {language}")


def start_of(line, word):
    """The column on the screen where a word stands, -1 where it does not."""
    return width(line[:line.index(word)]) if word in line else -1


@case
def columns_stand_below_each_other():
    with a_day() as desk, at(desk) as terminal:
        _, lines = terminal.run("madoctl list --all")
        head = next(line for line in lines if line.startswith("TICKET"))
        rows = [line for line in lines if re.match(r"\d{4}-\d{4}", line)]
        expect_equal(len(rows), 3, lines)
        for row, ticket in zip(rows, desk.ctl("list", "--all")):
            for column, value in (("STATE", ticket["state"]), ("SEV", ticket["severity"]), ("TLP", ticket["tlp"][4:])):
                expect_equal(start_of(row, f" {value} ") + 1, start_of(head, column), f"{column} of {row!r} below {head!r}")


@case
def colour_says_nothing_that_words_do_not():
    with a_day() as desk, at(desk) as plain, at(desk, colour=True) as coloured:
        seen = 0
        for line in ("madoctl list --all", "madoctl doctor", "madoctl inbox", "madoctl hold"):
            _, without = plain.run(line)
            _, with_colour = coloured.run(line)
            ages = re.compile(r"\b\d+[smhd]\b|\d+ (MB|kB|B)\b|[\d.]+ (of|GB|MiB)")
            expect_equal([ages.sub("", one).split() for one in with_colour], [ages.sub("", one).split() for one in without], line)
            seen += len(ESCAPE.findall(coloured.shown(colour=True)))
            expect_equal(ESCAPE.sub("", plain.shown(colour=True)), plain.shown(colour=True), f"{line}: NO_COLOR")
        expect(seen > 0, "there is colour")


def answer_drafts(desk):
    text = desk.folder / "answer.txt"
    text.write_text("Subject: about your report\n\nThank you, we look into it.\n")
    return text


@case
def a_prompt_is_answered_by_a_key():
    with a_day() as desk:
        text = answer_drafts(desk)
        sent = len(desk.ctl("outbox"))
        with at(desk) as terminal:
            for key, status in (("n", 1), ("", 1), ("C-c", 130)):
                terminal.begin(f"madoctl reply 1 --text {text}")
                terminal.wait_for("[N]o")
                if key == "C-c":
                    terminal.key(key)
                else:
                    terminal.type(key)
                    terminal.key("Enter")
                expect_equal(terminal.end()[0], status, f"{key!r}")
                expect_equal(len(desk.ctl("outbox")), sent, f"{key!r} sends nothing")
            terminal.begin(f"madoctl reply 1 --text {text}")
            shown = terminal.wait_for("[N]o")
            for line in shown.splitlines():
                expect(width(line) <= WIDTH, line)
            terminal.type("y")
            terminal.key("Enter")
            status, lines = terminal.end()
            expect_equal(status, 0, lines)
            expect_equal(len(desk.ctl("outbox")), sent + 1, "one letter")


@case
def a_watch_follows_and_q_ends_it():
    with a_day() as desk, at(desk) as terminal:
        terminal.begin("madoctl watch")
        terminal.wait_for("SAKURA-CSIRT")
        desk.ctl("take", "1")
        number = desk.ctl("show", "1")[0]["ticket"]
        wait_until(lambda: number in terminal.shown() or "open" in terminal.shown(), "news")
        for line in terminal.shown().splitlines():
            expect(width(line) <= WIDTH, line)
        terminal.key("q")
        expect_equal(terminal.end()[0], 0, "q")
        terminal.begin("madoctl watch")
        terminal.wait_for("SAKURA-CSIRT")
        terminal.key("C-c")
        expect(terminal.end()[0] in (0, 130), "Ctrl-C")


@case
def two_operators_get_to_know_of_each_other():
    with a_day() as desk:
        text = answer_drafts(desk)
        sent = len(desk.ctl("outbox"))
        with at(desk) as first, at(desk, language="ja") as second:
            first.begin(f"madoctl reply 1 --text {text}")
            second.begin(f"madoctl reply 1 --text {text}")
            first.wait_for("[N]o")
            wait_until(lambda: "[N]" in second.shown() or "[y]" in second.shown(), "the other is asked, too")
            first.type("y")
            first.key("Enter")
            expect_equal(first.end()[0], 0, "the first")
            second.type("n")
            second.key("Enter")
            second.end()
            expect_equal(len(desk.ctl("outbox")), sent + 1, "one letter, not two")
            first.run("madoctl take 1")
            status, lines = second.run("madoctl take 1")
            expect(status in (0, 65, 77) and any(line.strip() for line in lines), lines)
            expect_equal(len([row for row in desk.ctl("list", "--all") if row["handler"]]), 1, "one handler")


if __name__ == "__main__":
    main()
