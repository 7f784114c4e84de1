#!/usr/bin/env python3
"""Reads the mail of other projects: none may crash, hang or lose its text, and machine mail is told apart.

Usage: run.py READ-ONE. The folder is named by MADO_CORPORA; without it everything is skipped. TAP.
The text is compared with what Python's own mail package finds: another reader, with other faults.
"""
import collections
import email
import email.errors
import email.policy
import json
import os
import pathlib
import re
import subprocess
import sys

FOLDERS = ["mail-fixtures", "bounces", "abuse-notifiers", "notmuch", "rt", "xarf"]
WORDS_KEPT = 0.85  # of the words that the other reader finds
RECIPIENTS_RIGHT = 0.95
NOTIFIERS_WITHOUT_MARKER = 2


def mails(root, folder):
    for path in sorted((root / folder).rglob("*")):
        if path.is_file() and path.suffix not in (".gz", ".tsv", ".json", ".md", ".yml", ".asc", ".key"):
            if path.name not in ("README", ".gitattributes", "sample_output_multipart"):
                yield path


def read_all(tool, paths):
    run = subprocess.run([tool, *map(str, paths)], capture_output=True, timeout=570)
    facts = {}
    for line in run.stdout.decode("utf-8", "strict").splitlines():
        fact = json.loads(line)
        facts[fact["file"]] = fact
    return facts, run.stderr.decode("utf-8", "replace")


def other_readers_words(path):
    """The ASCII words of the plain text that Python finds; none where it finds none or gives up."""
    try:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if any(isinstance(defect, email.errors.MissingHeaderBodySeparatorDefect) for defect in message.defects):
            return []  # it takes the rest of a broken header for the text
        body = message.get_body(("plain",))
        if body is None:
            return []
        payload = body.get_payload(decode=True).decode("latin-1")
    except Exception:  # it fails on many of these mails
        return []
    return re.findall(r"[A-Za-z]{4,}", payload)


def kept(words, text):
    found = collections.Counter(re.findall(r"[A-Za-z]{4,}", text))
    wanted = collections.Counter(words)
    return sum(min(count, found[word]) for word, count in wanted.items()) / max(1, len(words))


def expected_kinds(root):
    """bounces/expected.tsv: the reason says which kind of machine mail each file is."""
    kinds = {}
    for line in (root / "bounces" / "expected.tsv").read_text().splitlines():
        fields = line.split("\t")
        if not line.startswith("#"):
            kinds[fields[0]] = {"feedback": "feedback", "vacation": "auto-reply"}.get(fields[4], "bounce")
    return kinds


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def case(self, name, wrong):
        self.count += 1
        for line in wrong:
            print("#", line)
        self.failed += bool(wrong)
        print("not ok" if wrong else "ok", self.count, "-", name, flush=True)


def check_folder(tap, folder, paths, facts, errors):
    if not paths:
        print("ok", tap.count + 1, "-", folder, "# SKIP absent")
        tap.count += 1
        return
    names = [str(path) for path in paths]
    tap.case(f"{folder}: {len(paths)} mails are read by nobody dying or hanging",
             [name for name in names if "died" in facts.get(name, {"died": 1})] + errors.splitlines()[:20])
    lost = []
    for path in paths:
        fact, words = facts.get(str(path), {}), other_readers_words(path)
        share = kept(words, fact.get("text", ""))
        if words and share < WORDS_KEPT:
            lost.append(f"{path}: {share:.0%} of {len(words)} words, text from {fact.get('text_from')}")
    tap.case(f"{folder}: no text is lost", lost)


def check_kinds(tap, root, facts):
    wrong, all_kinds = [], expected_kinds(root)
    for name, kind in all_kinds.items():
        fact = facts.get(str(root / "bounces" / name), {})
        if fact.get("machine") != kind:
            wrong.append(f"{name}: {kind}, read as {fact.get('machine')} ({fact.get('why')}): {fact.get('subject')}")
    tap.case(f"bounces: {len(all_kinds) - len(wrong)} of {len(all_kinds)} are told apart as their kind", wrong)


def expected_bounces(root):
    """For each file a row for each recipient: the reason, whether it is permanent, the type of a complaint."""
    rows = collections.defaultdict(list)
    for line in (root / "bounces" / "expected.tsv").read_text().splitlines():
        fields = line.split("\t") + [""]
        if not line.startswith("#") and fields[4] != "vacation":
            rows[fields[0]].append((fields[4], fields[5] == "1", fields[6]))
    return rows


def wrong_with(fact, number, row, raw):
    """What is wrong with what was read of one recipient, or None. The corpus does not name the recipients: it must
    be an address of the mail that is neither its sender nor whom it was sent to."""
    reason, permanent, _ = row
    found = fact.get("bounces", [])
    if number >= len(found):
        return f"no recipient {number + 1}"
    bounce = found[number]
    if bounce["recipient"].lower() not in raw + fact["text"].lower():
        return f"{bounce['recipient']} is not in the mail"
    if bounce["recipient"].lower() == fact["from"].lower() and reason != "feedback":
        return f"{bounce['recipient']} sent it"
    if bounce["permanent"] != permanent:
        return f"{bounce['recipient']} is {bounce['reason']} {bounce['status']}, not {reason}"
    return None


def check_published(tap, figures):
    """What the manual says was measured is what is measured now."""
    manual = " ".join((pathlib.Path(__file__).parents[2] / "man/madoctl.1").read_text().split())
    tap.case("bounces: the manual publishes this score", [figure for figure in figures if figure not in manual])


def check_bounces(tap, root, facts):
    wrong, all_rows, words, types = [], 0, 0, []
    for name, rows in expected_bounces(root).items():
        fact = facts.get(str(root / "bounces" / name), {})
        raw = (root / "bounces" / name).read_text("utf-8", "replace").lower()
        extra = len(fact.get("bounces", [])) > len(rows)
        for number, row in enumerate(rows):
            fault = "more recipients than there are" if extra else wrong_with(fact, number, row, raw)
            wrong += [f"{name}: {fault}"] if fault else []
            words += number < len(fact.get("bounces", [])) and fact["bounces"][number]["reason"] == row[0]
        all_rows += len(rows)
        if rows[0][2] != fact.get("feedback_type"):
            types.append(f"{name}: {rows[0][2]}, read as {fact.get('feedback_type')}")
    right = all_rows - len(wrong)
    check_published(tap, [f"{right} of {all_rows} recipients ({right / all_rows:.1%})", f"{words} of them"])
    for line in wrong:
        print("#", line)
    tap.case(f"bounces: recipient and permanence right for {right} of {all_rows} recipients ({right / all_rows:.1%});"
             f" the word for the reason for {words} ({words / all_rows:.1%})",
             [] if right / all_rows >= RECIPIENTS_RIGHT else [f"below {RECIPIENTS_RIGHT:.0%}"])
    tap.case("complaints: the type of each", types)


def check_notifiers(tap, root, facts):
    """Two of them say only in their text that nobody wrote them: their header ends too early, by a blank line."""
    silent = [path for path in facts if "/abuse-notifiers/" in path and facts[path].get("machine") == "no"]
    for path in silent:
        print("# no marker:", path, "from", facts[path].get("from"))
    tap.case(f"abuse-notifiers: {len(silent)} carry no marker of a machine",
             ["more than were looked at"] if len(silent) > NOTIFIERS_WITHOUT_MARKER else [])


def check_layers(tap, root, facts):
    """layers.tsv: what is signed or encrypted at the root of each, and what is below it."""
    wrong, table = [], pathlib.Path(__file__).with_name("layers.tsv")
    rows = [line.split("\t") for line in table.read_text().splitlines() if not line.startswith("#")]
    for name, layer in rows:
        found = facts.get(str(root / name), {}).get("layer")
        if found != layer:
            wrong.append(f"{name}: {layer}, read as {found}")
    tap.case(f"notmuch, rt: the layer of {len(rows) - len(wrong)} of {len(rows)} mails is found", wrong)


def main():
    root = pathlib.Path(os.environ.get("MADO_CORPORA", "") or "/nonexistent")
    if not root.is_dir():
        print("1..0 # SKIP no MADO_CORPORA")
        return 0
    tap, everything = Tap(), {}
    for folder in FOLDERS:
        paths = list(mails(root, folder))
        facts, errors = read_all(sys.argv[1], paths) if paths else ({}, "")
        everything.update(facts)
        check_folder(tap, folder, paths, facts, errors)
    if (root / "notmuch").is_dir() and (root / "rt").is_dir():
        check_layers(tap, root, everything)
    if (root / "bounces" / "expected.tsv").exists():
        check_kinds(tap, root, everything)
        check_bounces(tap, root, everything)
        check_notifiers(tap, root, everything)
    print(f"1..{tap.count}")
    return tap.failed > 0


sys.exit(main())
