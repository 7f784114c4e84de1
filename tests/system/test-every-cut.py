#!/usr/bin/env python3
"""The same as test-cuts.py, behind each byte of the sessions."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
import cuts  # noqa: E402
from harness import case, main  # noqa: E402


AT_ONCE = 70  # of each way: the store, which is looked into at each, stays small


@case
def mailboxes_that_are_cut_behind_each_byte_lose_and_repeat_nothing():
    done, number = 0, 1
    while number:
        number = cuts.mailboxes(lambda every, first=done: every[first:first + AT_ONCE], copies=7)
        done += AT_ONCE


@case
def a_relay_that_is_cut_behind_each_byte_gets_no_letter_twice():
    cuts.relay(list)


if __name__ == "__main__":
    main()
