#!/usr/bin/env python3
"""scripts/bench intake, with few mails: the figures are there and the counting is honest."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BUILD, SOURCE, case, expect, expect_equal, main  # noqa: E402

MAILS = 300


@case
def it_counts_durable_mails_and_prints_one_object():
    done = subprocess.run(
        [sys.executable, SOURCE / "scripts/py/bench.py", "intake", "--json", "--mails", str(MAILS)],
        capture_output=True, text=True, timeout=240, env={**os.environ, "MADO_BUILD": str(BUILD)})
    expect_equal(done.returncode, 0, "exit status: " + done.stderr[-800:])
    result = json.loads(done.stdout)
    expect_equal(set(result), {"bench", "figure", "unit", "beside"}, "fields")
    expect_equal(result["beside"]["mails"], MAILS, "durable mails")
    expect(result["figure"] > 0 and result["beside"]["machine_commits_per_s"] > 0, f"figures: {result}")
    print(f"# {done.stdout.strip()}")


if __name__ == "__main__":
    main()
