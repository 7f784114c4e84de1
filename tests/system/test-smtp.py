#!/usr/bin/env python3
"""Letters through a real relay: what arrives there is what was stored, whatever breaks on the way it
arrives at most once, and the outbox says what became of it."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from certificates import Certificates  # noqa: E402
from harness import Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402
from postfix import Postfix, free_port  # noqa: E402
from wire import Scripted  # noqa: E402

REPORTER = "reporter@peer.example"


def relay_at(port, tls="none", more=""):
    return (f'transport = "smtp"; host = "localhost"; port = {port}; tls = "{tls}"; '
            f'timeout = "5s"; {more}')


def stored(desk):
    """What the outbox has of the letters: id -> bytes."""
    with desk.store() as store:
        letters = {}
        for letter, part in store.execute("SELECT letter, bytes FROM letter_chunk ORDER BY letter, place"):
            letters[letter] = letters.get(letter, b"") + part
        return letters


def letters_in(desk, *states):
    return [row for row in desk.ctl("outbox") if row["state"] in states]


def wait_for(desk, state, number=1):
    return wait_until(lambda: len(letters_in(desk, state)) >= number and letters_in(desk, state),
                      f"{number} letters {state}")


def expect_delivered(desk, relay, number):
    """So many letters at the relay, each once, each with the bytes of the outbox."""
    kept = relay.wait_for_kept(number)
    desk.stop()
    expect_equal(len(relay.kept()), number, "letters at the relay")
    expect_equal(sorted(letter.mail for letter in kept),
                 sorted(stored(desk).values()), "bytes at the relay")
    expect_equal({letter.sender for letter in kept}, {""}, "envelope senders")


def one_way(relay, port, tls, more):
    with Desk(outgoing=relay_at(port, tls, more)) as desk:
        for number in range(3):
            desk.drop(plain_mail(number, sender=f"r{number}@peer.example"))
        wait_for(desk, "sent", 3)
        expect("250 2.0.0 Ok: queued as" in letters_in(desk, "sent")[0]["reply"], "the relay's answer is kept")
        expect_delivered(desk, relay, 3)


@case
def letters_go_without_tls_on_this_host():
    with Postfix() as relay:
        one_way(relay, relay.port, "none", "")


@case
def letters_go_over_tls_from_the_first_byte():
    with tempfile.TemporaryDirectory() as folder:
        made = Certificates(Path(folder))
        with Postfix(certificate=made.good) as relay:
            one_way(relay, relay.tls_port, "tls", f'ca_file = "{made.ca}";')


@case
def letters_go_over_starttls():
    with tempfile.TemporaryDirectory() as folder:
        made = Certificates(Path(folder))
        with Postfix(certificate=made.good) as relay:
            one_way(relay, relay.port, "starttls", f'ca_file = "{made.ca}";')


if __name__ == "__main__":
    main()
