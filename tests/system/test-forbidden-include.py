#!/usr/bin/env python3
"""A stage, or a room of the daemon, may include what its row in meson.build names. Any other include does
not compile."""

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

STAGE = re.compile(r"^  '(\w+)': \{'may': \[([^\]]*)\]", re.M)
ROOM = re.compile(r"^  '(\w+)': \{'sees': \[([^\]]*)\], 'may': \[([^\]]*)\]", re.M)
CODE = re.compile(r"^(lib/\w+|daemon/\w+)/")


def folders(stem, names):
    return {f"{stem}/{name}" for name in re.findall(r"\w+", names)}


def table():
    """{folder: the folders that it may include, itself among them} from the tables in meson.build."""
    text = (SOURCE / "meson.build").read_text()
    rows = {f"lib/{name}": folders("lib", f"{name} {may}") for name, may in STAGE.findall(text)}
    return rows | {f"daemon/{name}": folders("daemon", f"{name} {sees}") | folders("lib", may)
                   for name, sees, may in ROOM.findall(text)}


def compilers():
    """{folder: the compiler call of one of its files, up to the name of the file}."""
    calls = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        file = (Path(entry["directory"]) / entry["file"]).resolve()
        folder = CODE.match(os.path.relpath(file, SOURCE))
        if folder:
            words = shlex.split(entry["command"])
            calls[folder[1]] = (entry["directory"], words[:words.index("-MD")])
    return calls


def compiles(call, text):
    folder, words = call
    done = subprocess.run([*words, "-fsyntax-only", "-x", "c", "-"], input=text, cwd=folder,
                          text=True, capture_output=True)
    return done.returncode == 0


def found(call, folders):
    """Those of the folders whose header the compiler finds; each that it finds compiles."""
    folder, words = call
    text = "".join(f"#if __has_include(<{header(other)}>)\n{other}\n#endif\n" for other in folders)
    done = subprocess.run([*words, "-E", "-P", "-x", "c", "-"], input=text, cwd=folder, text=True, capture_output=True)
    names = set(done.stdout.split())
    expect(compiles(call, "".join(f"#include <{header(other)}>\n" for other in names)), f"{words[1:4]} includes {names}")
    return names


def header(folder):
    """One that it alone has; one of its own sort includes what another folder may not see."""
    return {"daemon/desk": "state.h", "daemon/control": "control-answers.h"}.get(
        folder, sorted((SOURCE / folder).glob("*.h"))[0].name)


@case
def every_pair_of_folders_compiles_exactly_where_the_tables_allow_it():
    may, calls = table(), compilers()
    expect(may and set(may) == set(calls), f"each folder has its row and is built: {set(may) ^ set(calls)}")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        seen = dict(zip(may, pool.map(lambda folder: found(calls[folder], may), may)))
    wrong = [f"{folder} includes {other}: {'compiles' if other in seen[folder] else 'does not compile'}"
             for folder in may for other in may if (other in seen[folder]) != (other in may[folder])]
    expect(not wrong, "; ".join(wrong))


@case
def the_nouns_may_be_included_everywhere_and_include_no_stage():
    for folder, call in compilers().items():
        expect(compiles(call, "#include <mado/message.h>\n"), f"{folder} includes a noun")
    for noun in (SOURCE / "include/mado").glob("*.h"):
        for name in re.findall(r'#include [<"]([^>"]+)', noun.read_text()):
            expect(not list((SOURCE / "lib").glob("*/" + name)), f"{noun.name} includes {name}")


if __name__ == "__main__":
    main()
