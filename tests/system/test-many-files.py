#!/usr/bin/env python3
"""explain with ten thousand files in one call, and with mail of other projects (MADO_CORPORA):
memory stays flat, nothing crashes, every file gets its object."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import PROGRAMS, Skipped, case, expect, expect_equal, main, plain_mail  # noqa: E402

MOST_GROWTH_KB = 20_000


def run(files):
    """(objects, peak memory in kB)"""
    with tempfile.TemporaryFile() as out:
        done = subprocess.Popen([PROGRAMS / "madoctl", "explain", "--json", *files], stdout=out)
        _, status, used = os.wait4(done.pid, 0)
        done.returncode = os.waitstatus_to_exitcode(status)
        expect_equal(done.returncode, 0, "exit status")
        out.seek(0)
        return [json.loads(line) for line in out], used.ru_maxrss


@case
def ten_thousand_files_need_no_more_memory_than_a_hundred():
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.eml" for number in range(10_000)]
        for number, file in enumerate(files):
            file.write_bytes(plain_mail(number))
        few, little = run(files[:100])
        many, much = run(files)
        expect_equal((len(few), len(many)), (100, 10_000), "objects")
        print(f"# {little} kB with 100 files, {much} kB with 10,000", flush=True)
        expect(much - little < MOST_GROWTH_KB, f"{little} kB grew to {much} kB")


@case
def mail_of_other_projects_is_read_without_a_crash():
    corpora = os.environ.get("MADO_CORPORA")
    if not corpora:
        raise Skipped("no corpora given (MADO_CORPORA)")
    files = [path for path in sorted(Path(corpora).rglob("*"))
             if path.is_file() and path.suffix in ("", ".eml", ".msg", ".mbox", ".txt")]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for start in range(0, len(files), 500):
        part = files[start:start + 500]
        found, _ = run(part)
        expect_equal([one["file"] for one in found], [str(file) for file in part], "objects")
        lost = [one["file"] for one in found if one["ledger"] == "quarantine"]
        expect(not lost, f"killed their reader: {lost}")


if __name__ == "__main__":
    main()
