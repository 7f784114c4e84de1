#!/usr/bin/env python3
"""All of test-hostile.py, test-hostile-pop3.py and test-hostile-relay.py, with what takes its time."""

import os
import runpy
import sys
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
os.environ["MADO_LONG"] = "1"
from harness import main  # noqa: E402

if __name__ == "__main__":
    for name in ("", "-pop3", "-relay"):
        runpy.run_path(str(Path(__file__).with_name(f"test-hostile{name}.py")))
    main()
