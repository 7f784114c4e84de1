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
        def sent_while_stopped():
            for pid in desk.role_pids("keys"):
                desk.send(pid, 19)
            return [parse(file.read_bytes()) for file in (desk.folder / "out/new").iterdir()]
        desk.drop(plain_mail(1))
        letters = wait_until(sent_while_stopped, "operators are told", bound=180)
        expect_equal([letter["To"] for letter in letters], ["duty@sakura.example"], "to whom")
        expect_equal(letters[0].get_content_type(), "text/plain", "type")
        for pid in desk.role_pids("keys"):
            desk.send(pid, 18)
        open_signed(desk.sent(2)[1])


if __name__ == "__main__":
    run_all()
