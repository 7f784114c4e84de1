#!/usr/bin/env python3
"""Reports that other projects collected: each is read wholly, and a damaged copy of each is kept and flagged.

Usage: reports.py READ-ONE. The folder is named by MADO_CORPORA; without it everything is skipped. TAP.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

NOTIFIERS = pathlib.Path(__file__).with_name("notifiers.tsv")
# What the corpora hold; of the notifiers' 97 mails 18 have nothing but a zip.
SAMPLES, TYPES, NOTIFIERS_WITH_ADDRESSES = 34, 30, 79
MAIL = """From: reports@a.example
To: csirt@sakura.example
Subject: a report
Content-Type: multipart/mixed; boundary=x

--x

A report.
--x
Content-Type: application/json; name=report.json

%s
--x--
"""


def read_all(tool, paths):
    run = subprocess.run([tool, *map(str, paths)], capture_output=True, timeout=280)
    facts = [json.loads(line) for line in run.stdout.decode("utf-8", "strict").splitlines()]
    return {fact["file"]: fact for fact in facts}


def read_texts(tool, texts):
    """{name: text of a JSON file} to {name: what was found in a mail with it}."""
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for number, (name, text) in enumerate(texts.items()):
            path = pathlib.Path(folder) / f"{number}.eml"
            path.write_text(MAIL % text)
            names[str(path)] = name
        return {names[path]: fact for path, fact in read_all(tool, names).items()}


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def case(self, name, wrong):
        self.count += 1
        for line in wrong:
            print("#", line)
        self.failed += bool(wrong)
        print("not ok" if wrong else "ok", self.count, "-", name, flush=True)


def fewer(found, wanted):
    """A test of nothing proves nothing."""
    return [f"{len(found)}, not {wanted} or more"] if len(found) < wanted else []


def samples(root):
    """The valid samples; a README stands beside them."""
    return {f"{path.parent.name}/{path.name}": path.read_text()
            for path in sorted((root / "xarf/samples").rglob("*.json"))}


def wanted_source(sample):
    source = sample.get("Report", {}).get("Source", {})
    return sample.get("source_identifier") or source.get("IP") or source.get("URL")


def wrong_with_valid(name, text, fact):
    version, sample = "xarf-" + name[1], json.loads(text)
    source = wanted_source(sample)
    if fact.get("formats") != version or fact.get("damaged"):
        return f"{name}: read as {fact.get('formats')!r}, {fact.get('damaged')!r}"
    if fact.get("sources") != source or source not in fact.get("indicators", "").split():
        return f"{name}: from {fact.get('sources')!r}, not {source!r}"
    if "/" not in fact.get("category", ""):
        return f"{name}: no category"
    for value in (sample.get("url"), sample.get("cve_id"), sample.get("infringing_url")):
        if value and value.rstrip("/") not in {one.rstrip("/") for one in fact["indicators"].split()}:
            return f"{name}: {value} is not found"
    return None


def required(name):
    """What each must have: paths in the document."""
    if name.startswith("v3"):
        return [("Version",), ("ReporterInfo",), ("Report",), ("Report", "ReportClass"), ("Report", "ReportType"),
                ("Report", "Date"), ("Report", "Source"), ("ReporterInfo", "ReporterOrg"),
                ("ReporterInfo", "ReporterOrgEmail")]
    core = ["xarf_version", "report_id", "timestamp", "reporter", "sender", "source_identifier", "category", "type"]
    return [(one,) for one in core] + [(who, part) for who in ("reporter", "sender")
                                       for part in ("org", "contact", "domain")]


def damaged_copies(name, text):
    """Cut, without each of what it must have, and with each of that as something that it is not."""
    yield "cut", text[:len(text) * 2 // 3]
    for path in required(name):
        for how in ("without", "as a list"):
            sample = json.loads(text)
            inside = sample
            for step in path[:-1]:
                inside = inside[step]
            if how == "without":
                del inside[path[-1]]
            else:
                inside[path[-1]] = []
            yield f"{how} {'.'.join(path)}", json.dumps(sample)


def wrong_with_damaged(name, fact):
    version = "xarf-" + name[1]
    if "died" in fact or "A report." not in fact.get("text", ""):
        return f"{name}: is not kept"
    if not fact.get("damaged", "").startswith(version + " ") or fact["formats"] or fact["sources"]:
        return f"{name}: read as {fact.get('formats')!r}, {fact.get('damaged')!r}"
    return None


def check_xarf(tap, root, tool):
    texts = samples(root)
    facts = read_texts(tool, texts)
    wrong = [wrong_with_valid(name, text, facts.get(name, {})) for name, text in texts.items()]
    tap.case(f"xarf: {len(texts)} valid samples are read wholly", list(filter(None, wrong + fewer(texts, SAMPLES))))
    copies = {f"{name} {how}": copy for name, text in texts.items() for how, copy in damaged_copies(name, text)}
    facts = read_texts(tool, copies)
    wrong = [wrong_with_damaged(name, facts.get(name, {})) for name in copies]
    wrong += fewer(copies, SAMPLES * 2 * len(required("v3")))
    tap.case(f"xarf: {len(copies)} damaged copies are kept and flagged", list(filter(None, wrong)))


def schema_needs(root):
    """(category, type) to the names that the schema of that type demands."""
    needs = {}
    base = json.loads((root / "xarf/schemas/v4/types/content-base.json").read_text())
    for path in (root / "xarf/schemas/v4/types").glob("*.json"):
        found, names = {}, set()
        for part in json.loads(path.read_text()).get("allOf", []) + (
                base["allOf"] if path.name.startswith("content-") else []):
            names |= set(part.get("required", []))
            for name in ("category", "type"):
                found[name] = part.get("properties", {}).get(name, {}).get("const", found.get(name))
        if found.get("category") and found.get("type"):
            needs[found["category"], found["type"]] = names - {"category", "type"}
    return needs


def check_schemas(tap, root, tool):
    """What the schema of a type demands is demanded here."""
    copies, needs = {}, schema_needs(root)
    for name, text in samples(root).items():
        sample = json.loads(text)
        for one in needs.get((sample.get("category"), sample.get("type")), []):
            copies[f"{name} without {one}"] = json.dumps({key: sample[key] for key in sample if key != one})
    facts = read_texts(tool, copies)
    wrong = [wrong_with_damaged(name, facts.get(name, {})) for name in copies]
    wrong += fewer(needs, TYPES) + fewer(copies, TYPES)
    tap.case(f"xarf: what the schemas of {len(needs)} types demand is demanded", list(filter(None, wrong)))


def check_classes(tap, root, tool):
    """What a report is said to be is a class and a type of the taxonomy."""
    taxonomy = json.loads((root / "rsit/machinev1.json").read_text())["values"]
    classes = {f"{group['predicate']}/{entry['value']}" for group in taxonomy for entry in group["entry"]}
    facts = read_texts(tool, samples(root))
    facts.update(read_all(tool, sorted((root / "abuse-notifiers").rglob("*.eml"))))
    said = {name: fact.get("category", "") for name, fact in facts.items()}
    wrong = [f"{name}: there is no {one}" for name, one in said.items() if one and one not in classes]
    wrong += fewer([one for one in said.values() if one], SAMPLES)
    tap.case(f"rsit: what reports are said to be is one of {len(classes)} types", wrong)


def check_notifiers(tap, root, tool):
    """notifiers.tsv: what each is, in what format, and whom it reports."""
    rows = [line.split("\t") for line in NOTIFIERS.read_text().splitlines() if not line.startswith("#")]
    facts = read_all(tool, [root / "abuse-notifiers" / row[0] for row in rows])
    wrong = []
    for name, machine, formats, sources in rows:
        fact = facts.get(str(root / "abuse-notifiers" / name), {})
        found = sorted(set(fact.get("sources", "").split()))
        if "died" in fact or [fact.get("machine"), fact.get("formats"), found] != [
                machine, formats.strip("-"), sorted(sources.strip("-").split())]:
            wrong.append(f"{name}: {fact.get('machine')}, {fact.get('formats')!r}, {found}")
    wrong += fewer([row for row in rows if row[3] != "-"], NOTIFIERS_WITH_ADDRESSES)
    tap.case(f"abuse-notifiers: machine, format and reported addresses of {len(rows)} mails", wrong)
    listed = {row[0] for row in rows}
    there = {str(path.relative_to(root / "abuse-notifiers")) for path in (root / "abuse-notifiers").rglob("*.eml")}
    tap.case("abuse-notifiers: every mail is in the table", sorted(there ^ listed))


def main():
    root = pathlib.Path(os.environ.get("MADO_CORPORA", "") or "/nonexistent")
    if not (root / "xarf").is_dir() or not (root / "abuse-notifiers").is_dir():
        print("1..0 # SKIP no MADO_CORPORA")
        return 0
    tap = Tap()
    check_xarf(tap, root, sys.argv[1])
    check_schemas(tap, root, sys.argv[1])
    check_notifiers(tap, root, sys.argv[1])
    check_classes(tap, root, sys.argv[1])
    print(f"1..{tap.count}")
    return tap.failed > 0


sys.exit(main())
