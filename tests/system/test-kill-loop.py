#!/usr/bin/env python3
"""kill -9 of random processes at random times under twenty mails a second, a thousand times by every way
in and out, and with a Maildir on both sides; see killing.py for what has to be true then."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import case, main  # noqa: E402
from killing import kills, kills_by_all_ways, kills_with_a_maildir  # noqa: E402


@case
def a_thousand_kills_lose_nothing_and_double_nothing_by_any_way():
    kills_by_all_ways(kills(1000))


@case
def kills_lose_nothing_and_double_nothing_with_a_maildir():
    kills_with_a_maildir(kills(200))


if __name__ == "__main__":
    main()
