"""Mail by every way in, letters by every way out, and kill -9 of whatever process of the daemon chance
names; then what has to be true of the store, of the servers and of the relay.

MADO_KILLS says how often, MADO_SEED repeats a run."""

import contextlib
import hashlib
import os
import random
import signal
import time
from collections import Counter

from dovecot import Dovecot, source_at
from harness import Desk, Skipped, expect, expect_equal, pace, plain_mail, wait_until
from postfix import Postfix, why_not
from relay import Relay, check_letters, hurry

RATE = 20  # mails a second
KILLS_A_SECOND = 6
BOUND = 300
CUT_EVERY = 20  # letters of which one has no answer to its dot
FIRST_FIELD = b"From: A. Reporter"  # of every mail of a test; what stands before it a server has added
SEED = int(os.environ.get("MADO_SEED", random.randrange(1 << 30)))


def kills(otherwise):
    return int(os.environ.get("MADO_KILLS", otherwise))


# -- the load -----------------------------------------------------------------------------------------


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


def load_and_kill(desk, ways, chance, number_of_kills):
    """({way: SHA-256 of every mail that was handed over there}, how often each role died)"""
    given, died, start = {way: set() for way in ways}, Counter(), time.monotonic()
    next_kill, number = start, 0
    while sum(died.values()) < number_of_kills:
        if number < (time.monotonic() - start) * RATE:
            way = chance.choice(list(ways))
            mail = plain_mail(number, sender=f"r{number}@peer{number}.example")
            ways[way](mail)
            given[way].add(hashlib.sha256(mail).hexdigest())
            number += 1
        if time.monotonic() > next_kill:
            died[kill_one(desk, chance)] += 1
            next_kill = time.monotonic() + chance.expovariate(KILLS_A_SECOND)
        pace(chance.uniform(0, 1 / RATE))
    return given, died


# -- the store ----------------------------------------------------------------------------------------


def stored_mails(store):
    """SHA-256 of each mail as it was given; the store has it under the hash of what it keeps."""
    for number, sha256 in store.execute("SELECT id, sha256 FROM mail").fetchall():
        parts = store.execute("SELECT bytes FROM mail_chunk WHERE mail = ? ORDER BY place", (number,))
        kept = b"".join(part for part, in parts)
        expect_equal(hashlib.sha256(kept).hexdigest(), sha256, f"bytes of mail {number}")
        yield hashlib.sha256(kept[kept.index(FIRST_FIELD):]).hexdigest()


def check_store(store, given):
    mails = Counter(stored_mails(store))
    expect_equal({sha256: times for sha256, times in mails.items() if times > 1}, {}, "mails that are there twice")
    expect_equal(set(mails), given, "the mails")
    for what, query in (
            ("an incident without a mail", "SELECT count(*) FROM incident WHERE id NOT IN "
                                           "(SELECT incident FROM mail WHERE incident IS NOT NULL)"),
            ("a mail without an incident", "SELECT count(*) FROM mail WHERE incident IS NULL"),
            ("mails that share an incident", "SELECT count(*) - count(DISTINCT incident) FROM mail"),
            ("two letters for one cause", "SELECT count(*) - count(DISTINCT kind || cause) FROM outbox"),
            ("letters that wait", "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')")):
        expect_equal(store.execute(query).fetchone()[0], 0, what)


def wait_for_all(desk, number):
    """Every mail has its place. More than were given is for the store to say."""
    def done():
        for sums in desk.ctl_now("ledger"):
            if sums["mails"] >= number and not sums["waiting"]:
                return {**sums, **sums["places"]}
        return None
    return wait_until(done, f"{number} mails have their place", BOUND)


def end_and_check(desk, given):
    expect_equal(desk.stop(), 0, "exit status")
    with desk.store() as store:
        check_store(store, set().union(*given.values()))


# -- all ways at once -----------------------------------------------------------------------------------


@contextlib.contextmanager
def all_ways():
    """A daemon that has mail by Maildir, IMAP, POP3 and LMTP at once; (desk, dovecot, mta, relay)."""
    if why_not():
        raise Skipped(why_not())
    chance = random.Random(SEED)
    with Desk(start=False) as desk, Relay(cut=lambda number: chance.randrange(CUT_EVERY) == 0) as relay:
        desk.folder.chmod(0o711)
        socket = desk.folder / "run/lmtp.sock"
        with Dovecot(desk.folder, users=(("csirt", "secret"), ("second", "secret"))) as dovecot, \
                Postfix(transport=f"lmtp:unix:{socket}") as mta:
            ways = ('{ name = "maildir"; type = "maildir"; path = "Maildir"; }',
                    source_at(dovecot.ports["imap"], desk.folder, name="imap", tls="none", after="move"),
                    source_at(dovecot.ports["pop3"], desk.folder, name="pop3", type="pop3", tls="none",
                              user="second", after="delete"),
                    f'{{ name = "lmtp"; type = "lmtp"; path = "{socket}"; }}')
            desk.configure(sources=", ".join(ways), group="postfix", outgoing=relay.settings, intake='rescan = "1s";',
                           acknowledge="hourly = 100000;", daemon='patience = "5s";')
            desk.start()
            yield desk, dovecot, mta, relay


def check_servers(desk, dovecot, mta, given):
    """Each server is rid of what was taken, in its own way, and of nothing else."""
    mta.empty()
    wait_until(lambda: not dovecot.mails("csirt"), "the IMAP mailbox is empty")
    wait_until(lambda: not dovecot.mails("second"), "the POP3 mailbox is empty")
    expect_equal(len(dovecot.mails("csirt", "mado/Done")), len(given["imap"]), "mails that were moved")
    expect_equal(len(list((desk.folder / "Maildir/new").iterdir())), 0, "mails in the Maildir's new/")


def kills_by_all_ways(number_of_kills):
    print(f"# MADO_SEED={SEED} MADO_KILLS={number_of_kills}", flush=True)
    with all_ways() as (desk, dovecot, mta, relay):
        ways = {"maildir": desk.drop, "imap": dovecot.drop, "pop3": lambda mail: dovecot.drop(mail, "second"),
                "lmtp": mta.submit}
        given, died = load_and_kill(desk, ways, random.Random(SEED), number_of_kills)
        desk.restart()
        number = sum(len(mails) for mails in given.values())
        ledger = wait_for_all(desk, number)
        sent, unknown = check_letters(desk, relay, number - ledger["quarantine"])
        check_servers(desk, dovecot, mta, given)
        end_and_check(desk, given)
        arrived = ", ".join(f"{way} {len(mails)}" for way, mails in given.items())
        print(f"# mails: {arrived}; letters: {sent} sent, {unknown} uncertain; killed: {dict(died)}", flush=True)


# -- a Maildir on both sides --------------------------------------------------------------------------


def kills_with_a_maildir(number_of_kills):
    """Where the way out can tell a copy, nothing is uncertain: every letter goes, and once."""
    print(f"# MADO_SEED={SEED} MADO_KILLS={number_of_kills}", flush=True)
    with Desk(acknowledge="hourly = 100000;", daemon='patience = "5s";') as desk:
        given, died = load_and_kill(desk, {"maildir": desk.drop}, random.Random(SEED), number_of_kills)
        desk.restart()
        number = len(given["maildir"])
        ledger = wait_for_all(desk, number)
        wait_until(lambda: {row["state"] for row in hurry(desk)} == {"sent"}, "everything is sent", BOUND)
        end_and_check(desk, given)
        answered = Counter(ack["In-Reply-To"] for ack in desk.acks())
        expect_equal(set(answered.values()), {1}, "how often each was acknowledged")
        expect_equal(len(answered), number - ledger["quarantine"], "acknowledgements")
        print(f"# {number} mails; killed: {dict(died)}", flush=True)
