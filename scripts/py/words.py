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
           "lib/keys", "lib/open", "lib/read", "lib/figures", "lib/sheet", "lib/store", "lib/write"]
# Of these every text: who has not marked one has forgotten it.
FOR_PEOPLE = ("ctl/", "lib/conf/", "lib/desk/")
DIRECTIVE = re.compile(r"%(?:(\d+)\$)?[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z|j|t)?([a-zA-Z%]|<\w+>)")
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
    return re.sub(r'\\(.)', lambda found: {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1]), line)


def quote(text):
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\r", "\\r")
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


def keyword_sets():
    """The keywords, so that each stands once in a set: xgettext takes one argument of a function."""
    sets = []
    for line in (TREE / "po/keywords").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name = line.split(":")[0]
        free = next((one for one in sets if name not in one), None)
        if free is None:
            free = {}
            sets.append(free)
        free[name] = line
    return [list(one.values()) for one in sets]


def run_xgettext(keywords):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "mado.pot"
        done = subprocess.run(["xgettext", "--language=C", "--from-code=UTF-8", "--no-location", "-o", str(out), "-k",
                               *[f"-k{keyword}" for keyword in keywords], *sources()],
                              cwd=TREE, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit("xgettext: " + done.stderr)
        return read_catalogue(out.read_text()) if out.exists() else {}


# In tables that say what they are: {"TICKET", "number", CELL_TEXT} and a command's line of help.
HEAD = re.compile(r'\{\s*"((?:[^"\\]|\\.)+)",\s*(?:"[^"]*"|NULL),\s*CELL_')
HELP = re.compile(r'"((?:[^"\\]|\\.)+)",\s*CTL_(?:ROLE_NONE|VIEWER|NIGHT|HANDLER|COMMANDER|ADMIN),')
VALUE = re.compile(r'\.(?:words|sample) =\s*\(?"((?:[^"\\]|\\.)*)"')
SETTING = re.compile(r'\.(?:help|unit|derived) =\s*((?:"(?:[^"\\]|\\.)*"[\s\\]*)+)')
GROUP = re.compile(r'CTL_(?:ROLE_NONE|VIEWER|NIGHT|HANDLER|COMMANDER|ADMIN),\s*"([^"]+)"')


def tables():
    for name in sources():
        text = (TREE / name).read_text()
        patterns = [HELP, GROUP] if name == "lib/ctl/command.c" else [HEAD]
        for pattern in patterns:
            yield from (unquote(found) for found in pattern.findall(text))
        for found in SETTING.findall(text) if name.startswith("lib/conf/") else []:
            yield "".join(unquote(part) for part in re.findall(r'"((?:[^"\\]|\\.)*)"', found))


def extract():
    """The texts: msgid -> is it a format?"""
    found = {text: False for text in tables()}
    for keywords in keyword_sets():
        for text, (_, is_format) in run_xgettext(keywords).items():
            found[text] = found.get(text, False) or is_format
    return {text: is_format for text, is_format in found.items() if has_words(text)}


def directives(text):
    """The types of the arguments, by their places."""
    types = {}
    place = 0
    for found in DIRECTIVE.finditer(text):
        if found[2] == "%":
            continue
        place += 1
        types[int(found[1] or place)] = found[2]
        stars = found[0].count("*")
        if stars:
            types[-place] = stars
    return types


# -- what is not marked --

TOKEN = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\]|\\.)*'|^[ \t]*\#[^\n]*(?:\\\n[^\n]*)*|\w+|\s+|.""",
                   re.S | re.M)
NUMBER = re.compile(r"PRI[iu]64$")


def literals(name):
    """(line, text) of a source, neighbours joined as the compiler does."""
    line, start, text = 1, 0, None
    for token in TOKEN.findall((TREE / name).read_text()):
        if token.startswith('"'):
            start = start if text is not None else line
            text = (text or "") + unquote(token[1:-1])
        elif text is not None and NUMBER.match(token):
            text += f"<{token}>"
        elif text is not None and not token.isspace() and not token.startswith("/*") and token != "\\":
            yield start, text
            text = None
        line += token.count("\n")


def is_prose(text):
    """Is it written for people? Two words, a word with a capital, or a heading."""
    plain = DIRECTIVE.sub("", text)
    return bool(re.search(r"[A-Za-z]{2,}[\"',;:.?!)]* +[(\"']*[A-Za-z]", plain) or re.match(r"\W*[A-Z][a-z]+", plain) or
                re.match(r"[A-Z][A-Z -]{2,}$", plain))


def unmarked(found):
    """Where every text is for people it is marked; po/plain has what is not for people, or English everywhere."""
    plain = set((TREE / "po/plain").read_text().splitlines())
    commands = set(re.findall(r'\{"([a-z -]+)",', (TREE / "lib/ctl/command.c").read_text()))
    for name in sources():
        values = {unquote(found) for found in VALUE.findall((TREE / name).read_text())}
        for_people = name.startswith(FOR_PEOPLE) and f"file {name}" not in plain
        for line, text in literals(name):
            if not for_people and not re.search(r"\bNothing was \w+\.", text):
                continue
            shown = text.replace("\n", "\\n").replace("\t", "\\t")
            written = re.match(r"madoctl( --config %s)? [a-z -]+(\w+:\w+|ID|WORDS)?$", text)
            if is_prose(text) and text not in found and text not in commands | values and not written and shown not in plain:
                yield f"not marked: {name}:{line}: {text!r}"


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
    wrong += unmarked(found)
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
