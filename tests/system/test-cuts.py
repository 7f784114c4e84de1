#!/usr/bin/env python3
"""Sessions with mailboxes and the relay are cut behind some of their bytes: nothing is lost, nothing is
twice in the store, no server is told before the commit, and no letter goes twice. MADO_CUTS (40): how
many bytes of each kind; MADO_SEED repeats a run."""

import os
import random
import sys

sys.path.insert(0, os.path.dirname(__file__))
import cuts  # noqa: E402
from harness import case, main  # noqa: E402

CUTS = int(os.environ.get("MADO_CUTS", 40))
SEED = int(os.environ.get("MADO_SEED", random.randrange(1 << 30)))


def some(number):
    chance = random.Random(SEED)
    print(f"# MADO_SEED={SEED}", flush=True)
    return lambda cuts_of_all: chance.sample(cuts_of_all, min(number, len(cuts_of_all)))


@case
def mailboxes_that_are_cut_anywhere_lose_and_repeat_nothing():
    cuts.mailboxes(some(CUTS // 4), copies=3)


@case
def a_relay_that_is_cut_anywhere_gets_no_letter_twice():
    cuts.relay(some(CUTS))


if __name__ == "__main__":
    main()
