"""The clock of a madod that was started with --now, moved by a test: what is due then is done before it goes on, and
nothing waits for a tick."""

import datetime
import json
import socket

from harness import BOUND, expect, wait_until

PAUSE = 0.001


def moment(text):
    return datetime.datetime.fromisoformat(text)


class Clock:
    """Of one running Desk; a restart needs another one, and begins at what `options` says."""

    def __init__(self, desk):
        self.now = self.next = None
        self.wire = socket.socket(socket.AF_UNIX)
        self.wire.settimeout(BOUND)
        self.wire.connect(str(desk.folder / "run/control.sock"))
        self.lines = self.wire.makefile("r")

    def close(self):
        self.lines.close()
        self.wire.close()

    def ask(self, **args):
        self.wire.sendall(json.dumps({"schema": "mado/1", "command": "step", "args": args}).encode() + b"\n")
        row = json.loads(self.lines.readline())
        expect("error" not in row, f"step {args}: {row}")
        expect(json.loads(self.lines.readline()).get("end"), "the answer has an end")
        self.now = moment(row["now"])
        return row

    def settled(self):
        row = self.ask()
        return row if row["done"] else None

    def settle(self, bound=BOUND):
        """All that has come in has its place, what is due is done, and its letters have gone; `next` is when something
        is due, or None."""
        row = wait_until(self.settled, f"what is due at {self.now} is done", bound, longest=PAUSE)
        self.next = row["next"] and moment(row["next"])

    def to(self, when):
        """Time passes until then, and stops at each moment at which something is due."""
        when = moment(when) if isinstance(when, str) else when
        self.settle()
        while self.next and self.next < when:
            self.ask(to=self.next.isoformat())
            self.settle()
        self.leap(when)

    def leap(self, when):
        """Nothing is looked at between, as if the host had slept."""
        self.ask(to=when if isinstance(when, str) else when.isoformat())
        self.settle()

    def set_by_hand(self, when):
        """Somebody sets the clock of the host; no time has passed."""
        self.ask(to=when if isinstance(when, str) else when.isoformat(), by_hand=True)
        self.settle()
