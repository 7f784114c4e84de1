#!/usr/bin/env python3
"""The same as test-cuts.py, behind each byte of the sessions."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
import cuts  # noqa: E402
from harness import case, main  # noqa: E402


def all_of_them(work, at_once, **values):
    """So many in one daemon: the store, which is looked into at each, stays small."""
    done, number = 0, 1
    while number:
        number = work(lambda every, first=done: every[first:first + at_once], **values)
        done += at_once


@case
def mailboxes_that_are_cut_behind_each_byte_lose_and_repeat_nothing():
    all_of_them(cuts.mailboxes, 70, copies=7)


@case
def a_relay_that_is_cut_behind_each_byte_gets_no_letter_twice():
    all_of_them(cuts.relay, 250)


if __name__ == "__main__":
    main()
