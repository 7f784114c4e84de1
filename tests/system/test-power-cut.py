#!/usr/bin/env python3
"""The power fails under load; then every mail whose mailbox was told is in the store, and nothing is
there twice.

kill -9 does not show this: what was written but not synced survives a process. Here the store and the
outgoing Maildir stand on a file system in a file, and the copy of that file, made while it is
mounted, has what was synced and nothing more. Needs root and a loop device. MADO_CUTS (8)."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import Desk, Skipped, case, expect, expect_equal, main, pace, plain_mail  # noqa: E402

CUTS = int(os.environ.get("MADO_CUTS", 8))
MEGABYTES = 192
CAPS = "hourly = 100000;"


def run(*words):
    subprocess.run(words, check=True, capture_output=True)


class Disk:
    """An ext4 file system in a file."""

    def __init__(self, image, place):
        self.image, self.place = image, place
        place.mkdir(exist_ok=True)

    def __enter__(self):
        run("mount", "-o", "loop", self.image, self.place)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.place], check=False)


def make_image(path):
    with open(path, "wb") as image:
        image.truncate(MEGABYTES << 20)
    run("mkfs.ext4", "-q", "-F", path)


def desk_on(disk, folder):
    """A daemon whose store is on the disk; its mailbox and its log are not."""
    desk = Desk(folder=folder, start=False, acknowledge=CAPS)
    text = desk.configuration.read_text()
    desk.configuration.write_text(text.replace('state = "state"', f'state = "{disk.place}/state"')
                                  .replace('path = "out"', f'path = "{disk.place}/out"'))
    return desk


def load(desk, hashes, stop):
    number = 0
    while not stop.is_set():
        hashes.add(desk.drop(plain_mail(number, sender=f"r{number}@peer{number}.example")))
        number += 1
        pace(0.005)


def told(desk):
    """The hashes of the mails of which the mailbox was told that they were taken."""
    return {hashlib.sha256(file.read_bytes()).hexdigest() for file in (desk.folder / "Maildir/cur").iterdir()}


def cut_power(folder, chance):
    """(hashes that the mailbox was told of, all hashes, the image as it was at the cut)"""
    image, hashes, stop = folder / "disk", set(), threading.Event()
    make_image(image)
    with Disk(image, folder / "mnt") as disk:
        desk = desk_on(disk, folder)
        desk.start()
        feeder = threading.Thread(target=load, args=(desk, hashes, stop))
        feeder.start()
        pace(chance.uniform(0.3, 1.5))
        for pid, _, _ in desk.family():
            desk.send(pid, signal.SIGSTOP)
        known = told(desk)
        shutil.copyfile(image, folder / "cut")
        stop.set()
        feeder.join()
        desk.kill_all()
    return known, hashes, folder / "cut"


def check_after(folder, image, known, hashes):
    with Disk(image, folder / "mnt") as disk:
        desk = desk_on(disk, folder)
        desk.start()
        desk.settled(len(hashes))
        desk.stop()
        with desk.store(disk.place / "state/mado.db") as store:
            kept = Counter(row[0] for row in store.execute("SELECT sha256 FROM mail"))
            letters = store.execute(
                "SELECT count(*) - count(DISTINCT kind || cause) FROM outbox").fetchone()[0]
    expect(known <= set(kept), f"{len(known - set(kept))} mails are lost")
    expect_equal(set(kept), hashes, "the mails")
    expect_equal((max(kept.values()), letters), (1, 0), "nothing is there twice")
    return len(kept)


@case
def a_power_cut_loses_nothing_that_was_taken():
    if os.geteuid() != 0 or not shutil.which("losetup") or not shutil.which("mkfs.ext4") or \
            subprocess.run(["losetup", "-f"], capture_output=True).returncode:
        raise Skipped("needs root and a loop device")
    chance = random.Random(int(os.environ.get("MADO_SEED", "1")))
    for cut in range(CUTS):
        folder = Path(tempfile.mkdtemp(prefix="mado-cut-", dir="/tmp"))
        try:
            known, hashes, image = cut_power(folder, chance)
            count = check_after(folder, image, known, hashes)
            print(f"# cut {cut + 1}: {len(known)} told, {count} kept in the end", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
