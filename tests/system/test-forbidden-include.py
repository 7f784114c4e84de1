#!/usr/bin/env python3
"""A stage may include what its row in meson.build names. Any other include does not compile."""

import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import BUILD, SOURCE, case, expect, main  # noqa: E402

ROW = re.compile(r"^  '(\w+)': \{'may': \[([^\]]*)\]", re.M)
CODE = re.compile(r"^lib/(\w+)/")


def stages():
    """{stage: the stages that it may include, itself among them} from the table in meson.build."""
    return {name: {name, *re.findall(r"\w+", may)}
            for name, may in ROW.findall((SOURCE / "meson.build").read_text())}


def compilers():
    """{stage: the compiler call of one of its files, up to the name of the file}."""
    calls = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        file = (Path(entry["directory"]) / entry["file"]).resolve()
        stage = CODE.match(os.path.relpath(file, SOURCE))
        if stage:
            words = shlex.split(entry["command"])
            calls[stage[1]] = (entry["directory"], words[:words.index("-MD")])
    return calls


def compiles(call, text):
    folder, words = call
    done = subprocess.run([*words, "-fsyntax-only", "-x", "c", "-"], input=text, cwd=folder,
                          text=True, capture_output=True)
    return done.returncode == 0


def header(stage):
    return sorted((SOURCE / "lib" / stage).glob("*.h"))[0].name


@case
def every_pair_of_stages_compiles_exactly_where_the_table_allows_it():
    table, calls = stages(), compilers()
    expect(table and set(table) <= set(calls), f"each stage is built: {set(table) - set(calls)}")
    pairs = [(stage, other) for stage in table for other in table]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(
            lambda pair: compiles(calls[pair[0]], f"#include <{header(pair[1])}>\n"), pairs))
    wrong = [f"{stage} includes {other}: {'compiles' if result else 'does not compile'}"
             for (stage, other), result in zip(pairs, results) if result != (other in table[stage])]
    expect(not wrong, "; ".join(wrong))


@case
def the_nouns_may_be_included_by_every_stage_and_include_no_stage():
    for stage, call in compilers().items():
        expect(compiles(call, "#include <mado/message.h>\n"), f"{stage} includes a noun")
    for noun in (SOURCE / "include/mado").glob("*.h"):
        for name in re.findall(r'#include [<"]([^>"]+)', noun.read_text()):
            expect(not list((SOURCE / "lib").glob("*/" + name)), f"{noun.name} includes {name}")


if __name__ == "__main__":
    main()
