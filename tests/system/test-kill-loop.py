#!/usr/bin/env python3
"""kill -9 of random processes at random times under twenty mails a second; then every mail that was
handed over is there once, in one incident, with at most one acknowledgement.

MADO_KILLS (200) says how often, MADO_SEED repeats a run."""

import hashlib
import os
import random
import signal
import sys
import time
from collections import Counter

sys.path.insert(0, os.path.dirname(__file__))
from harness import (Desk, case, expect, expect_equal, main, pace, plain_mail,  # noqa: E402
                     wait_until)

KILLS = int(os.environ.get("MADO_KILLS", 200))
SEED = int(os.environ.get("MADO_SEED", random.randrange(1 << 30)))
RATE = 20
BOUND = 300


def role_of(words):
    roles = [word.removeprefix("--role=") for word in words if word.startswith("--role=")]
    return roles[0] if roles else "launcher"


def kill_one(desk, chance):
    """Kills one process of the daemon; the name of what died."""
    pid, _, words = chance.choice(wait_until(desk.family, "something runs"))
    desk.send(pid, signal.SIGKILL)
    if pid == desk.process.pid:
        desk.kill_all()
        desk.spawn()
    return role_of(words)


def load_and_kill(desk, chance):
    """(sha256 of every mail that was handed over, how often each role died)"""
    injected, died, start = set(), Counter(), time.monotonic()
    next_kill = start
    while sum(died.values()) < KILLS:
        number = len(injected)
        if number < (time.monotonic() - start) * RATE:
            mail = plain_mail(number, sender=f"r{number}@peer{number}.example")
            injected.add(desk.drop(mail))
        if time.monotonic() > next_kill:
            died[kill_one(desk, chance)] += 1
            next_kill = time.monotonic() + chance.expovariate(4)
        pace(chance.uniform(0, 1 / RATE))
    return injected, died


def stored_mails(store):
    """The hash of the bytes that the store has under each hash that it names."""
    for number, sha256 in store.execute("SELECT id, sha256 FROM mail").fetchall():
        content = hashlib.sha256()
        for (part,) in store.execute(
                "SELECT bytes FROM mail_chunk WHERE mail = ? ORDER BY place", (number,)):
            content.update(part)
        expect_equal(content.hexdigest(), sha256, f"bytes of mail {number}")
        yield sha256


def check_oracle(desk, injected):
    with desk.store() as store:
        check_store(store, injected)
    answered = Counter(ack["In-Reply-To"] for ack in desk.acks())
    twice = [message_id for message_id, times in answered.items() if times > 1]
    expect(not twice, f"acknowledged twice: {twice}")
    return len(answered)


def check_store(store, injected):
    mails = list(stored_mails(store))
    expect_equal((len(mails), set(mails)), (len(injected), injected), "every mail once")
    for what, query in (
            ("an incident without a mail", "SELECT count(*) FROM incident WHERE id NOT IN "
                                           "(SELECT incident FROM mail WHERE incident IS NOT NULL)"),
            ("a mail without an incident", "SELECT count(*) FROM mail WHERE incident IS NULL"),
            ("mails that share an incident", "SELECT count(*) - count(DISTINCT incident) FROM mail"),
            ("two letters for one cause", "SELECT count(*) - count(DISTINCT kind || cause) FROM outbox"),
            ("letters that wait", "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')")):
        expect_equal(store.execute(query).fetchone()[0], 0, what)


@case
def random_kills_lose_nothing_and_double_nothing():
    print(f"# MADO_SEED={SEED} MADO_KILLS={KILLS}", flush=True)
    chance = random.Random(SEED)
    with Desk(acknowledge="hourly = 100000;", daemon="patience = \"5s\";") as desk:
        injected, died = load_and_kill(desk, chance)
        desk.restart()
        wait_until(lambda: (lambda sums: sums["mails"] == len(injected) and not sums["waiting"])(
            desk.ledger()), "everything is settled", BOUND)
        wait_until(lambda: not {"queued", "sending", "deferred"} & {
            row["state"] for row in desk.ctl("status")[0]["outbox"] if row["count"]},
                   "everything is sent", BOUND)
        expect_equal(desk.stop(), 0, "exit status")
        answered = check_oracle(desk, injected)
        print(f"# {len(injected)} mails, {answered} acknowledged; killed: {dict(died)}", flush=True)


if __name__ == "__main__":
    main()
