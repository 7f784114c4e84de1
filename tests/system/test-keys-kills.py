#!/usr/bin/env python3
"""gpg, its agent and the keys workers are killed or stopped, hundreds of times under load: each letter is signed in
the end, once and well, each mail that comes sealed is opened, what was changed on its way is never called good, and
nobody ever waits for what hangs.

MADO_KILLS says how often, MADO_SEED repeats a run."""

import os
import random
import signal
import sys
import time
from collections import Counter

sys.path.insert(0, os.path.dirname(__file__))
from harness import case, expect, main, pace, wait_until  # noqa: E402
from keyed import Keyed, Peer  # noqa: E402

RATE = 3  # letters a second, and as many mails of a peer
EACH = 0.3  # seconds between two deaths, on the average
LOOKS = 30
LONGEST_REST = 60  # between two letters while mails come
BOUND = 600
SEED = int(os.environ.get("MADO_SEED", random.randrange(1 << 30)))


def kills(otherwise):
    return int(os.environ.get("MADO_KILLS", otherwise))


def victims(desk):
    """By what they are."""
    return {"worker": desk.role_pids("keys"), "gpg": desk.programs("gpg"), "agent": desk.programs("gpg-agent")}


def strike(desk, chance):
    """What was struck and how; None if it was not there. A gpg is there for some milliseconds at a time."""
    kind, how = chance.choice(["worker", "gpg", "agent"]), chance.choice([signal.SIGKILL, signal.SIGSTOP])
    for _ in range(LOOKS):
        there = victims(desk)[kind]
        if there:
            desk.send(chance.choice(there), how)
            return kind, how.name
    return None


def load_and_strike(desk, peer, chance, number):
    struck, start = Counter(), time.monotonic()
    next_strike = start
    while sum(struck.values()) < number:
        now = time.monotonic()
        if desk.mails < (now - start) * RATE:
            desk.report()
            peer.send()
        if now > next_strike:
            what = strike(desk, chance)
            if what:
                struck[what] += 1
                next_strike = now + chance.expovariate(1 / EACH)
        pace(0.02)
    return struck


def is_settled(desk, mails):
    ledger = desk.ledger()
    return ledger["mails"] == mails and not ledger["waiting"]


def longest_rest(desk):
    times = sorted(file.stat().st_mtime for file in (desk.folder / "out/new").iterdir())
    return max(later - before for before, later in zip(times, times[1:]))


@case
def each_letter_is_signed_in_the_end_whatever_is_killed_or_stopped():
    chance = random.Random(SEED)
    print(f"# MADO_SEED={SEED}", flush=True)
    with Keyed() as desk:
        peer = Peer(desk)
        try:
            desk.report()
            desk.all_are_answered()
            struck = load_and_strike(desk, peer, chance, kills(500))
        finally:
            peer.end()
        desk.all_are_answered(BOUND)
        wait_until(lambda: is_settled(desk, desk.mails + len(peer.sent)), "all mails have their place", BOUND)
        desk.check_letters()
        rest = longest_rest(desk)
        print(f"# {desk.mails} letters, {len(peer.sent)} mails of a peer, {dict(struck)}, longest rest {rest:.1f} s", flush=True)
        expect(rest < LONGEST_REST, f"a rest of {rest:.1f} s")
        expect(desk.stop() == 0 and not desk.family(), "nothing is left running")
        peer.check_verdicts()


if __name__ == "__main__":
    main()
