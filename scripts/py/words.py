"""The texts that people read, and their Japanese in po/ja.po.

words.py            what has no translation, or a wrong one; exits with 1
words.py --update   also writes po/ja.po anew: new texts with an empty translation, in order
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TREE = Path(os.environ.get("MADO_SOURCE") or Path(__file__).resolve().parents[2])
CATALOGUE = TREE / "po/ja.po"
# Where texts for people are written: what other folders say goes to the log alone.
FOLDERS = ["ctl", "daemon/control", "daemon/desk", "lib/base", "lib/conf", "lib/ctl", "lib/desk", "lib/gate",
           "lib/keys", "lib/open", "lib/store", "lib/write"]
DIRECTIVE = re.compile(r"%(?:(\d+)\$)?[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z|j|t)?([a-zA-Z%])")
HEADER = """msgid ""
msgstr ""
"Project-Id-Version: mado\\n"
"Language: ja\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


def sources():
    return sorted(str(path.relative_to(TREE)) for folder in FOLDERS for path in (TREE / folder).glob("*.c"))


def has_words(text):
    """Is there anything to translate? "%s: %s\\n" is the same in every language."""
    return re.search(r"[A-Za-z]", DIRECTIVE.sub("", text)) is not None


def unquote(line):
    return re.sub(r'\\(.)', lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), line)


def quote(text):
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    lines = [line.replace("\n", "\\n") for line in re.findall(r"[^\n]*\n|[^\n]+", plain)] or [""]
    return '"' + lines[0] + '"' if len(lines) == 1 else '""\n' + "\n".join(f'"{line}"' for line in lines)


def read_catalogue(text):
    """msgid -> (msgstr, is a format)"""
    entries = {}
    for block in re.split(r"\n\s*\n", text):
        parts = {"msgid": None, "msgstr": None}
        at = None
        for line in block.splitlines():
            found = re.match(r'(msgid|msgstr) (".*")$', line)
            if found:
                at = found[1]
                parts[at] = ""
                line = found[2]
            if line.startswith('"') and at:
                parts[at] += unquote(line[1:-1])
        if parts["msgid"]:
            entries[parts["msgid"]] = (parts["msgstr"] or "", "c-format" in block)
    return entries


def extract():
    """What is marked in the sources, by xgettext: msgid -> is it a format?"""
    keywords = [line.split()[0] for line in (TREE / "po/keywords").read_text().splitlines()
                if line and not line.startswith("#")]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "mado.pot"
        done = subprocess.run(["xgettext", "--language=C", "--from-code=UTF-8", "--no-location", "-o", str(out), "-k",
                               *[f"-k{keyword}" for keyword in keywords], *sources()],
                              cwd=TREE, capture_output=True, text=True, check=False)
        if done.returncode or done.stderr.strip():
            raise SystemExit("xgettext: " + done.stderr)
        found = read_catalogue(out.read_text())
    return {text: is_format for text, (_, is_format) in found.items() if has_words(text)}


def directives(text):
    """The types of the arguments, by their places."""
    types = {}
    place = 0
    for found in DIRECTIVE.finditer(text):
        if found[2] == "%":
            continue
        place += 1
        types[int(found[1] or place)] = found[0][-1]
        stars = found[0].count("*")
        if stars:
            types[-place] = stars
    return types


def problems():
    found = extract()
    have = read_catalogue(CATALOGUE.read_text())
    wrong = []
    for text, is_format in sorted(found.items()):
        said = have.get(text, ("", False))[0]
        if not said:
            wrong.append(f"no Japanese: {text!r}")
        elif is_format and directives(text) != directives(said):
            wrong.append(f"another format: {text!r} -> {said!r}")
        elif text.endswith("\n") != said.endswith("\n") or text.startswith("\n") != said.startswith("\n"):
            wrong.append(f"another end of line: {text!r} -> {said!r}")
    wrong += [f"nobody says it: {text!r}" for text in sorted(have) if text not in found]
    return wrong


def update():
    have = read_catalogue(CATALOGUE.read_text())
    blocks = []
    for text, is_format in sorted(extract().items()):
        mark = "#, c-format\n" if is_format else ""
        blocks.append(f"{mark}msgid {quote(text)}\nmsgstr {quote(have.get(text, ('', 0))[0])}\n")
    CATALOGUE.write_text(HEADER + "\n" + "\n".join(blocks))


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        update()
    wrong = problems()
    print("\n".join(wrong) or "every text has its Japanese")
    sys.exit(bool(wrong))
