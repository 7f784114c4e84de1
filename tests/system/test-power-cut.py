#!/usr/bin/env python3
"""The power fails under load; then every mail whose server was told is in the store, every letter that is
called sent is there, and nothing is there twice.

kill -9 does not show this: what was written but not synced survives a process. Here the store stands on
a file system in a file, and the outgoing Maildir on another, so that the one is not synced with the
other; the copy of such a file, made while it is mounted, has what was synced and nothing more. Needs
root and a loop device. MADO_CUTS (100), MADO_SEED."""

import contextlib
import hashlib
import os
import random
import shutil
import signal
import smtplib
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from dovecot import Dovecot, source_at  # noqa: E402
from harness import Desk, Skipped, case, expect, expect_equal, main, pace, plain_mail, wait_until  # noqa: E402
from killing import stored_mails, wait_for_all  # noqa: E402
from relay import Relay, outbox  # noqa: E402

CUTS = int(os.environ.get("MADO_CUTS", 100))
SEED = int(os.environ.get("MADO_SEED", random.randrange(1 << 30)))
STORE_MEGABYTES, OUT_MEGABYTES = 192, 16
TEAM = "csirt@sakura.example"


def run(*words):
    subprocess.run(words, check=True, capture_output=True)


class Disk:
    """An ext4 file system in a file, where the daemon has the folder of that name."""

    def __init__(self, folder, name, megabytes):
        self.image, self.copy = folder / f"{name}.disk", folder / f"{name}.cut"
        self.place = folder / f"on-{name}"
        self.place.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(megabytes << 20)
        run("mkfs.ext4", "-q", "-F", self.image)

    def fails(self):
        """The disk as it is at this moment, without what the system would still write."""
        run("cp", "--sparse=always", self.image, self.copy)

    @contextlib.contextmanager
    def mounted(self, image):
        run("mount", "-o", "loop", image, self.place)
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", self.place], check=False)


def digest(mail):
    return hashlib.sha256(mail).hexdigest()


class Mta:
    """Hands mails over by LMTP, one connection after the other; those without a 250 it has still."""

    def __init__(self, desk):
        self.desk, self.mails, self.taken = desk, [], set()

    def hand_over(self):
        """TRUE: it is rid of all."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            with smtplib.LMTP(str(self.desk.folder / "run/lmtp.sock"), local_hostname="mta.sakura.example") as client:
                for mail in [mail for mail in self.mails if digest(mail) not in self.taken]:
                    client.sendmail("r@peer.example", [TEAM], mail)
                    self.taken.add(digest(mail))
            return True
        return False


class Round:
    """One cut: a daemon with three ways in, whose store stands on a disk."""

    def __init__(self, folder, dovecot, user, outgoing):
        self.dovecot, self.user = dovecot, user
        self.disks = [Disk(folder, "state", STORE_MEGABYTES), Disk(folder, "out", OUT_MEGABYTES)]
        self.state, self.out = (disk.place / "folder" for disk in self.disks)
        self.desk = Desk(folder=folder, start=False)
        self.mta, self.given = Mta(self.desk), set()
        self.desk.configure(acknowledge="hourly = 100000;", intake='rescan = "1s";', outgoing=outgoing, sources=", ".join((
            '{ name = "maildir"; type = "maildir"; path = "Maildir"; }',
            source_at(dovecot.ports["imap"], folder, name="imap", tls="none", user=user, after="keyword"),
            '{ name = "lmtp"; type = "lmtp"; path = "run/lmtp.sock"; }')))
        text = self.desk.configuration.read_text()
        self.desk.configuration.write_text(text.replace('state = "state"', f'state = "{self.state}"')
                                           .replace('path = "out"', f'path = "{self.out}"'))

    def load(self, stop):
        number = 0
        while not stop.is_set():
            mail = plain_mail(number, sender=f"r{number}@peer{number}.example")
            self.given.add(digest(mail))
            if number % 3 == 0:
                self.desk.drop(mail)
            elif number % 3 == 1:
                self.dovecot.drop(mail, self.user)
            else:
                self.mta.mails.append(mail)
            number += 1
            pace(0.01)

    def hand_over(self, stop):
        while not stop.is_set():
            self.mta.hand_over()
            pace(0.005)

    def told(self):
        """What the servers were told of: moved in the Maildir, marked in the IMAP folder, 250 for the MTA."""
        box = self.dovecot.maildir(self.user)
        files = [*(self.desk.folder / "Maildir/cur").iterdir(),
                 *(file for file in (box / "cur").iterdir() if file.name.endswith(":2,a"))]
        return {digest(file.read_bytes()) for file in files} | set(self.mta.taken)

    @contextlib.contextmanager
    def mounted(self, image):
        with contextlib.ExitStack() as mounts:
            for disk in self.disks:
                mounts.enter_context(disk.mounted(image(disk)))
            yield

    def cut(self, chance):
        """What the servers knew when the disks failed."""
        stop = threading.Event()
        with self.mounted(lambda disk: disk.image):
            self.desk.start()
            threads = [threading.Thread(target=work, args=(stop,)) for work in (self.load, self.hand_over)]
            for thread in threads:
                thread.start()
            pace(chance.uniform(0.3, 1.5))
            for pid, _, _ in self.desk.family():
                self.desk.send(pid, signal.SIGSTOP)
            stop.set()
            known = self.told()
            for disk in self.disks:
                disk.fails()
            self.desk.kill_all()
            for thread in threads:
                thread.join()
        return known

    def check_disks(self, known, with_maildir):
        """What they have, before the daemon can heal anything."""
        with self.desk.store(self.state / "mado.db") as store:
            lost = known - set(stored_mails(store))
            expect(not lost, f"{len(lost)} mails are lost of which a server was told")
            if not with_maildir:
                return
            # (a folder that nothing was sent to need not be on the disk yet)
            there = {file.name.split(".")[0]: file.read_bytes() for file in self.out.glob("new/*")}
            for letter, in store.execute("SELECT id FROM outbox WHERE state = 'sent'").fetchall():
                parts = store.execute("SELECT bytes FROM letter_chunk WHERE letter = ? ORDER BY place", (letter,))
                kept = there.get(f"letter-{letter:06}", b"")
                expect(kept.endswith(b"".join(part for part, in parts)) and kept,
                       f"letter {letter} is called sent, and is lost: {len(kept)} bytes")

    def check(self, known, with_maildir):
        with self.mounted(lambda disk: disk.copy):
            self.check_disks(known, with_maildir)
            self.desk.start()
            wait_until(self.mta.hand_over, "the MTA is rid of its mails")
            wait_for_all(self.desk, len(self.given))
            wait_until(lambda: all(row["state"] in ("sent", "unknown") for row in outbox(self.desk)), "all letters go")
            self.desk.stop()
            with self.desk.store(self.state / "mado.db") as store:
                kept = Counter(stored_mails(store))
                causes = "SELECT count(*) - count(DISTINCT kind || cause) FROM outbox"
                expect_equal(store.execute(causes).fetchone()[0], 0, "two letters for one cause")
        expect_equal(set(kept), self.given, "the mails")
        expect_equal(max(kept.values()), 1, "how often a mail is there")
        return len(kept)


def one_cut(number, dovecot, relay, chance):
    folder = Path(tempfile.mkdtemp(prefix="mado-cut-", dir="/tmp"))
    with_maildir = number % 2 == 0
    relay.seen.clear()
    try:
        outgoing = 'transport = "maildir"; path = "out";' if with_maildir else relay.settings
        this = Round(folder, dovecot, f"cut{number}", outgoing)
        known = this.cut(chance)
        count = this.check(known, with_maildir)
        again = [copies for copies in Counter(seen.recipient for seen in relay.seen).values() if copies > 1]
        expect(not again, f"{len(again)} acknowledgements came to the relay twice")
        print(f"# cut {number + 1}: {len(known)} told, {count} kept in the end", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@case
def a_power_cut_loses_nothing_that_was_taken():
    if os.geteuid() != 0 or not shutil.which("losetup") or not shutil.which("mkfs.ext4") or \
            subprocess.run(["losetup", "-f"], capture_output=True).returncode:
        raise Skipped("needs root and a loop device")
    print(f"# MADO_SEED={SEED} MADO_CUTS={CUTS}", flush=True)
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="mado-", dir="/tmp") as folder:
        users = [(f"cut{number}", "secret") for number in range(CUTS)]
        with Dovecot(folder, users=users) as dovecot, Relay() as relay:
            for number in range(CUTS):
                one_cut(number, dovecot, relay, chance)


if __name__ == "__main__":
    main()
