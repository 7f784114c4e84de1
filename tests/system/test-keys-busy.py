#!/usr/bin/env python3
"""A few KB that keep gpg busy for hours: while others are served it is the mail's own doing, and it stays closed."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from crypto_keys import Keys  # noqa: E402
from crypto_mails import sealed_entity  # noqa: E402
from crypto_mime import MIB, SECRET, armour, compressed_nothing, letter, part, pgp_encrypted, with_mdc  # noqa: E402
from harness import Desk, case, expect_equal, main, wait_until  # noqa: E402

GIVEN_UP_BOUND = 300  # seconds: six tries of four seconds, their pauses, and a slow machine


def bring_own(desk, keys):
    file = desk.folder / "own.key"
    file.write_bytes(keys.home.gpg("--export-secret-keys", keys.fingerprint["bob"]))
    desk.ctl("key", "import", str(file), "--own")


@case
def what_ends_the_keys_role_again_and_again_stays_closed():
    with Keys() as keys, Desk(daemon='}; keys : { patience = "4s";') as desk:
        bring_own(desk, keys)
        desk.drop(letter(sealed_entity(keys, to=["carol"])))  # what `retry` is for; the others need not rest then
        desk.settled(1)
        desk.drop(letter(pgp_encrypted(armour(with_mdc(keys, compressed_nothing(20000 * MIB))))))
        for times in (1, 2, 3):
            wait_until(lambda times=times: desk.log_text().count("job-given-up") == times, f"given up, {times}",
                       GIVEN_UP_BOUND)
            if times < 3:
                desk.drop(letter(sealed_entity(keys, part(f"{SECRET}{times}\n"))))
                wait_until(lambda times=times: desk.ledger()["incident"] == times, "another one is opened")
                expect_equal(desk.ledger()["unreadable"], 1, "nothing is said of it yet")
                desk.ctl("retry")
        ledger = desk.settled(4)
        expect_equal((ledger["unreadable"], ledger["incident"]), (2, 2), "places")
        expect_equal(desk.ctl("show", "mail:2")[0]["closed"]["reason"], "unknown", "the reason")
        expect_equal(len(desk.incidents()), 4, "it has a ticket of its own")


if __name__ == "__main__":
    main()
