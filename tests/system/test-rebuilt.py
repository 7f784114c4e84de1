#!/usr/bin/env python3
"""A store that is made again knows no less than the one before, and says what could not be read again."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from crypto_desk import give_key, pin  # noqa: E402
from crypto_keys import Keys  # noqa: E402
from crypto_mime import letter, part, pgp_encrypted  # noqa: E402
from harness import BOUND, Desk, case, expect, expect_equal, main, plain_mail, without_time  # noqa: E402

SAID = "swordfish"


def rebuilt(desk):
    done = subprocess.run(desk.command("--rebuild"), capture_output=True, text=True, timeout=BOUND, env=desk.environment(None),
                          stdin=subprocess.DEVNULL)
    expect_equal(done.returncode, 0, done.stderr)
    return done.stderr


def shown(desk, number):
    return without_time(desk.ctl("show", number, "--mail"))


def change(desk, *statements):
    with contextlib.closing(sqlite3.connect(desk.folder / "state/mado.db")) as store:
        for one in statements:
            store.execute(one)
        store.commit()


@case
def what_cannot_be_read_again_stays_as_it_was_and_is_named():
    with Desk() as desk:
        for number in range(1, 5):
            desk.drop(plain_mail(number, text=f"{SAID} {number} http://evil{number}.example/x"))
            desk.settled(number)
        before = [shown(desk, str(number)) for number in range(1, 5)]
        desk.stop()
        change(desk, "UPDATE mail_chunk SET bytes = zeroblob(length(bytes)) WHERE mail = 2", "DELETE FROM mail_chunk WHERE mail = 3",
               "UPDATE message SET text = 'wrong' WHERE mail = 1")
        said = rebuilt(desk)
        expect("2 mails were read again" in said, said)
        expect("2 could not be, and stay as they were: mail:2, mail:3" in said, said)
        desk.start()
        expect_equal([shown(desk, str(number)) for number in range(1, 5)], before, "what is known of them")
        expect_equal(len(desk.ctl("search", SAID)), 4, "search")
        expect_equal(desk.ctl("search", "wrong"), [], "what was wrong is gone from the index")
        expect_equal((desk.ledger()["balanced"], desk.ctl("audit", "verify")[0]["intact"]), (True, True), "the sums")
        desk.stop()
        with desk.store() as store:
            row, = store.execute("SELECT text FROM journal WHERE kind = 'rebuilt'").fetchone()
        expect("mail:2, mail:3" in row, row)


@case
def what_is_derived_may_be_damaged():
    with Desk() as desk:
        desk.drop(plain_mail(1, text=f"{SAID} http://evil.example/x"))
        desk.settled(1)
        before = shown(desk, "1")
        desk.stop()
        with contextlib.closing(sqlite3.connect(desk.folder / "state/mado.db")) as store:
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            size, = store.execute("PRAGMA page_size").fetchone()
            pages = [page for page, in store.execute("SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name IN ('message', 'indicator')")]
        with open(desk.folder / "state/mado.db", "r+b") as file:
            for page in pages:
                file.seek((page - 1) * size)
                file.write(b"\xff" * size)
        expect("1 mails were read again. " in rebuilt(desk), "all of them")
        desk.start()
        expect_equal((shown(desk, "1"), len(desk.ctl("search", SAID))), (before, 1), "what it answers")


@case
def what_was_open_stays_open_when_its_key_is_gone():
    with Keys() as keys, Desk() as desk:
        give_key(desk, keys)
        pin(desk, keys, "alice")
        desk.drop(letter(pgp_encrypted(keys.seal(part(f"{SAID}\r\n".encode()), to=("own",), by=("alice",)))))
        desk.settled(1)
        before = shown(desk, "1")
        expect(SAID in before[0]["text"], "it was opened")
        desk.stop()
        shutil.rmtree(desk.folder / "state-keys")
        said = rebuilt(desk)
        expect("1 could not be, and stay as they were: mail:1" in said, said)
        desk.start()
        expect_equal(shown(desk, "1")[0]["text"], before[0]["text"], "its text")


if __name__ == "__main__":
    main()
