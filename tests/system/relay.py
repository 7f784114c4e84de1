"""A relay that writes down every letter that it is given, and goes without a word behind the dot where
the test wants it: what a real relay does when its host falls, and cannot be asked to do.

    with Relay(cut=lambda number: number % 9 == 0) as relay:
        relay.settings                  for a Desk's `outgoing`
        relay.seen                      [Seen]: what came whole, its dot included
"""

import threading
from collections import defaultdict

from harness import expect, expect_equal, relay_at, wait_until
from wire import Scripted

SETTLED = ("sent", "unknown", "deferred", "failed")


class Seen:
    """One letter, as it came up to the dot; `answered`: the relay said that it has it."""

    def __init__(self, recipient, letter, answered):
        self.recipient, self.letter, self.answered = recipient, letter, answered


class Relay(Scripted):
    """cut: of the n-th letter, from 0: is its dot left without an answer? `out_of_order`: it takes none."""

    def __init__(self, cut=lambda number: False, answers=None):
        super().__init__(self.talk_smtp)
        self.cut, self.seen, self.lock = cut, [], threading.Lock()
        self.answers = answers or {}  # recipient -> what RCPT is answered
        self.out_of_order = False

    @property
    def settings(self):
        return relay_at(self.port)

    def talk_smtp(self, connection):
        recipient = ""
        if self.out_of_order:
            connection.say(b"421 not now\r\n")
            return
        connection.say(b"220 relay.example ESMTP\r\n")
        for line in iter(connection.line, b""):
            if line == b"DATA":
                connection.say(b"354 go on\r\n")
                if not self.take(connection, recipient):
                    return
            if line.startswith(b"RCPT TO:"):
                recipient = line[len(b"RCPT TO:<"):-1].decode()
            refused = self.answers.get(recipient) if line.startswith(b"RCPT") else None
            connection.say(refused or b"250 2.0.0 taken\r\n")

    def take(self, connection, recipient):
        """FALSE: no answer, and the end of the connection."""
        letter = connection.until(b"\r\n.\r\n")
        if letter is None:
            return False
        with self.lock:
            answered = not self.cut(len(self.seen))
            self.seen.append(Seen(recipient, letter, answered))
        return answered

    def copies(self):
        """recipient and Message-ID -> every copy that came, in order."""
        found = defaultdict(list)
        for seen in list(self.seen):
            head = seen.letter.split(b"\r\n\r\n")[0]
            name, = [line for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:")]
            found[seen.recipient, name].append(seen)
        return found


def outbox(desk):
    return list(desk.ctl_now("outbox", "--all"))


def hurry(desk):
    """What was put off, as a letter is that was in hand when couriers died, is sent at once."""
    for row in outbox(desk):
        if row["state"] == "deferred":
            desk.ask("outbox", "retry", str(row["id"]))  # it may be on its way by now
    return outbox(desk)


def check_letters(desk, relay, number):
    """What the relay saw against what the outbox says of it; then every letter without an answer is
    sent again, and nothing else has come twice, or is missing, or has other bytes."""
    def settled():
        rows = hurry(desk)
        return rows if len(rows) >= number and all(row["state"] in SETTLED for row in rows) else None
    rows = wait_until(settled, f"{number} letters are settled", 300)
    twice = [copies[0].recipient for copies in relay.copies().values() if len(copies) > 1]
    expect(not twice, f"came twice, and nobody had asked for it: {twice}")
    answered = {seen.recipient for seen in relay.seen if seen.answered}
    expect_equal([row["to"] for row in rows if row["state"] == "sent" and row["to"] not in answered], [],
                 "called sent, and the relay has never said that it has it")
    expect_equal([row for row in rows if row["state"] == "failed"], [], "failed letters")
    uncertain = [row["to"] for row in rows if row["state"] == "unknown"]
    relay.cut = lambda number: False
    for row in rows:
        if row["state"] != "sent":
            desk.ctl("outbox", "retry", str(row["id"]))
    check_repeats(desk, relay, set(uncertain))
    return len(rows) - len(uncertain), len(uncertain)


def check_repeats(desk, relay, uncertain):
    wait_until(lambda: all(row["state"] == "sent" for row in outbox(desk)), "all letters are sent in the end")
    for (recipient, _), copies in relay.copies().items():
        expect(len(copies) == 1 or recipient in uncertain, f"a repeat to {recipient}, whose answer had come")
        expect(len(copies) <= 2, f"{len(copies)} copies to {recipient}")
        expect_equal({copy.letter for copy in copies}, {copies[0].letter}, f"bytes of the copies to {recipient}")
    expect_equal(sorted(row["to"] for row in outbox(desk)),
                 sorted(recipient for recipient, _ in relay.copies()), "recipients")
