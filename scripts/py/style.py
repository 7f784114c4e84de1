"""Layout, static analysis and the rules that are counted."""

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MADO_BUILD", TOP / "build-test"))
CLEAN = BUILD / "style-clean"
# Not asked of cppcheck: where the memory runs out (GLib ends the process), a NULL behind the last
# argument (the C library's NULL is a pointer), functions with a state of their own (each process has
# one thread), integers returned as pointers (the compilers refuse them), null pointers and lifetimes
# (clang follows them better; cppcheck would forbid accept4 what its manual allows), and assertions that
# do something (GLib's are always done).
NOT_ASKED = ("missingIncludeSystem", "unknownMacro", "normalCheckLevelMaxBranches", "nullPointerOutOfMemory",
             "varFuncNullUB", "getpwnamCalled", "getgrnamCalled", "getpwuidCalled", "getgrgidCalled",
             "getloginCalled", "readdirCalled", "CastIntegerToAddressAtReturn", "nullPointer",
             "nullPointerRedundantCheck", "returnDanglingLifetime", "assertWithSideEffect", "*:/usr/include/*")
# Sanitizers and coverage change nothing that a reader of the source should see.
DROPPED = ("-fsanitize", "-fno-omit-frame-pointer", "-D_FORTIFY_SOURCE", "-U_FORTIFY_SOURCE",
           "-fclash", "-fstack-clash", "-Werror", "-W")
# The analyzer looks at a quarter of the paths that it would by itself, in a quarter of the time.
ANALYZER = ["-Xclang", "-analyzer-config", "-Xclang", "max-nodes=60000"]
CPPCHECK = ["cppcheck", "--enable=warning,performance,portability", "--std=c11", "--inline-suppr", "--quiet",
            "--error-exitcode=1", "--library=posix,gnu,gtk", "-D__GNUC__", f"-j{os.cpu_count()}",
            *("--suppress=" + what for what in NOT_ASKED)]


def ours():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.c", "*.h"], cwd=TOP,
                            capture_output=True, text=True)
    names = listed.stdout.splitlines() or [str(path.relative_to(TOP)) for path in TOP.rglob("*.[ch]")]
    return [name for name in names if (TOP / name).is_file() and not name.startswith("build")]


def layout(correct=False):
    """Says which files are laid out otherwise; corrects them if asked to."""
    how = ["-i"] if correct else ["--dry-run", "-Werror"]
    done = subprocess.run(["clang-format-14", *how, *ours()], cwd=TOP, capture_output=True, text=True)
    for name in sorted(set(re.findall(r"^([^:\n]+):\d+:\d+: error", done.stderr, re.M))):
        print(f"{name}: not as .clang-format says (scripts/style --format corrects it)")
    return done.returncode == 0


def commands():
    """(file, compiler words without the output) once for each of our sources."""
    seen = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        file = (Path(entry["directory"]) / entry["file"]).resolve()
        words = shlex.split(entry["command"])
        first = next(place for place, word in enumerate(words) if word.startswith("-"))  # behind "ccache gcc", too
        flags = [re.sub("^-I(?=/usr/)", "-isystem", word) for word in words[first:words.index("-MD")]
                 if not word.startswith(DROPPED)]
        seen[file] = flags
    return sorted(seen.items())


def key(file, flags):
    text = subprocess.run(["clang-14", *flags, "-w", "-E", "-o", "-", str(file)], cwd=BUILD,
                          capture_output=True).stdout
    parts = [text, (TOP / ".clang-tidy").read_bytes(), Path(__file__).read_bytes(), file.read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def tidy(entry):
    """What clang-tidy and cppcheck say of one file; nothing if all is well."""
    file, flags = entry
    mark = CLEAN / key(file, flags)
    if mark.exists():
        return ""
    done = subprocess.run(["clang-tidy-14", "--quiet", f"--header-filter=^{TOP}/", str(file), "--", *flags,
                           "-w", *ANALYZER], cwd=BUILD, capture_output=True, text=True)
    include = [flag for flag in flags if flag.startswith("-I") and "/usr/" not in flag]
    check = subprocess.run([*CPPCHECK, *include, str(file)], cwd=BUILD, capture_output=True, text=True)
    if done.returncode == 0 and check.returncode == 0:
        mark.touch()
        return ""
    return done.stdout + (done.stderr if not done.stdout else "") + check.stdout + check.stderr


def analysis():
    CLEAN.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [text for text in pool.map(tidy, commands()) if text]
    for text in found:
        print(text)
    return not found


def rules():
    return subprocess.run([sys.executable, str(TOP / "tests/system/test-tree.py")], cwd=TOP,
                          stdout=subprocess.PIPE if len(sys.argv) > 1 else None,
                          env={**os.environ, "MADO_BUILD": str(BUILD)}).returncode == 0


def main():
    if not (BUILD / "compile_commands.json").exists():
        print("scripts/style: build first (scripts/test does)", file=sys.stderr)
        return 1
    if "--tap" in sys.argv:  # one part as a case, as scripts/test counts them
        good = {"layout": layout, "analysis": analysis}[sys.argv[-1]]()
        print(f"1..1\n{'ok' if good else 'not ok'} 1 - {sys.argv[-1]}")
        return 0 if good else 1
    good = [layout("--format" in sys.argv), analysis(), rules()]
    return 0 if all(good) else 1


sys.exit(main())
