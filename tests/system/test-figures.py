#!/usr/bin/env python3
"""The figures that mado promises, measured with a hundred thousand mails (MADO_BENCH_MAILS).

A machine whose disk commits slowly cannot show the rate; the figure is then printed beside the
machine's own rate, and the case is skipped."""

import json
import os
import subprocess
import sys
from functools import lru_cache

sys.path.insert(0, os.path.dirname(__file__))
from harness import BUILD, SOURCE, Skipped, case, expect, expect_equal, main  # noqa: E402

MAILS = int(os.environ.get("MADO_BENCH_MAILS", 100_000))
MAILS_A_SECOND = 500
READ_MS = 100
START_S = 0.5
REST_KB = 60_000
GROWTH_KB = 8_000
SLOW_DISK = 100  # commits a second


@lru_cache
def result():
    done = subprocess.run(
        [sys.executable, SOURCE / "scripts/py/bench.py", "intake", "--json", "--mails", str(MAILS)],
        capture_output=True, text=True, env={**os.environ, "MADO_BUILD": str(BUILD)})
    expect_equal(done.returncode, 0, "exit status: " + done.stderr[-800:])
    print("# " + done.stdout.strip(), flush=True)
    return json.loads(done.stdout)


def beside(name):
    return result()["beside"][name]


@case
def five_hundred_mails_a_second_are_durable():
    rate = result()["figure"]
    if rate < MAILS_A_SECOND and beside("machine_commits_per_s") < SLOW_DISK:
        raise Skipped(f"{rate}/s where the disk makes {beside('machine_commits_per_s')} commits/s")
    expect(rate >= MAILS_A_SECOND, f"{rate} mails/s")


@case
def the_memory_of_the_desk_stays_flat():
    growth = beside("desk_late_kb") - beside("desk_early_kb")
    expect(growth < GROWTH_KB, f"grew by {growth} kB")


@case
def reading_commands_answer_at_once():
    slow = {name: beside(f"{name}_ms") for name in ("list", "show", "search")
            if beside(f"{name}_ms") >= READ_MS}
    expect(not slow, f"slower than {READ_MS} ms: {slow}")


@case
def it_is_ready_at_once():
    late = max(beside("start_to_ready_s"), beside("start_to_ready_full_s"))
    expect(late < START_S, f"{late} s from start to ready")


@case
def all_of_it_is_small_at_rest():
    expect(beside("pss_at_rest_kb") < REST_KB, f"{beside('pss_at_rest_kb')} kB")


if __name__ == "__main__":
    main()
