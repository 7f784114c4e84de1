#!/usr/bin/env python3
"""All of test-faults.py: each point strikes at its first pass, and at its second."""

import os
import runpy
import sys
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
os.environ["MADO_LONG"] = "1"
from harness import main  # noqa: E402

if __name__ == "__main__":
    runpy.run_path(str(Path(__file__).with_name("test-faults.py")))
    main()
