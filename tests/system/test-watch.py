#!/usr/bin/env python3
"""madoctl watch: the dashboard follows events, and lines through a pipe do; nothing is asked again and again."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, PROGRAMS, Desk, case, expect, expect_equal, main, plain_mail  # noqa: E402


class Board:
    """madoctl watch at a terminal."""

    def __init__(self, desk, **variables):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update({"LC_ALL": "C.UTF-8", "TERM": "xterm", **variables})
            os.execv(PROGRAMS / "madoctl", ["madoctl", "--config", str(desk.configuration), "watch"])
        self.shown = ""

    def until(self, words):
        end = time.monotonic() + BOUND
        while words not in self.shown:
            expect(time.monotonic() < end, f"{words!r} is shown; there is: {self.shown[-600:]!r}")
            if select.select([self.terminal], [], [], 1)[0]:
                self.shown += os.read(self.terminal, 65536).decode(errors="replace")

    def ended(self):
        try:
            while os.read(self.terminal, 65536):
                pass
        except OSError:
            pass
        return os.waitpid(self.pid, 0)[1]


@case
def the_dashboard_follows_and_ends_at_q():
    with Desk() as desk:
        board = Board(desk)
        board.until("q ends")
        expect("\033[2J" in board.shown, "in place of what was there")
        board.shown = ""
        desk.drop(plain_mail())
        number = desk.wait_for_acks(1) and desk.incidents()[0]["ticket"]
        board.until(f"{number} opened")
        os.write(board.terminal, b"x")
        os.write(board.terminal, b"q")
        expect_equal(os.waitstatus_to_exitcode(board.ended()), 0, "q")


@case
def ctrl_c_ends_it_and_a_dumb_terminal_gets_no_codes():
    with Desk() as desk:
        board = Board(desk, TERM="dumb")
        board.until("q ends")
        expect("\033" not in board.shown, f"codes: {board.shown!r}")
        os.write(board.terminal, b"\x03")
        status = board.ended()
        expect(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT, f"Ctrl-C: {status}")


def follow(desk, *options):
    return subprocess.Popen([PROGRAMS / "madoctl", "--config", desk.configuration, "watch", *options],
                            stdout=subprocess.PIPE, text=True)


def requests(pid):
    """How often a process was woken to do something."""
    with open(f"/proc/{pid}/status") as status:
        return int(next(line for line in status if line.startswith("voluntary")).split()[1])


@case
def without_a_terminal_each_change_is_a_line():
    with Desk() as desk:
        desk.drop(plain_mail())
        desk.wait_for_acks(1)
        lines, rows = follow(desk), follow(desk, "--json")
        try:
            told = None
            while not told:  # who has not begun to listen yet hears the next one
                desk.ctl("note", "1", "called the owner")
                told = select.select([rows.stdout], [], [], 1)[0] and select.select([lines.stdout], [], [], 1)[0]
            row = json.loads(rows.stdout.readline())
            expect_equal((row["schema"], row["kind"], row["text"], row["ticket"]),
                         ("mado/1", "note", "called the owner", desk.incidents()[0]["ticket"]), "a row")
            expect_equal(lines.stdout.readline().split("\t")[2:], ["note", row["ticket"], "called the owner\n"], "a line")
            before = requests(lines.pid)
            expect(not select.select([lines.stdout], [], [], 3)[0], "nothing happens, and nothing is said")
            expect(requests(lines.pid) - before <= 2, "it waits, and does not ask again and again")
        finally:
            for one in (lines, rows):
                one.send_signal(signal.SIGINT)
                one.wait(BOUND)
                one.stdout.close()


if __name__ == "__main__":
    main()
