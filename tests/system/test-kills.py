#!/usr/bin/env python3
"""kill -9 of random processes, fifty times, while mail comes by every way and letters go to a relay; then
every mail is in the store once, and nothing has gone out twice that nobody had asked for twice."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import case, main  # noqa: E402
from killing import kills, kills_by_all_ways  # noqa: E402


@case
def fifty_kills_lose_nothing_and_double_nothing():
    kills_by_all_ways(kills(50))


if __name__ == "__main__":
    main()
