#!/usr/bin/env python3
"""The team's rules, categories and reports that are alike: from real mails to the incident and the answer."""

import os
import pwd
import shutil
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import SOURCE, Desk, case, expect, expect_equal, main  # noqa: E402

PHISH = ("お客様のアカウントは停止されました。\n本日中に下記のリンクからログインし、ご本人確認をお願いいたします。\n"
         "https://bank.example/login\n")
FORWARDED = "\n---------- Forwarded message ---------\nFrom: 銀行 <a@bank.example>\nDate: 2026\nSubject: 重要\nTo: {to}\n\n" + PHISH
RULES = """
rules = (
  { name = "newsletter"; if = { header = [ "X-Mailer: *bulk*" ]; }; set = { ledger = "feed"; }; last = "yes"; },
  { name = "bank"; if = { indicator = [ "bank.example" ]; }; set = { category = "phishing"; severity = "critical";
      team = "fraud"; template = "own-bank"; escalation = "duty"; note = "ask the bank"; }; },
  { name = "red"; if = { subject = [ "秘密" ]; }; set = { label = "TLP:RED"; }; } );
"""


def mail(number, subject="報告", text=PHISH, sender="reporter", headers=()):
    return (f"From: {sender} <{sender}@peer.example>\nTo: csirt@sakura.example\nSubject: {subject}\n"
            f"Message-ID: <rules-{number}@peer.example>\nDate: Fri, 20 Nov 2026 09:00:00 +0900\n"
            + "".join(f"{header}\n" for header in headers)
            + "Content-Type: text/plain; charset=utf-8\n\n" + text).encode()


def with_rules(desk, rules=RULES):
    """The desk with rules, and a template of its own."""
    templates = desk.folder / "templates"
    shutil.copytree(SOURCE / "etc/mado/templates", templates)
    for language in ("ja", "en"):
        (templates / language / "own-bank.tmpl").write_text("Subject: bank {{number}}\n\nThe bank knows.\n")
    desk.configure(templates=templates)
    desk.configuration.write_text(desk.configuration.read_text() + rules)
    desk.start()
    return desk


@case
def rules_set_what_becomes_of_a_mail():
    with Desk(start=False) as desk:
        with_rules(desk)
        desk.drop(mail(1))
        ack, = desk.wait_for_acks(1)
        expect(ack["Subject"].startswith("bank SAKURA#"), "the team's own template")
        row, = desk.ctl("show", "1")
        expect_equal([row[name] for name in ("category", "category_by", "severity", "severity_by", "team")],
                     ["phishing", "rule bank", "critical", "rule bank", "fraud"], "what the rule set")
        told = {event["kind"]: event["text"] for event in row["events"]}
        expect_equal([told["escalation"], told["note"]],
                     ["escalation=duty: rule bank", "note=ask the bank: rule bank"], "the history")
        desk.drop(mail(2, "秘密", "Something else, in a mail of its own.\n"))
        desk.settled(2)
        expect_equal(desk.ctl("show", "2")[0]["tlp"], "TLP:RED", "raised by a rule")
        expect_equal(desk.ctl("show", "2")[0]["tlp_by"], "rule red", "by which")


@case
def what_a_rule_keeps_aside_is_kept_and_not_answered():
    with Desk(start=False) as desk:
        with_rules(desk)
        desk.drop(mail(1, headers=["X-Mailer: Some Bulk Mailer"]))
        places = desk.settled(1)
        expect_equal([places["feed"], places["incident"], places["balanced"]], [1, 0, True], "the ledger")
        expect_equal(desk.acks(), [], "no answer")
        expect_equal(desk.ctl("ledger", "feed")[0]["subject"], "報告", "kept")


@case
def a_rule_is_tried_over_past_mail_and_changes_nothing():
    with Desk(start=False) as desk:
        with_rules(desk, RULES.replace("bank.example", "shop.example").replace("bulk", "none"))
        for number in range(3):
            desk.drop(mail(number, f"報告 {number}", f"{number} " + PHISH, f"r{number}"))
        desk.settled(3)
        before = desk.incidents()
        with_new = desk.configuration.read_text().replace("shop.example", "bank.example")
        desk.stop()
        desk.configuration.write_text(with_new)
        desk.start()
        rows = {row["rule"]: row for row in desk.ctl("rules", "test")}
        expect_equal({name: row["hits"] for name, row in rows.items()}, {"newsletter": 0, "bank": 3, "red": 0}, "hits")
        expect_equal([rows["bank"]["looked_at"], len(rows["bank"]["examples"])], [3, 3], "looked at")
        expect_equal([row["hits"] for row in desk.ctl("rules", "test", "bank", "--last", "2")], [2], "the last two")
        expect_equal([row["category"] for row in desk.incidents()], [row["category"] for row in before], "no change")
        expect("There is no rule" in desk.ask("rules", "test", "none").stderr, "a name that is not there")


@case
def explain_names_the_rules():
    with Desk(start=False) as desk:
        with_rules(desk)
        file = desk.folder / "mail.eml"
        file.write_bytes(mail(1))
        row, = desk.ctl("explain", str(file))
        expect_equal(row["rules"], ["bank"], "the rules that hit")
        opened, = [action for action in row["actions"] if action["action"] == "open"]
        expect_equal([opened["why"], opened["category_by"]], ["rule bank", "rule bank"], "the plan says so")


@case
def one_phishing_mail_of_many_is_one_incident_with_many_reporters():
    with Desk() as desk:
        desk.drop(mail(1, sender="tanaka", text="怪しいです\n" + FORWARDED.format(to="tanaka@sakura.example")))
        desk.wait_for_acks(1)
        desk.drop(mail(2, "Fw: 重要", sender="sato", text="こちらも届きました。\n" + FORWARDED.format(to="sato@sakura.example")))
        acks = desk.wait_for_acks(2)
        expect_equal(len(desk.incidents()), 1, "one incident")
        expect_equal(sorted(ack["To"] for ack in acks), ["sato@peer.example", "tanaka@peer.example"], "each is told")
        row, = desk.ctl("show", "1")
        expect_equal([one["address"] for one in row["reporters"]], ["tanaka@peer.example", "sato@peer.example"], "reporters")
        desk.drop(mail(3, "Re: " + acks[1]["Subject"], "追加です\n", "sato", [f"In-Reply-To: {acks[1]['Message-ID']}"]))
        desk.settled(3)
        expect_equal(len(desk.ctl("show", "1", "--mail")), 3, "each may add to it")
        desk.drop(mail(4, "再送", sender="sato", text=FORWARDED.format(to="sato@sakura.example")))
        desk.settled(4)
        expect_equal([len(desk.incidents()), len(desk.acks())], [1, 3], "who has reported it is not told again")


@case
def what_is_only_partly_the_same_opens_its_own():
    with Desk() as desk:
        desk.drop(mail(1, sender="a"))
        desk.settled(1)
        for number, changed in enumerate((PHISH.replace("login", "login2"), PHISH + "追記: 別の件です。\n",
                                          "TLP:GREEN\n" + PHISH, "添付をご覧ください。\n"), 2):
            desk.drop(mail(number, sender=f"b{number}", text=changed))
        desk.settled(5)
        expect_equal(len(desk.incidents()), 5, "each its own")


@case
def with_no_time_nothing_is_joined():
    with Desk(start=False) as desk:
        desk.configuration.write_text(desk.configuration.read_text() + 'duplicates = { within = "0s"; };\n')
        desk.start()
        for number in (1, 2):
            desk.drop(mail(number, sender=f"r{number}"))
        desk.settled(2)
        expect_equal(len(desk.incidents()), 2, "each its own")


@case
def a_vulnerability_shows_its_facts():
    with Desk() as desk:
        desk.drop(mail(1, "脆弱性の報告", "CVE-2026-12345 について報告します。\n"))
        desk.settled(1)
        row, = desk.ctl("show", "1")
        expect_equal([row["category"], row["category_by"]], ["vuln-product", "proposal"], "a proposal")
        expect_equal(row["vulnerability"]["cve"], "CVE-2026-12345", "what it is about")


WEAKNESS = """ソフトウエア製品脆弱性関連情報届出様式
届出者名: 高橋
製品名: さくらメール
バージョン: １．２
CVE番号: CVE-2026-0001
JVN番号: JVN#12345678
公表希望日: 2026/12/01
公表の有無: 無
"""
ROUTED = """
rules = ( { name = "psirt"; if = { format = [ "form:ipa-vulnerability" ]; };
            set = { category = "weakness"; handler = "%s"; team = "PSIRT"; template = "own-bank"; }; } );
categories = ( { id = "weakness"; ja = "弱点"; en = "weakness"; rsit = "vulnerable/vulnerable-system"; severity = "high"; },
               { id = "other"; ja = "その他"; en = "other"; rsit = "other/other"; words = [ "サイト" ]; } );
"""


@case
def a_vulnerability_goes_to_those_who_work_on_it_with_its_facts():
    """In a list of categories that is the team's own: which of them is of vulnerabilities, RSIT says."""
    with Desk(start=False) as desk:
        user = pwd.getpwuid(os.geteuid()).pw_name
        with_rules(desk, ROUTED % user)
        desk.drop(mail(1, "届出", WEAKNESS))
        ack, = desk.wait_for_acks(1)
        expect(ack["Subject"].startswith("bank SAKURA#"), "a text of its own")
        row, = desk.ctl("show", "1")
        expect_equal([row[name] for name in ("category", "category_by", "severity", "handler", "team")],
                     ["weakness", "rule psirt", "high", user, "PSIRT"], "where it goes")
        facts = {"product": "さくらメール", "version": "1.2", "site": None, "finder": "高橋", "cve": "CVE-2026-0001",
                 "jvn": "JVN#12345678", "date_wished": "2026/12/01", "disclosed": "no"}
        expect_equal(row["vulnerability"], facts, "facts")
        shown = desk.ask("show", "1").stdout
        for name, value in facts.items():
            expect(value is None or f"{name}: {value}" in shown, f"{name} is shown: {shown}")
        desk.drop(mail(2, "別件", "ウェブサイトの CVE-2026-0002 について。\n"))
        desk.settled(2)
        expect_equal([desk.ctl("show", "2")[0][name] for name in ("category", "team", "vulnerability")],
                     ["other", None, None], "another goes nowhere")


if __name__ == "__main__":
    main()
