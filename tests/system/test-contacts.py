#!/usr/bin/env python3
"""Contacts with a real daemon: written down, changed, imported from what a spreadsheet saves, and
refused with the owner's name and the next command."""

import json
import os
import pwd
import socket
import sys
import unicodedata

sys.path.insert(0, os.path.dirname(__file__))
from harness import Desk, case, expect, expect_equal, main  # noqa: E402

DATA_ERROR, NO_INPUT, USAGE = 65, 66, 64
USER = pwd.getpwuid(os.geteuid()).pw_name
PEER = ("contact", "add", "Peer CSIRT", "--kind", "peer", "--address", "CSIRT@Peer.example",
        "--address", "soc@peer.example", "--language", "en", "--note", "answers by night, too")


def one(desk, *words):
    rows = desk.ctl(*words)
    expect_equal(len(rows), 1, f"rows of {words}")
    return rows[0]


def refused(desk, status, said, *words):
    before = desk.ctl("contact")
    done = desk.ask(*words)
    expect_equal((done.returncode, done.stdout), (status, ""), f"{words}: {done.stderr}")
    sentence = " ".join(done.stderr.split())
    for word in (*said, "Nothing was changed"):
        expect(word in sentence, f"{words}: \"{word}\" is not said: {sentence}")
    expect_equal(desk.ctl("contact"), before, f"contacts behind {words}")


def journal(desk):
    """(actor, text) of what happened to contacts; the daemon has ended."""
    with desk.store() as store:
        return store.execute("SELECT actor, kind, text FROM journal WHERE kind LIKE 'contact%' ORDER BY id").fetchall()


@case
def a_contact_is_added_found_and_changed():
    with Desk() as desk:
        row = one(desk, *PEER)
        expect_equal((row["contact"], row["name"], row["kind"], row["seal"]), (1, "Peer CSIRT", "peer", "auto"), "added")
        expect_equal(row["addresses"], ["csirt@peer.example", "soc@peer.example"], "addresses, in lower case")
        for who in ("Peer CSIRT", "SOC@peer.example", "1", "contact:1"):
            expect_equal(one(desk, "contact", "show", who)["name"], "Peer CSIRT", f"by {who}")
        for part in ("peer", "CSIRT", "soc@"):
            expect_equal([found["contact"] for found in desk.ctl("contact", "list", part)], [1], f"part {part}")
        expect_equal(desk.ctl("contact", "list", "nobody"), [], "nobody")
        row = one(desk, "contact", "edit", "Peer CSIRT", "verified=by telephone, number of their site",
                  "address-=soc@peer.example", "address+=abuse@peer.example", "seal=always", "language=ja")
        expect_equal((row["verified"]["by"], row["verified"]["how"]), (USER, "by telephone, number of their site"), "who and how")
        expect(row["verified"]["at"], "when")
        expect_equal((row["addresses"], row["seal"], row["result"]),
                     (["csirt@peer.example", "abuse@peer.example"], "always", "changed"), "changed")
        expect_equal(one(desk, "contact", "edit", "1", "seal=always")["result"], "unchanged", "the same once more")
        expect_equal(one(desk, "contact", "edit", "1", "name=Peer")["name"], "Peer", "another name")
        desk.stop()
        texts = journal(desk)
        expect_equal([kind for _, kind, _ in texts], ["contact-added", "contact-changed", "contact-changed"], "journal")
        expect(all(actor == USER for actor, _, _ in texts), "the journal names the operator")
        expect("seal always" in texts[1][2] and "abuse@peer.example" in texts[1][2], f"and what: {texts[1][2]}")


@case
def what_they_are_to_us_and_how_to_reach_them_is_written_down():
    with Desk() as desk:
        one(desk, *PEER)
        row = one(desk, "contact", "add", "ISP", "relation=provider", "clearance=amber", "charset=iso-2022-jp", "number+=ISP-000000",
                  "day=+81-3-0000-0200", "night=+81-3-0000-0210", "deputy+=Peer CSIRT", "capability=takes sites down")
        expect_equal([row[name] for name in ("name", "relation", "clearance", "charset", "numbers", "day", "night", "deputies", "capability")],
                     ["ISP", "provider", "TLP:AMBER", "iso-2022-jp", ["ISP-000000"], "+81-3-0000-0200", "+81-3-0000-0210",
                      ["Peer CSIRT"], "takes sites down"], "as it was written down")
        one(desk, "contact", "edit", "Peer CSIRT", "name=Peer")
        expect_equal(one(desk, "contact", "show", "ISP")["deputies"], ["Peer"], "a deputy with another name")
        refused(desk, DATA_ERROR, ("no relation", "client"), "contact", "edit", "ISP", "relation=friend")
        refused(desk, DATA_ERROR, ("no label", "TLP:RED"), "contact", "edit", "ISP", "clearance=pink")
        refused(desk, DATA_ERROR, ("no shape of a number",), "contact", "edit", "ISP", "number+=000")
        refused(desk, DATA_ERROR, ("to be a deputy",), "contact", "edit", "ISP", "deputy+=Suzuki")
        refused(desk, DATA_ERROR, ("deputy of itself",), "contact", "edit", "ISP", "deputy+=ISP")


@case
def a_contact_is_verified_again_in_the_same_words():
    with Desk() as desk:
        one(desk, *PEER)
        for _ in range(2):
            row = one(desk, "contact", "verify", "Peer CSIRT", "--how", "by telephone")
            expect_equal((row["verified"]["by"], row["verified"]["how"]), (USER, "by telephone"), "who and how")
        refused(desk, USAGE, ("--how TEXT",), "contact", "verify", "Peer CSIRT")
        desk.stop()
        expect_equal([kind for _, kind, _ in journal(desk)], ["contact-added", "contact-verified", "contact-verified"], "journal")


@case
def the_list_for_paper_has_80_columns():
    with Desk() as desk:
        one(desk, *PEER, "night=" + "call the switchboard and ask for the person on duty, " * 3)
        one(desk, "contact", "add", "山吹 花子", "deputy+=Peer CSIRT", "note=" + "二十四時間いつでも電話できます。" * 8)
        one(desk, "contact", "verify", "Peer CSIRT", "--how", "by telephone")
        paper = desk.ask("contact", "list", "--print").stdout
        for line in paper.splitlines():
            width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
            expect(width <= 80, f"{width} columns: {line}")
        for word in (f"by {USER}: by telephone", "By night", "Deputies  Peer CSIRT", "Verified  never"):
            expect(word in paper, f"{word}: {paper}")


@case
def a_group_has_members_that_are_there():
    with Desk() as desk:
        one(desk, *PEER)
        one(desk, "contact", "add", "山吹 花子", "--address", "hanako@yamabuki.example", "--organisation", "株式会社やまぶき")
        row = one(desk, "contact", "add", "Web owners", "--kind", "group", "--member", "山吹 花子", "--member", "Peer CSIRT")
        expect_equal(row["members"], ["Peer CSIRT", "山吹 花子"], "members")
        expect_equal(one(desk, "contact", "edit", "Web owners", "member-=Peer CSIRT")["members"], ["山吹 花子"], "one less")
        refused(desk, DATA_ERROR, ("Suzuki", "contact list"), "contact", "edit", "Web owners", "member+=Suzuki")
        refused(desk, DATA_ERROR, ("a group has no groups",), "contact", "add", "All", "--kind", "group", "--member", "Web owners")
        refused(desk, DATA_ERROR, ("only a group has members",), "contact", "edit", "Peer CSIRT", "member+=山吹 花子")
        refused(desk, DATA_ERROR, ("only a group has members",), "contact", "edit", "Web owners", "kind=peer")


@case
def what_does_not_fit_is_refused_with_the_next_command():
    with Desk() as desk:
        one(desk, *PEER)
        one(desk, "contact", "add", "Other")
        refused(desk, DATA_ERROR, ("belongs to Peer CSIRT", "contact edit 'Peer CSIRT' address-=soc@peer.example"),
                "contact", "edit", "Other", "address+=SOC@peer.example")
        refused(desk, DATA_ERROR, ("contact show 'Peer CSIRT'",), "contact", "add", "Peer CSIRT")
        refused(desk, DATA_ERROR, ("adress", "address"), "contact", "edit", "Other", "adress=a@b.example")
        refused(desk, DATA_ERROR, ("no mail address",), "contact", "edit", "Other", "address+=a b@peer.example")
        refused(desk, DATA_ERROR, ("ja, en",), "contact", "edit", "Other", "language=fr")
        refused(desk, DATA_ERROR, ("auto, always",), "contact", "add", "Third", "--seal", "never")
        refused(desk, DATA_ERROR, ("cannot be seen",), "contact", "edit", "Other", "note=\u202ereversed")
        refused(desk, DATA_ERROR, ("taken for a number",), "contact", "add", "42")
        refused(desk, DATA_ERROR, ("taken for a number",), "contact", "edit", "Other", "name=a@b.example")
        refused(desk, DATA_ERROR, ("one text",), "contact", "edit", "Other", "note+=more")
        refused(desk, NO_INPUT, ("no contact", "madoctl contact add"), "contact", "show", "Nobody")
        refused(desk, USAGE, ("madoctl contact edit",), "contact", "edit", "Other")


@case
def a_spreadsheet_has_the_same_fields():
    with Desk() as desk:
        rows = desk.ctl("contact", "import", write(desk, "name,relation,clearance,charset,numbers,day,night,deputies,capability\n"
                                                         "ISP,provider,amber,iso-2022-jp,ISP #000; ISP-0000,a,b,Peer CSIRT,c\nPeer CSIRT\n"))
        expect_equal([row["result"] for row in rows], ["added"] * 2, "results")
        expect_equal([rows[0][name] for name in ("relation", "clearance", "numbers", "day", "night", "deputies", "capability")],
                     ["provider", "TLP:AMBER", ["ISP #000", "ISP-0000"], "a", "b", ["Peer CSIRT"], "c"], "fields")


HEAD = "Name,Kind,Organisation,Addresses,Language,Note,Members\r\n"
ROWS = ('Peer CSIRT,peer,,csirt@peer.example; soc@peer.example,en,"answers, by night, too",\r\n'
        '山吹 花子,person,株式会社やまぶき①,hanako@yamabuki.example,ja,"二行の\r\n覚え書き",\r\n'
        'Web owners,group,,,,,山吹 花子;Peer CSIRT\r\n')


def write(desk, text, encoding="utf-8"):
    (desk.folder / "contacts.csv").write_bytes(text.encode(encoding))
    return str(desk.folder / "contacts.csv")


@case
def a_spreadsheet_is_imported_once_in_either_encoding():
    for encoding in ("utf-8", "utf-8-sig", "cp932"):
        with Desk() as desk:
            file = write(desk, HEAD + ROWS, encoding)
            tried = desk.ctl("contact", "import", file, "--dry-run")
            expect_equal([row["result"] for row in tried], ["added"] * 3, f"a trial, {encoding}")
            expect_equal(desk.ctl("contact"), [], "a trial changes nothing")
            rows = desk.ctl("contact", "import", file)
            expect_equal([(row["line"], row["result"]) for row in rows], [(2, "added"), (3, "added"), (5, "added")], encoding)
            expect_equal(rows[1]["organisation"], "株式会社やまぶき①", "characters of Windows, too")
            expect_equal(rows[0]["note"], "answers, by night, too", "quoted")
            expect_equal(rows[1]["note"], "二行の  覚え書き", "a cell of two lines")
            expect_equal(rows[2]["members"], ["Peer CSIRT", "山吹 花子"], "members")
            before = desk.ctl("contact")
            again = desk.ctl("contact", "import", file)
            expect_equal([row["result"] for row in again], ["unchanged"] * 3, "a second time")
            expect_equal(desk.ctl("contact"), before, "and nothing is changed")
            desk.stop()
            expect_equal(len(journal(desk)), 4, "journal: three added, and the members of the group")


@case
def an_import_adds_to_what_is_there():
    with Desk() as desk:
        one(desk, *PEER)
        rows = desk.ctl("contact", "import", write(desk, "name,addresses,note\nPeer CSIRT,abuse@peer.example,\nNew,,\n"))
        expect_equal([row["result"] for row in rows], ["changed", "added"], "results")
        expect_equal(rows[0]["addresses"], ["csirt@peer.example", "soc@peer.example", "abuse@peer.example"], "one more")
        expect_equal(rows[0]["note"], "answers by night, too", "what is empty stays")


@case
def every_problem_of_a_file_is_told_and_nothing_is_taken():
    with Desk() as desk:
        one(desk, *PEER)
        file = write(desk, "name,kind,addresses\nA,person,a@x.example\nB,robot,\nC,person,soc@peer.example\n"
                           "D,person,a@x.example\nA,person,\n,person,\n")
        refused(desk, DATA_ERROR, ("cannot be taken: 5", "line 3:", "robot", "line 4:", "belongs to Peer CSIRT", "line 5:",
                                   "belongs to A", "line 6:", "earlier line", "line 7:"), "contact", "import", file)
        refused(desk, DATA_ERROR, ("line 1", "nmae"), "contact", "import", write(desk, "nmae,kind\nA,person\n"))
        refused(desk, DATA_ERROR, ("line 1", "name"), "contact", "import", write(desk, "kind\nperson\n"))
        refused(desk, DATA_ERROR, ("line 2", "never closed"), "contact", "import", write(desk, 'name\n"A\n'))
        refused(desk, DATA_ERROR, ("line 3", "columns"), "contact", "import", write(desk, "name\nA\nB,person\n"))
        refused(desk, DATA_ERROR, ("line 2", "member", "Nobody"), "contact", "import",
                write(desk, "name,kind,members\nG,group,Nobody\n"))
        refused(desk, DATA_ERROR, ("no contact",), "contact", "import", write(desk, "name\n"))
        (desk.folder / "contacts.csv").write_bytes(b"name\nA\nB\xff\xff\xff\n")
        refused(desk, DATA_ERROR, ("line 3", "UTF-8"), "contact", "import", str(desk.folder / "contacts.csv"))
        refused(desk, NO_INPUT, ("none.csv",), "contact", "import", str(desk.folder / "none.csv"))


@case
def a_large_file_is_taken_and_a_larger_one_refused():
    with Desk() as desk:
        many = "name,kind,addresses\n" + "".join(f"Person {i},person,p{i}@many.example\n" for i in range(2000))
        expect_equal(len(desk.ctl("contact", "import", write(desk, many))), 2000, "two thousand")
        expect_equal(len(desk.ctl("contact", "list")), 2000, "all pages of the list")
        refused(desk, DATA_ERROR, ("too long",), "contact", "import", write(desk, many + "x" * 2_200_000))


@case
def long_requests_are_for_files_alone():
    with Desk() as desk, socket.socket(socket.AF_UNIX) as client:
        client.connect(str(desk.folder / "run/control.sock"))
        request = {"schema": "mado/1", "command": "contact show", "args": {"contact": "x" * 70_000}}
        client.sendall(json.dumps(request).encode() + b"\n")
        answer = client.makefile().readline()
        expect("too long" in answer, f"the answer: {answer[:200]}")


@case
def a_viewer_reads_and_changes_nothing():
    # Whoever runs the daemon may do everything: the table of commands has who may do what.
    with Desk() as desk:
        for words in (["add"], ["edit"], ["import"]):
            expect("For the role handler" in desk.ask("help", f"contact {words[0]}").stdout, f"contact {words[0]}")
        for words in ("contact", "contact show", "key", "key show"):
            expect("For the role viewer" in desk.ask("help", words).stdout, words)


if __name__ == "__main__":
    main()
