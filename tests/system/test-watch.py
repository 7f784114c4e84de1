#!/usr/bin/env python3
"""madoctl watch: the dashboard follows events, and lines through a pipe do; nothing is asked again and again."""

import contextlib
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, PROGRAMS, Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402


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


class Follower:
    """madoctl watch through a pipe; what it says beside its rows stands in a file."""

    def __init__(self, desk, *options):
        self.desk, self.beside = desk, desk.folder / "beside"
        with open(self.beside, "wb") as beside:
            self.process = subprocess.Popen([PROGRAMS / "madoctl", "--config", desk.configuration, "watch", *options],
                                            env={**os.environ, "LC_ALL": "C.UTF-8"}, stdout=subprocess.PIPE, stderr=beside)
        self.text = b""

    def said(self):
        return self.beside.read_text()

    def waits(self):
        wait_until(lambda: "does not answer" in self.said(), "it says that it waits")

    def lines_until(self, word):
        end = time.monotonic() + BOUND
        while word.encode() not in self.text or not self.text.endswith(b"\n"):
            expect(time.monotonic() < end, f"{word!r} is told; there is {self.text[-600:]!r}, {self.said()}")
            if select.select([self.process.stdout], [], [], 1)[0]:
                self.text += os.read(self.process.stdout.fileno(), 65536)
        return self.text.decode().splitlines()

    def listens(self):
        """Who has not begun to listen yet hears the next one."""
        def heard():
            self.desk.ctl("note", "1", "are you there?")
            return select.select([self.process.stdout], [], [], 1)[0]
        wait_until(heard, "it listens")

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.stdout.close()
        return self.process.wait(BOUND)


@contextlib.contextmanager
def followed(*options):
    with Desk() as desk:
        desk.drop(plain_mail())
        desk.wait_for_acks(1)
        follower = Follower(desk, *options)
        try:
            follower.listens()
            yield desk, follower
        finally:
            if follower.process.poll() is None:
                follower.end()


@case
def a_restart_loses_nothing_and_repeats_nothing():
    with followed("--json") as (desk, follower):
        for round, leave in enumerate((desk.stop, desk.kill_all), 2):
            leave()
            wait_until(lambda: follower.said().count("does not answer") == round - 1, "it waits")
            desk.drop(plain_mail(round))
            desk.start()
            desk.wait_for_acks(round)
            wait_until(lambda: follower.said().count("is back") == round - 1, "it is back")
        desk.ctl("note", "1", "the last of them")
        rows = [json.loads(line) for line in follower.lines_until("the last of them")]
        ids = [row["id"] for row in rows]
        expect_equal(len(follower.said().splitlines()), 4, f"said once each: {follower.said()}")
        desk.stop()
        with desk.store() as store:
            wanted = [row[0] for row in store.execute("SELECT id FROM journal WHERE id >= ? ORDER BY id", ids[:1])]
        expect_equal(ids, wanted, "each event once, in order")
        expect_equal({row["schema"] for row in rows}, {"mado/1"}, "nothing but rows")
        expect_equal([row["kind"] for row in rows].count("opened"), 2, "what came while it was away")


@case
def lines_go_on_behind_a_restart():
    with followed() as (desk, follower):
        desk.stop()
        follower.waits()
        desk.start()
        desk.ctl("note", "1", "here again")
        expect(all(line.count("\t") == 4 for line in follower.lines_until("here again")), f"lines of events alone: {follower.text}")


@case
def who_waits_is_ended_by_ctrl_c():
    with followed("--json") as (desk, follower):
        desk.stop()
        follower.waits()
        expect_equal(follower.end(), -signal.SIGINT, "Ctrl-C")


@case
def in_the_place_of_the_store_an_older_copy_is_followed():
    with followed("--json") as (desk, follower):
        desk.stop()
        shutil.copytree(desk.folder / "state", desk.folder / "older")
        desk.start()
        for number in range(3):
            desk.ctl("note", "1", f"never was {number}")
        follower.lines_until("never was 2")
        desk.stop()
        shutil.rmtree(desk.folder / "state")
        (desk.folder / "older").rename(desk.folder / "state")
        desk.start()
        wait_until(lambda: follower.said().count("is back") == 2, "it is back")
        desk.ctl("note", "1", "in the older one")
        follower.lines_until("in the older one")


@case
def it_waits_without_asking_all_the_time():
    with followed("--json") as (desk, follower):
        desk.stop()
        follower.waits()
        follower.lines_until("are you there?")
        before, begun = requests(follower.process.pid), time.monotonic()
        expect(not select.select([follower.process.stdout], [], [], 5)[0], "nothing is told")
        expect(requests(follower.process.pid) - before <= 4 * (time.monotonic() - begun), "pauses between the tries")
        expect_equal(len(follower.said().splitlines()), 1, "it says so once")


@case
def who_never_reached_it_is_told_so():
    with Desk(start=False) as desk:
        follower = Follower(desk)
        expect_equal(follower.process.wait(BOUND), 69, "exit status")
        follower.process.stdout.close()
        expect("cannot be reached" in follower.said(), follower.said())


@case
def the_dashboard_comes_back():
    with Desk() as desk:
        board = Board(desk)
        board.until("q ends")
        desk.stop()
        board.until("does not answer")
        desk.drop(plain_mail())
        desk.start()
        number = desk.wait_for_acks(1) and desk.incidents()[0]["ticket"]
        board.until("is back since")
        board.until(f"{number} opened")
        desk.stop()
        board.shown = ""
        board.until("does not answer")
        os.write(board.terminal, b"q")
        expect_equal(os.waitstatus_to_exitcode(board.ended()), 0, "q")


@case
def the_dashboard_that_waits_is_ended_by_ctrl_c():
    with Desk() as desk:
        board = Board(desk)
        board.until("q ends")
        desk.stop()
        board.until("does not answer")
        os.write(board.terminal, b"\x03")
        expect_equal(os.WTERMSIG(board.ended()), signal.SIGINT, "Ctrl-C")


if __name__ == "__main__":
    main()
