#!/usr/bin/env python3
"""A role dies at its k-th system call of a kind, or that call fails, for every k that a mail's way has;
afterwards every mail is there once, with one incident and one acknowledgement.

What the fault points of test-faults.py name, this finds by counting: nothing has to be known of the
program. Needs strace and root. MADO_STEP (3): every third k; 1 is all of them."""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import (Desk, Failed, Skipped, case, expect, expect_equal, main, plain_mail,  # noqa: E402
                     wait_until)

STEP = int(os.environ.get("MADO_STEP", 3))
MOST = 400  # calls of one kind on the way of two mails; beyond it something circles
# The calls by which something leaves a role: for the disk, for its mailbox, for another role.
DEATHS = [("desk", "pwrite64"), ("desk", "fdatasync"), ("desk", "sendmsg"), ("intake", "sendmsg"),
          ("intake", "renameat2"), ("courier", "write"), ("courier", "fsync"), ("courier", "renameat2"),
          ("courier", "sendmsg"), ("reader", "sendmsg")]
# What may fail: where bytes are kept the disk, where files are made their number.
ERRORS = [("desk", "pwrite64", "ENOSPC"), ("desk", "pwrite64", "EIO"), ("desk", "fdatasync", "EIO"),
          ("desk", "memfd_create", "EMFILE"), ("intake", "memfd_create", "EMFILE"),
          ("intake", "openat", "EMFILE"), ("courier", "write", "ENOSPC"), ("courier", "fsync", "EIO"),
          ("courier", "openat", "EMFILE")]


class Trace:
    """A strace that does one thing to one process, attached when made."""

    def __init__(self, desk, pid, call, action):
        self.seen = desk.folder / "trace"
        self.process = subprocess.Popen(
            ["strace", "-p", str(pid), "-o", str(self.seen), "-e", "trace=" + call,
             "-e", f"inject={call}:{action}"], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "attached" in line:
                return
        raise Skipped("strace cannot attach: root is needed")

    def end(self):
        """Did it happen?"""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.stderr.close()
        self.process.wait()
        return any(word in self.seen.read_text() for word in ("INJECTED", "killed by SIGKILL"))


def nothing_on_its_way(desk, waiting):
    for status in desk.ctl_now("status"):
        states = {row["state"] for row in status["outbox"] if row["count"]}
        return not states & waiting
    return False


# A letter whose way fails waits for its next attempt, minutes later.
ON_ITS_WAY = {"desk": {"queued", "sending", "deferred"}, "courier": {"queued", "sending"}}
TEMPORARY_FAILURE = 75  # it died while it was told to end


def check(desk, role, what):
    ledger = desk.settled(2)
    expect_equal((ledger["mails"], ledger["incident"]), (2, 2), f"ledger after {what}")
    waiting = ON_ITS_WAY.get(role, ON_ITS_WAY["desk"])
    wait_until(lambda: nothing_on_its_way(desk, waiting), f"everything is sent after {what}")
    expect(desk.stop() in (0, TEMPORARY_FAILURE), f"exit status after {what}")
    with desk.store() as store:
        acks = store.execute("SELECT count(*), count(DISTINCT cause) FROM outbox WHERE kind = 'ack'")
        expect_equal(acks.fetchone(), (2, 2), f"acknowledgements after {what}")
    answered = [ack["In-Reply-To"] for ack in desk.acks()]
    expect_equal(len(answered), len(set(answered)), f"acknowledgements that went out after {what}")


def strike(role, call, action, k):
    """FALSE: the call does not come so often."""
    with Desk(intake='rescan = "1s";') as desk:
        trace = Trace(desk, desk.role_pids(role)[0], call, f"{action}:when={k}")
        try:
            desk.drop(plain_mail(1))
            desk.drop(plain_mail(2, sender="second@peer.example"))
            check(desk, role, f"{action} at {call} number {k} of the {role}")
        finally:
            happened = trace.end()
        return happened


def strike_all(role, call, action):
    for k in range(1, MOST, STEP):
        if not strike(role, call, action, k):
            print(f"# {role} {call} {action}: {k} is beyond the last", flush=True)
            if k == 1:
                raise Failed(f"the {role} never calls {call}: this case shows nothing")
            return
    raise Failed(f"more than {MOST} calls of {call}")


def add_case(name, role, call, action):
    def strikes():
        strike_all(role, call, action)
    strikes.__name__ = name
    case(strikes)


for role_, call_ in DEATHS:
    add_case(f"{role_}_dies_at_each_{call_}", role_, call_, "signal=KILL")
for role_, call_, error_ in ERRORS:
    add_case(f"{call_}_of_the_{role_}_fails_once_by_{error_}", role_, call_, f"error={error_}")


if __name__ == "__main__":
    main()
