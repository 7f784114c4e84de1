#!/usr/bin/env python3
"""Each fuzz target for a while, without a finding."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import SOURCE, case, expect, main  # noqa: E402

SECONDS = os.environ.get("MADO_FUZZ_SECONDS", "60")


def add_case(name):
    def fuzzed():
        done = subprocess.run(["sh", SOURCE / "scripts/fuzz", "--seconds", SECONDS, name],
                              capture_output=True, text=True)
        expect(done.returncode == 0, f"{name}: {(done.stdout + done.stderr)[-2000:]}")
    fuzzed.__name__ = "fuzz_" + name
    case(fuzzed)


for target in sorted((SOURCE / "tests/fuzz").glob("fuzz-*.c")):
    add_case(target.stem.removeprefix("fuzz-"))

if __name__ == "__main__":
    main()
