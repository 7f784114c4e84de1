#!/usr/bin/env python3
"""Structured reports through the real daemon: read behind the confinement of the reader, kept, and shown."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, PROGRAMS, Desk, case, expect, expect_equal, main  # noqa: E402

UUID = "550e8400-e29b-41d4-a716-446655440000"
WHO = {"org": "Peer", "contact": "soc@peer.example", "domain": "peer.example"}
XARF = {"xarf_version": "4.2.0", "report_id": UUID, "timestamp": "2026-03-06T08:00:00Z", "reporter": WHO,
        "sender": WHO, "source_identifier": "192.0.2.4", "source_port": 4444, "category": "connection",
        "type": "login_attack", "protocol": "tcp", "first_seen": "2026-03-06T07:00:00Z", "destination_port": 22}
IODEF = """<?xml version="1.0" encoding="Shift_JIS"?>
<IODEF-Document xmlns="urn:ietf:params:xml:ns:iodef-2.0" version="2.00"><Incident purpose="reporting">
<IncidentID name="peer.example">77</IncidentID><GenerationTime>2026-03-06T08:00:00Z</GenerationTime><Contact/>
<EventData><Flow><System category="source"><Node><Address>192.0.2.6</Address></Node></System></Flow></EventData>
</Incident></IODEF-Document>"""
EXTERNAL = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + IODEF.partition("\n")[2].replace("77", "&b;")
STIX = {"type": "bundle", "id": "bundle--" + UUID, "objects": [
    {"type": "indicator", "id": "indicator--" + UUID, "pattern_type": "stix",
     "pattern": "[ipv4-addr:value = '192.0.2.7']"}]}
TABLE = "IP,timestamp(UTC+9),source_port\n" + "".join(
    f"192.0.2.{number},2026-03-06 08:00:{number:02},{1000 + number}\n" for number in range(1, 31))


def mail(name, kind, text):
    return (f"From: soc@peer.example\nTo: csirt@sakura.example\nSubject: {name}\nMessage-ID: <{name}@peer.example>\n"
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nSee below.\n"
            f"--x\nContent-Type: {kind}; name={name}\n\n{text}\n--x--\n").encode()


MAILS = {"a.json": mail("a.json", "application/json", json.dumps(XARF)),
         "a.xml": mail("a.xml", "application/xml", IODEF),
         "b.xml": mail("b.xml", "application/xml", EXTERNAL),
         "stix.json": mail("stix.json", "application/stix+json", json.dumps(STIX)),
         "cut.json": mail("cut.json", "application/json", json.dumps(XARF)[:200]),
         "a.csv": mail("a.csv", "text/csv", TABLE)}


def explain(name, *options):
    done = subprocess.run([PROGRAMS / "madoctl", "explain", "-", *options], input=MAILS[name], capture_output=True,
                          cwd="/", timeout=BOUND)
    expect_equal(done.returncode, 0, f"{name}: {done.stderr.decode()}")
    return done.stdout.decode()


@case
def each_format_is_read_in_the_confined_reader():
    for name, format_ in (("a.json", "xarf-4"), ("a.xml", "iodef-2"), ("stix.json", "stix-2.1"), ("a.csv", "csv")):
        row = json.loads(explain(name, "--json"))
        expect_equal((row["report"]["formats"], row["report"]["damaged"]), ([format_], []), name)
        expect_equal(row["message"]["problems"], [], f"{name}: problems")
    event, = json.loads(explain("a.json", "--json"))["report"]["events"]
    expect_equal((event["source"], event["source_port"], event["target_port"], event["time"]),
                 ("192.0.2.4", "4444", "22", "2026-03-06T08:00:00+00:00"), "event")


@case
def a_damaged_one_is_kept_and_said():
    for name, said in (("cut.json", "xarf-4 cut.json: is no JSON"),
                       ("b.xml", "iodef-2 b.xml: has a document type declaration")):
        row = json.loads(explain(name, "--json"))
        expect_equal((row["report"]["formats"], row["report"]["damaged"]), ([], [said]), name)
        expect_equal(row["ledger"], "incident", f"{name}: ledger")


OWN_FORM = ('name = "acme"; sign = "ACME インシデント連絡票"; '
            'fields = [ "Reporter = name", "Attacker > IP = source-address", "Zone = time-zone", "Since = first-seen" ];')
FILLED = """＜ＡＣＭＥ インシデント連絡票＞ Ver.2
Reporter：㈱さくら①課
Attacker
  IP： １９２．０．２．７
Since：２０２６年１１月１日 １２時３０分
Zone：日本標準時
"""


@case
def a_form_of_the_team_is_read_and_shown():
    letter = FILLED.encode("cp932")
    head = (b"From: a@peer.example\nTo: csirt@sakura.example\nSubject: form\nMessage-ID: <form@peer.example>\n"
            b"MIME-Version: 1.0\nContent-Type: text/plain; charset=Shift_JIS\n\n")
    with Desk(report=f"forms = ( {{ {OWN_FORM} }} );") as desk:
        desk.drop(head + letter)
        desk.settled(1)
        row, = desk.ctl("show", "1")
        report = row["mails"][0]["report"]
        fields = {field["name"]: field["value"] for field in report["fields"]}
        expect_equal((report["formats"], report["damaged"]), (["form:acme"], []), "formats")
        expect_equal(fields, {"name": "㈱さくら①課", "source-address": "192.0.2.7", "time-zone": "日本標準時",
                              "first-seen": "2026年11月1日 12時30分"}, "fields")
        event, = report["events"]
        expect_equal((event["source"], event["time"]), ("192.0.2.7", "2026-11-01T12:30:00+09:00"), "event")
        text = desk.ask("show", "1").stdout
        expect("source-address: 192.0.2.7" in text and "form:acme" in text, text)


@case
def many_events_are_one_incident_with_a_table():
    with Desk() as desk:
        desk.drop(MAILS["a.csv"])
        desk.settled(1)
        row, = desk.ctl("show", "1")
        found, = row["mails"]
        report = found["report"]
        expect_equal((len(report["events"]), report["events_left_out"], report["incomplete"]), (20, 10, False), "events")
        expect_equal(report["events"][0]["time"], "2026-03-06T08:00:01+09:00", "time")
        text = desk.ask("show", "1").stdout
        expect("and 10 more" in text and "192.0.2.20:1020" in text and "192.0.2.21" not in text, text)
        desk.stop()
        with desk.store() as store:
            kept = store.execute("SELECT count(*), min(at), max(at) FROM sighting").fetchone()
        expect_equal(kept, (30, 1772751601, 1772751630), "kept")


main()
