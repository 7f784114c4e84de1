#!/usr/bin/env python3
"""madoctl explain: what would be done with a mail and why; no daemon, and nothing is changed."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import (BOUND, PROGRAMS, SOURCE, Desk, case, expect, expect_equal, main,  # noqa: E402
                     plain_mail)

SAMPLES = sorted((SOURCE / "tests/samples").glob("*.eml"))
ACTIONS = {
    "open": {"category", "severity", "label"}, "join": {"number", "by"}, "pending": {"claims"},
    "ack": {"template", "language", "to", "sealed"}, "no-ack": set(), "set": {"field", "value"},
    "reference": {"authority", "id"}, "relate": {"number", "by"}, "notice": {"to"},
    "delivery": {"letter", "number", "recipient", "outcome", "permanent", "status", "reply_code", "reason"},
    "returned": {"letter", "reply"},
    "review": {"review", "contact", "answer"},
}
MACHINES = {"no", "auto-reply", "bounce", "feedback", "mdn", "list", "notification"}
LEDGER = {"incident", "pending", "feed", "bounce", "machine", "spam", "unreadable", "quarantine", "copy"}


def explain(*words, given=None, folder="/"):
    return subprocess.run([PROGRAMS / "madoctl", "explain", *words], input=given, capture_output=True,
                          cwd=folder, timeout=BOUND)


def objects(done):
    expect_equal(done.returncode, 0, "exit status: " + done.stderr.decode(errors="replace"))
    return [json.loads(line) for line in done.stdout.splitlines()]


@case
def every_sample_gives_one_object_of_the_promised_shape():
    found = objects(explain("--json", *SAMPLES))
    expect_equal(len(found), len(SAMPLES), "objects")
    for file, one in zip(SAMPLES, found):
        name = file.name
        expect_equal(one["schema"], "mado/1", name)
        expect_equal(one["sha256"], hashlib.sha256(file.read_bytes()).hexdigest(), name)
        expect(one["ledger"] in LEDGER, f"{name}: ledger {one['ledger']}")
        expect_equal(one["history"], "none", f"{name}: history")
        expect(one["machine"]["kind"] in MACHINES, f"{name}: machine {one['machine']}")
        message = one["message"]
        expect({"from", "subject", "subject_from", "date", "message_id", "language", "text",
                "attachments", "problems"} <= set(message), f"{name}: message {sorted(message)}")
        expect(message["subject_from"] in ("outer", "protected"), name)
        for attachment in message["attachments"]:
            expect({"name", "type", "size", "sha256"} <= set(attachment), f"{name}: {attachment}")
        for bounce in one["bounce"]:
            expect_equal(set(bounce), {"recipient", "status", "reply_code", "reason", "permanent"}, f"{name}: bounce")
        expect("feedback_type" in one, f"{name}: feedback_type")
        for action in one["actions"]:
            expect(action["why"], f"{name}: why {action}")
            expect(ACTIONS[action["action"]] <= set(action), f"{name}: {action}")


def find(name):
    return objects(explain("--json", SOURCE / "tests/samples" / name))[0]


@case
def samples_are_read_as_a_person_would():
    for name, language, words in (
            ("01-defacement-ja.eml", "ja", ("① 発見日時", "山吹です", "hxxps://shop.sakura[.]example/news/")),
            ("04-scan-utf8-base64-ja.eml", "ja", ("川ネットの川です", "Failed password")),
            ("05-staff-html-only-ja.eml", "ja", ("不審なメール", "Click here")),
            ("11-wrong-label-ja.eml", "ja", ("フィッシングサイトを見つけました",)),
            ("08-vulnerability-en.eml", "en", ("is reserved for it. A request",))):
        message = find(name)["message"]
        expect_equal(message["language"], language, name)
        for word in words:
            expect(word in message["text"], f"{name}: {word} in {message['text']!r}")
    expect("tracker" not in find("05-staff-html-only-ja.eml")["message"]["text"], "scripts are no text")
    zipped, = find("06-zip-password-en.eml")["message"]["attachments"]
    expect_equal((zipped["name"], zipped["type"]), ("sample.zip", "application/zip"), "attachment")


@case
def machines_are_recognised_and_not_answered():
    for name, kind in (("07-feedback-report.eml", "feedback"), ("12-list-advisory-en.eml", "list"),
                       ("13-bounce-en.eml", "bounce"), ("24-out-of-office-ja.eml", "auto-reply")):
        one = find(name)
        expect_equal(one["machine"]["kind"], kind, name)
        expect("ack" not in [action["action"] for action in one["actions"]], f"{name} is not answered")


@case
def standard_input_is_a_file_named_minus():
    one, = objects(explain("--json", "-", given=plain_mail()))
    expect_equal(one["message"]["subject"], "Scan from 192.0.2.1, case 1", "subject")
    expect_equal(one["file"], "-", "file")


@case
def people_get_the_reasons_in_words():
    done = explain(SOURCE / "tests/samples/03-peer-phishing-en.eml")
    expect_equal(done.returncode, 0, "exit status")
    for word in (b"open", b"ack"):
        expect(word in done.stdout, f"{word} in {done.stdout.decode()}")


@case
def it_changes_nothing():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mail.eml"
        file.write_bytes(plain_mail())
        before = (file.stat().st_mtime_ns, sorted(os.listdir(folder)))
        objects(explain("--json", file.name, folder=folder))
        expect_equal((file.stat().st_mtime_ns, sorted(os.listdir(folder))), before, "the folder")


@case
def one_file_that_is_not_there_stops_no_other():
    good = SOURCE / "tests/samples/03-peer-phishing-en.eml"
    done = explain("--json", "/nonexistent/mail.eml", good)
    expect_equal(done.returncode, 66, "exit status")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    expect(str(good) in [line.get("file") for line in lines], "the other file is explained")


@case
def a_running_daemon_is_asked_for_history():
    with Desk() as desk:
        desk.drop(plain_mail(1))
        ack, = desk.wait_for_acks(1)
        reply = desk.folder / "reply.eml"
        reply.write_bytes(plain_mail(2, headers=[f"In-Reply-To: {ack['Message-ID']}"]))
        one, = desk.ctl("explain", str(reply))
        expect_equal(one["history"], "consulted", "history")
        expect("join" in [action["action"] for action in one["actions"]], f"joins: {one['actions']}")
        expect_equal(desk.ledger()["mails"], 1, "and nothing was changed")


if __name__ == "__main__":
    main()
