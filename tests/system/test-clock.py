#!/usr/bin/env python3
"""A clock that jumps, forward or back: letters and notices go out all the same, none is given up early."""

import datetime
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Desk, case, expect_equal, main, plain_mail, wait_until  # noqa: E402

DUTY = "duty@sakura.example"
AWAY = 'transport = "smtp"; host = "127.0.0.1"; port = 1; tls = "none";'
JUMPS = {"ten years ahead": "2036-11-21T18:42:00+09:00", "a day ahead": "{tomorrow}",
         "ten years behind": "2016-11-19T18:42:00+09:00"}


def tomorrow():
    return (datetime.datetime.now().astimezone() + datetime.timedelta(days=1)).isoformat(timespec="seconds")


def letters_written_by_a_clock(name, time):
    @case
    def go_out():
        at = "--now=" + time.format(tomorrow=tomorrow())
        with Desk(options=[at], outgoing=AWAY, notices=DUTY) as desk:
            desk.drop(plain_mail(1))
            wait_until(lambda: len(desk.ctl("outbox")) == 2, "an acknowledgement and a notice wait")
            expect_equal(desk.stop(), 0, "exit status")
            desk.options = []
            desk.configure(notices=DUTY)
            desk.start()
            wait_until(lambda: {row["state"] for row in desk.ctl("outbox")} == {"sent"}, "both are sent")
            expect_equal(len(desk.letters()), 2, "letters, each once")
    go_out.__name__ = "letters_written_by_a_clock_" + name.replace(" ", "_") + "_go_out"


for jump, moment in JUMPS.items():
    letters_written_by_a_clock(jump, moment)


@case
def notices_go_out_while_the_clock_stands_still():
    with Desk(options=["--now=2026-11-20T18:42:00+09:00"], notices=DUTY, telling='bundle = "1s";') as desk:
        for number in (1, 2):
            desk.drop(plain_mail(number))
            desk.settled(number)
            wait_until(lambda: len([row for row in desk.ctl("outbox") if row["kind"] == "notice"]) == number,
                       f"notice {number}", 20)


if __name__ == "__main__":
    main()
