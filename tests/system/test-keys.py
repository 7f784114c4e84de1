#!/usr/bin/env python3
"""gpg, its agent and the keys workers may end or hang at any moment: each letter is signed in the end, once, and
nothing is left running."""

import json
import os
import re
import signal
import sys
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, os.path.dirname(__file__))
from harness import Desk, case, expect, expect_equal, main, wait_until  # noqa: E402
from keyed import PATIENCE, Keyed  # noqa: E402

LONGEST = 4 * PATIENCE + 20  # two who are too patient, their pauses, and a slow machine


def keys_role(desk):
    return desk.ctl("status")[0]["keys_role"]


def two_workers(desk):
    pids = desk.role_pids("keys")
    return pids if len(pids) == 2 else None


def served(desk):
    desk.report()
    desk.all_are_answered(LONGEST)
    desk.check_letters()


def go_on(desk, pids):
    for pid in pids:
        desk.send(pid, signal.SIGCONT)


# -- what ends ------------------------------------------------------------------------------------

@case
def it_is_at_work_and_says_so():
    with Keyed() as desk:
        expect_equal((len(desk.role_pids("keys")), keys_role(desk)), (2, "2 at work"), "workers")
        expect("keys role" in str(desk.ask("doctor", "--json").stdout), "doctor")
        served(desk)


@case
def a_worker_that_is_killed_in_the_middle_is_no_loss():
    with Keyed() as desk:
        agents = desk.hang()
        old = desk.kill_role("keys")
        go_on(desk, agents)
        served(desk)
        expect(desk.role_is_new("keys", old), "other workers")


@case
def a_gpg_that_is_killed_in_the_middle_is_no_loss():
    with Keyed() as desk:
        agents = desk.hang()
        for pid in desk.programs("gpg"):
            desk.send(pid, signal.SIGKILL)
        go_on(desk, agents)
        served(desk)


@case
def an_agent_that_is_killed_in_the_middle_is_no_loss():
    with Keyed() as desk:
        for pid in desk.hang():
            desk.send(pid, signal.SIGKILL)
        served(desk)


# -- what hangs -----------------------------------------------------------------------------------

@case
def an_agent_that_hangs_is_ended_and_another_one_serves():
    with Keyed() as desk:
        old = desk.hang()
        served(desk)
        expect(not set(old) & set(desk.programs("gpg-agent")), "the agent that hung is gone")


@case
def whoever_started_the_agent_that_hangs():
    """It is the child of the worker whose gpg started it, or of the launcher: each worker in its turn."""
    for worker in (0, 1):
        with Keyed() as desk:
            for pid in desk.programs("gpg-agent"):
                desk.send(pid, signal.SIGKILL)
            desk.send(wait_until(lambda: two_workers(desk), "two workers")[worker], signal.SIGSTOP)
            served(desk)
            desk.hang()
            served(desk)


@case
def a_gpg_that_hangs_is_ended_with_its_worker():
    with Keyed() as desk:
        agents = desk.hang()
        hanging = desk.programs("gpg")
        for pid in hanging:
            desk.send(pid, signal.SIGSTOP)
        go_on(desk, agents)
        served(desk)
        wait_until(lambda: not set(hanging) & set(desk.programs("gpg")), "the gpg that hung is gone")


@case
def a_worker_that_hangs_is_ended():
    with Keyed() as desk:
        agents = desk.hang()
        old = desk.kill_role("keys", signal.SIGSTOP)
        go_on(desk, agents)
        served(desk)
        wait_until(lambda: desk.role_is_new("keys", old), "other workers")


# -- the end --------------------------------------------------------------------------------------

def nothing_is_left(desk):
    wait_until(lambda: not desk.family(), "nothing is left running")


@case
def nothing_is_left_running_behind_it():
    with Keyed() as desk:
        served(desk)
        expect(desk.programs("gpg-agent"), "an agent runs")
        expect_equal(desk.stop(), 0, "exit status")
        nothing_is_left(desk)


@case
def nor_if_the_agent_hangs():
    with Keyed() as desk:
        served(desk)
        desk.hang()
        desk.stop()
        nothing_is_left(desk)


@case
def what_is_in_hand_is_done_before_the_end():
    with Keyed() as desk:
        agents = desk.hang()
        desk.process.terminate()
        go_on(desk, agents)
        expect_equal(desk.process.wait(60), 0, "exit status")
        nothing_is_left(desk)
        desk.start()
        served(desk)


@case
def a_desk_that_is_killed_starts_anew_with_another_agent():
    with Keyed() as desk:
        served(desk)
        old = desk.programs("gpg-agent")
        desk.kill_role("desk")
        wait_until(lambda: not set(old) & set(desk.programs("gpg-agent")), "the old agent is gone")
        served(desk)


@case
def locks_and_sockets_of_a_launcher_that_was_killed_hold_up_nobody():
    with Keyed() as desk:
        served(desk)
        desk.stop_agent()
        desk.send(desk.process.pid, signal.SIGKILL)
        desk.process.wait()
        (desk.folder / "state-keys/pubring.kbx.lock").write_text(f"{os.getpid():10}\n{os.uname().nodename}\n")
        desk.start()
        served(desk)


# -- locks ----------------------------------------------------------------------------------------

@case
def gpg_and_its_agent_are_locked_in():
    with Keyed() as desk:
        desk.hang()
        for pid in [*desk.role_pids("keys"), *desk.programs("gpg"), *desk.programs("gpg-agent")]:
            status = Path(f"/proc/{pid}/status").read_text()
            expect(re.search(r"^NoNewPrivs:\s1$", status, re.M) and re.search(r"^Seccomp:\s2$", status, re.M), status)
            expect(re.search(r"^Max core file size +0 +0 ", Path(f"/proc/{pid}/limits").read_text(), re.M), "no core")


@case
def they_see_nothing_of_our_environment():
    theirs = {"LC_ALL": "ja_JP.UTF-8", "LANGUAGE": "ja", "TZ": "Asia/Tokyo", "OF_OURS": "1"}
    with patch.dict(os.environ, theirs), Keyed() as desk:
        desk.hang()
        for pid in [*desk.programs("gpg"), *desk.programs("gpg-agent")]:
            seen = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
            expect_equal(sorted(word for word in seen if word), ["LC_ALL=C", "PATH=/usr/bin", "TZ=UTC"], "environment")


# -- the cap --------------------------------------------------------------------------------------

@case
def no_more_than_the_hour_allows():
    with Keyed(keys="hourly = 4;", notices="duty@sakura.example", telling='trouble_after = "1s";') as desk:
        desk.report(6)
        wait_until(lambda: "keys.hourly" in (keys_role(desk) or ""), "the cap is said")
        wait_until(lambda: "keys" in [row["condition"] for row in desk.ctl("alarms")], "an alarm")
        counted = [line for line in desk.log_text().splitlines() if "private-key" in line]
        expect_equal(len(counted), 4, f"operations: {counted}")
        os.truncate(desk.folder / "state-keys/private-operations", 0)  # as if an hour had passed
        wait_until(lambda: len(desk.acks()) == 6, "all are answered")
        wait_until(lambda: keys_role(desk) == "2 at work", "it is over")


@case
def nothing_of_a_letter_is_in_the_log():
    with Keyed() as desk:
        served(desk)
        lines = [line for line in desk.log_text().splitlines() if "private-key" in line]
        expect(lines, "each operation has its line")
        for line in lines:
            expect(re.search(r"private-key job=\d+ op=(seal|make|open) outcome=done$", line), line)


# -- and without ----------------------------------------------------------------------------------

@case
def a_home_that_cannot_be_is_said_and_mail_goes_on():
    with Desk(start=False, telling='trouble_after = "1s";') as desk:
        (desk.folder / "state").mkdir(mode=0o700)
        (desk.folder / "state-keys").write_text("no folder")
        desk.start()
        wait_until(lambda: "state-keys" in (keys_role(desk) or ""), "status says why")
        wait_until(lambda: "keys" in [row["condition"] for row in desk.ctl("alarms")], "an alarm")
        found = {row["check"]: row["result"] for row in map(json.loads, desk.ask("doctor", "--json").stdout.splitlines())}
        expect_equal(found["keys role"], "failure", "doctor")
        (desk.folder / "state-keys").unlink()
        wait_until(lambda: keys_role(desk) == "2 at work", "mended")


if __name__ == "__main__":
    main()
