#!/usr/bin/env python3
"""The keys role hangs for as long as operators would wait for it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import case, expect_equal, plain_mail, wait_until  # noqa: E402
from letters import Team, open_signed, parse, run_all  # noqa: E402


@case
def an_alarm_does_not_wait_for_a_keys_role_that_hangs():
    """Nor does anything else to our own people; an acknowledgement does."""
    with Team(notices="duty@sakura.example", more="keys : { patience = \"2s\"; };") as desk:
        desk.stop()
        desk.start(fault="keys_work:1:hang")  # each worker, at the first that it is asked for
        desk.drop(plain_mail(1))
        out = desk.folder / "out/new"
        wait_until(lambda: list(out.iterdir()), "operators are told", bound=180)
        letters = [parse(file.read_bytes()) for file in out.iterdir()]
        expect_equal([letter["To"] for letter in letters], ["duty@sakura.example"], "to whom")
        expect_equal(letters[0].get_content_type(), "text/plain", "type")
        desk.stop()
        desk.start()
        open_signed(desk.sent(2)[1])


if __name__ == "__main__":
    run_all()
