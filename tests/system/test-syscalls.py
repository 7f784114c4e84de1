#!/usr/bin/env python3
"""A role dies at its k-th system call of a kind, or that call fails, for every k that a mail's way has;
afterwards every mail is there once, with one incident and one acknowledgement.

What the fault points of test-faults.py name, this finds by counting: nothing has to be known of the
program. Needs strace and root. MADO_STEP (1): 3 is every third k."""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from dovecot import Dovecot, source_at  # noqa: E402
from harness import (Desk, Failed, Skipped, case, expect, expect_equal, main, plain_mail,  # noqa: E402
                     wait_until)
from relay import Relay, check_letters  # noqa: E402

STEP = int(os.environ.get("MADO_STEP", 1))
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
# The same with an IMAP server and a relay: by sendto() a role speaks to them. A dialler dials in a child, which
# is not traced.
DEATHS_AT_SERVERS = [("intake", "sendto"), ("intake", "sendmsg"), ("courier", "sendto"), ("courier", "sendmsg"),
                     ("dialler", "sendmsg")]
ERRORS_AT_SERVERS = [("intake", "sendto", "EIO"), ("intake", "memfd_create", "EMFILE"), ("courier", "sendto", "EIO"),
                     ("dialler", "clone", "EAGAIN")]


class Trace:
    """A strace that does one thing to one process, attached when made."""

    def __init__(self, desk, pid, call, action, k):
        self.seen, self.call, self.k = desk.folder / "trace", call, k
        self.process = subprocess.Popen(
            ["strace", "-p", str(pid), "-o", str(self.seen), "-e", "trace=" + call,
             "-e", f"inject={call}:{action}:when={k}"], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "attached" in line:
                return
        raise Skipped("strace cannot attach: root is needed")

    def end(self):
        """Did it happen? How the process ended in the end says nothing: a daemon that stops kills what is left."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.stderr.close()
        self.process.wait()
        return sum(line.startswith(self.call + "(") for line in self.seen.read_text().splitlines()) >= self.k


def nothing_on_its_way(desk, waiting):
    for status in desk.ctl_now("status"):
        states = {row["state"] for row in status["outbox"] if row["count"]}
        return not states & waiting
    return False


# A letter whose way fails waits for its next attempt, minutes later.
ON_ITS_WAY = {"desk": {"queued", "sending", "deferred"}, "courier": {"queued", "sending"}}
# It died, or its disk failed, while it was told to end: what it was at is done at the next start.
ENDED = (0, 74, 75)


def check_store(desk, what):
    expect(desk.stop() in ENDED, f"exit status after {what}")
    with desk.store() as store:
        acks = store.execute("SELECT count(*), count(DISTINCT cause) FROM outbox WHERE kind = 'ack'")
        expect_equal(acks.fetchone(), (2, 2), f"acknowledgements after {what}")


class Folders:
    """Two mails in a Maildir; letters into another."""

    def __init__(self):
        self.desk = Desk(intake='rescan = "1s";')

    def give(self):
        self.desk.drop(plain_mail(1))
        self.desk.drop(plain_mail(2, sender="second@peer.example"))

    def check(self, role, what):
        desk = self.desk
        waiting = ON_ITS_WAY.get(role, ON_ITS_WAY["desk"])
        wait_until(lambda: nothing_on_its_way(desk, waiting), f"everything is sent after {what}")
        check_store(desk, what)
        answered = [ack["In-Reply-To"] for ack in desk.acks()]
        expect_equal(len(answered), len(set(answered)), f"acknowledgements that went out after {what}")

    def end(self):
        pass


class Servers:
    """Two mails in an IMAP mailbox, which is new for each; letters to a relay."""

    dovecot, users = None, 0

    def __init__(self):
        self.user = f"user{Servers.users}"
        Servers.users += 1
        self.relay = Relay().__enter__()
        self.desk = Desk(start=False)
        dovecot = self.server()
        self.desk.configure(intake='rescan = "1s";', outgoing=self.relay.settings, sources=source_at(
            dovecot.ports["imap"], self.desk.folder, tls="none", user=self.user, after="move"))
        self.desk.start()

    @classmethod
    def server(cls):
        if not cls.dovecot:
            folder = tempfile.mkdtemp(prefix="mado-", dir="/tmp")
            cls.dovecot = Dovecot(folder, users=[(f"user{number}", "secret") for number in range(2 * MOST)])
            atexit.register(shutil.rmtree, folder, True)
            atexit.register(cls.dovecot.stop)
        return cls.dovecot

    def give(self):
        self.dovecot.drop(plain_mail(1), self.user)
        self.dovecot.drop(plain_mail(2, sender="second@peer.example"), self.user)

    def check(self, role, what):
        check_letters(self.desk, self.relay, 2)
        wait_until(lambda: not self.dovecot.mails(self.user), f"the mailbox is empty after {what}")
        expect_equal(len(self.dovecot.mails(self.user, "mado/Done")), 2, f"mails that were moved after {what}")
        check_store(self.desk, what)

    def end(self):
        self.relay.__exit__()


def pid_of(desk, role):
    """Of the instance that has work to come: a dialler of a mailbox may have done its own before, that of the
    relay is the last one, and dials with the first letter."""
    number = "--instance=1" if role == "dialler" else "--instance=0"
    return wait_until(lambda: [pid for pid, _, words in desk.family() if f"--role={role}" in words and number in words],
                      f"a {role} runs")[0]


def strike(ways, role, call, action, k):
    """FALSE: the call does not come so often."""
    this = ways()
    what = f"{action} at {call} number {k} of the {role}"
    try:
        with this.desk as desk:
            trace = Trace(desk, pid_of(desk, role), call, action, k)
            try:
                this.give()
                ledger = desk.settled(2)
                expect_equal((ledger["mails"], ledger["incident"]), (2, 2), f"ledger after {what}")
                this.check(role, what)
            finally:
                happened = trace.end()
            return happened
    finally:
        this.end()


def strike_all(ways, role, call, action):
    for k in range(1, MOST, STEP):
        if not strike(ways, role, call, action, k):
            print(f"# {role} {call} {action}: {k} is beyond the last", flush=True)
            if k == 1:
                raise Failed(f"the {role} never calls {call}: this case shows nothing")
            return
    raise Failed(f"more than {MOST} calls of {call}")


def add_case(ways, name, role, call, action):
    def strikes():
        strike_all(ways, role, call, action)
    strikes.__name__ = name
    case(strikes)


for ways_, where, deaths, errors in (
        (Folders, "", DEATHS, ERRORS), (Servers, "_where_servers_are", DEATHS_AT_SERVERS, ERRORS_AT_SERVERS)):
    for role_, call_ in deaths:
        add_case(ways_, f"{role_}_dies_at_each_{call_}{where}", role_, call_, "signal=KILL")
    for role_, call_, error_ in errors:
        add_case(ways_, f"{call_}_of_the_{role_}_fails_once_by_{error_}{where}", role_, call_, f"error={error_}")


if __name__ == "__main__":
    main()
