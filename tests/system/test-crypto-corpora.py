#!/usr/bin/env python3
"""Protected mail of the notmuch and RT test suites, where -Dcorpora= names it: an exact outcome each.

Worked out by hand from the names of the files, rt/gnupg/emails/README, RFC 9788, and what gpg and
gpgsm say of each; see the manual page of madoctl (EXPLAIN, "Mail of other test suites") for what
differs from those programs, and why.
"""

import base64
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from crypto_keys import Home, run  # noqa: E402
from harness import BOUND, PROGRAMS, SHORT, Skipped, case, expect, main  # noqa: E402

CORPORA = Path(os.environ.get("MADO_CORPORA") or "/nonexistent")
OWNERS = {"Notmuch Test Suite": "suite", "Alice Lovelace": "alice", "RT Test": "rt-test", "sender": "sender"}
# file  encrypted integrity signed  signatures  signed-by  ledger  subject, and words of the text
NOTMUCH = """
crypto/basic-encrypted.eml                   full    ok   none -            -     incident   outer     The password is
crypto/encrypted-rfc822-attachment           full    ok   none -            -     incident   outer
crypto/encrypted-signed.eml                  full    ok   full suite:good*  suite incident   outer     A porgy and a porpoise
crypto/simple-encrypted                      partial n/a  none -            -     unreadable outer
mangling/mixed-up.eml                        full    ok   none -            -     incident   outer     The password is
protected-headers/double-wrapped-with-phony-protected-header.eml full ok none - - unreadable outer
protected-headers/encrypted-message-with-forwarded-attachment.eml full ok none - - incident  protected Check out this
protected-headers/encrypted-signed-not-masked.eml full ok full suite:good*  suite incident   protected She'll eat two
protected-headers/encrypted-signed.eml       full    ok   full suite:good*  suite incident   protected She'll eat two
protected-headers/misplaced-protected-header.eml full ok  none -            -     incident   outer     wrongly-placed
protected-headers/nested-rfc822-message.eml  full    ok   none -            -     incident   protected I think this works
protected-headers/no-protected-header-attribute.eml full ok none -          -     incident   outer     the sekrit message
protected-headers/phony-protected-header-bad-encryption.eml none n/a none - -     unreadable outer
protected-headers/protected-header.eml       full    ok   none -            -     incident   protected the sekrit message
protected-headers/protected-with-legacy-display.eml full ok full suite:good* suite incident  protected Moooooo
protected-headers/signed-protected-header.eml none   n/a  full suite:good*  suite incident   protected
protected-headers/simple-signed-mail.eml     none    n/a  full suite:good*  suite incident   outer
protected-headers/smime-enc+legacy-disp.eml  full    none none -            -     incident   protected correct-horse-battery
protected-headers/smime-multipart-signed.eml none    n/a  full alice:good*  alice incident   protected cancel this contract
protected-headers/smime-onepart-signed.eml   none    n/a  full alice:good*  alice incident   protected cancel this contract
protected-headers/smime-sign+enc+legacy-disp.eml full ok  full alice:good*  alice incident   protected correct-horse-battery
protected-headers/smime-sign+enc.eml         full    ok   full alice:good*  alice incident   protected correct-horse-battery
protected-headers/subjectless-protected-header.eml full ok none -           -     incident   protected the sekrit message
protected-headers/wrapped-protected-header.eml partial n/a none -           -     incident   outer     re-wrapped by a mailing
pkcs7/smime-onepart-signed.eml               none    n/a  full alice:good*  alice incident   outer     cancel this contract
"""
# All but the twentieth are signed with SHA-1.
RT_GNUPG = """
1-signed-MIME-plain.txt                      none    n/a  full rt-test:weak* -    incident   outer     ID:1
2-signed-MIME-plain-with-attachment.txt      none    n/a  full rt-test:weak* -    incident   outer     ID:2
3-signed-MIME-plain-with-binary.txt          none    n/a  full rt-test:weak* -    incident   outer     ID:3
4-signed-inline-plain.txt                    none    n/a  full rt-test:weak* -    incident   outer     ID:4
5-signed-inline-with-attachment.txt          none    n/a  partial -         -     incident   outer     ID:5
6-signed-inline-with-binary.txt              none    n/a  full rt-test:weak* -    incident   outer     ID:6
7-encrypted-MIME-plain.txt                   full    ok   none -            -     incident   outer     ID:7
8-encrypted-MIME-with-attachment.txt         full    ok   none -            -     incident   outer     ID:8
9-encrypted-MIME-with-binary.txt             full    ok   none -            -     incident   outer     ID:9
10-encrypted-inline-plain.txt                full    ok   none -            -     incident   outer     ID:10
11-encrypted-inline-attachment.txt           partial n/a  none -            -     incident   outer
12-encrypted-inline-binary.txt               partial n/a  none -            -     incident   outer
13-signed-encrypted-MIME-plain.txt           full    ok   full rt-test:weak* -    incident   outer     ID:13
14-signed-encrypted-MIME-attachment.txt      full    ok   full rt-test:weak* -    incident   outer     ID:14
15-signed-encrypted-MIME-binary.txt          full    ok   full rt-test:weak* -    incident   outer     ID:15
16-signed-encrypted-inline-plain.txt         full    ok   full rt-test:weak* -    incident   outer     ID:16
17-signed-encrypted-inline-attachment.txt    partial n/a  none -            -     incident   outer
18-signed-encrypted-inline-binary.txt        partial n/a  none -            -     incident   outer
19-signed-inline-plain-nested.txt            none    n/a  full rt-test:weak*,rt-test:weak* - incident   outer     ID:19
20-signed-encrypted-MIME-plain.txt           full    ok   full rt-test:good* rt-test incident protected
signed_old_style_with_attachment.eml         none    n/a  partial -         -     incident   outer     inline
special/binary-asc-attach-marked-plain-text.txt partial n/a none -            -     incident   outer     Attached file has
special/inline-binary-attachment-with-wrap.txt partial n/a none -           -     incident   outer     A binary file
special/quoted_inline_signature.txt          none    n/a  none -            -     incident   outer     shouldn't bother
"""
RT_SMIME = """
1-signed.eml                                 none    n/a  full sender:good* sender incident  outer     ID:1
2-signed-attachment.eml                      none    n/a  full sender:good* sender incident  outer     ID:2
3-signed-binary.eml                          none    n/a  full sender:good* sender incident  outer     ID:3
4-encrypted-plain.eml                        full    none none -            -     incident   outer     ID:4
5-encrypted-attachment.eml                   full    none none -            -     incident   outer     ID:5
6-encrypted-binary.eml                       full    none none -            -     incident   outer     ID:6
7-signed-encrypted-plain.eml                 full    ok   full sender:good* sender incident  outer     ID:7
8-signed-encrypted-attachment.eml            full    ok   full sender:good* sender incident  outer     ID:8
9-signed-encrypted-binary.eml                full    ok   full sender:good* sender incident  outer     ID:9
"""
OLD_PKCS12 = ["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-passout", "pass:"]


def unpacked(folder, corpus):
    """The keys of a corpus."""
    archive = CORPORA / corpus / "test-keys.tar.gz"
    if not archive.exists():
        raise Skipped(f"no corpora here ({archive})")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "keys"


def notmuch_keys(folder, known):
    keys = unpacked(folder, "notmuch")
    (known / "suite.asc").write_bytes((keys / "openpgp4-secret-key.asc").read_bytes())
    lines = (keys / "bob.p12").read_text().splitlines()
    (known / "bob.p12").write_bytes(base64.b64decode("".join(line for line in lines if "-" not in line)))
    mail = (CORPORA / "notmuch/protected-headers/smime-onepart-signed.eml").read_bytes()
    certificates = run("openssl", "cms", "-verify", "-noverify", "-signer", known / "alice.crt", "-out", "/dev/null",
                       data=mail)
    expect(not certificates, "alice's certificate is out of her mail")


def renewed(home, file):
    """The key with its signatures on itself made again, by SHA-256, and without its passphrase.

    RT's keys are of 2007 and bound by SHA-1; gpg takes none such where SHA-1 is called weak.
    """
    words = ("--pinentry-mode", "loopback", "--passphrase", "rt-test", "--cert-digest-algo", "SHA256")
    plain = ("gpg", "--homedir", home.folder, "--batch", "--quiet")
    run(*plain, *words, "--import", file)
    key = re.findall(rb"^sec.*\nfpr:+(\w+):", home.gpg("-K", "--with-colons"), re.M)[-1].decode()
    run(*plain, *words, "--quick-set-expire", key, "1y")
    run(*plain, *words, "--quick-set-expire", key, "1y", "*")
    run("gpg", "--homedir", home.folder, "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--command-fd", "0",
        "--passwd", key, data=b"rt-test\n\n\n")
    return key


def rt_gnupg_keys(folder, known):
    keys = unpacked(folder, "rt/gnupg")
    home = Home(folder / "renew")
    try:
        ours = renewed(home, keys / "rt-recipient-at-example.com.secret.key")
        (known / "ours.gpg").write_bytes(home.gpg("--export-secret-keys", ours))
        home.end()
        theirs = Home(folder / "theirs")
        key = renewed(theirs, keys / "rt-test-at-example.com.secret.key")
        (known / "rt-test.gpg").write_bytes(theirs.gpg("--export", key))
        theirs.end()
    finally:
        home.end()


def rt_smime_keys(folder, known):
    keys = unpacked(folder, "rt/smime")
    ours, theirs = keys / "root@example.com", keys / "sender@example.com"
    run("openssl", "pkcs12", "-export", *OLD_PKCS12, "-in", f"{ours}.crt", "-inkey", f"{ours}.key", "-passin",
        "pass:test", "-out", known / "ours.p12")
    (known / "sender.crt").write_bytes(run("openssl", "x509", "-in", f"{theirs}.crt"))
    (known / "ca.crt").write_bytes(run("openssl", "x509", "-in", keys / "demoCA/cacert.pem"))


def owner(text):
    return next((name for start, name in OWNERS.items() if text.startswith(start)), text) if text else "-"


def signature(one):
    who = owner(one["owner"]) if one["owner"] else f"{one['fingerprint'][-16:][:10]}-"
    return f"{who}:{one['state']}" + ("*" if one["is_from"] else "")


def compare(row, line):
    """What differs from this line of a table."""
    name, *wanted = line.split(maxsplit=8)
    words = wanted.pop() if len(wanted) == 8 else ""
    crypto = row["crypto"]
    signatures = ",".join(map(signature, crypto["signatures"])) or "-"
    found = [crypto["encrypted"], crypto["integrity"], crypto["signed"], signatures, owner(crypto["signed_by"]),
             row["ledger"], row["message"]["subject_from"]]
    text = row["message"]["text"]
    differs = [f"found {here}, wanted {there}" for here, there in zip(found, wanted) if here != there]
    if words not in text:
        differs.append(f"no {words!r} in {text[:60]!r}")
    return f"{name}: " + "; ".join(differs) if differs else ""


def check(table, files, make_keys):
    lines = list(filter(None, table.splitlines()))
    with tempfile.TemporaryDirectory(prefix="mk-", dir=SHORT) as folder:
        known = Path(folder) / "known"
        known.mkdir()
        make_keys(Path(folder), known)
        names = [line.split()[0] for line in lines]
        done = subprocess.run([PROGRAMS / "madoctl", "explain", "--json", "--keys", known,
                               *(CORPORA / files / name for name in names)], capture_output=True, timeout=BOUND)
    expect(done.returncode == 0, done.stderr.decode(errors="replace"))
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    wrong = list(filter(None, map(compare, rows, lines)))
    expect(len(rows) == len(lines) and not wrong, f"{len(wrong)} of {len(lines)} differ\n# " + "\n# ".join(wrong))


def listed(table, under, folders):
    """Every mail of the corpus is in the table."""
    names = {line.split()[0] for line in filter(None, table.splitlines())}
    there = {str(file.relative_to(CORPORA / under)) for folder in folders
             for file in (CORPORA / under / folder).iterdir() if file.is_file() and file.name != "README"}
    expect(names == there, f"differs from the corpus: {sorted(names ^ there)}")


@case
def notmuch_openpgp_smime_and_protected_headers():
    check(NOTMUCH, "notmuch", notmuch_keys)
    listed(NOTMUCH, "notmuch", ("crypto", "mangling", "protected-headers", "pkcs7"))


@case
def rt_openpgp():
    check(RT_GNUPG, "rt/gnupg/emails", rt_gnupg_keys)
    listed(RT_GNUPG, "rt/gnupg/emails", (".", "special"))


@case
def rt_smime():
    check(RT_SMIME, "rt/smime/mails", rt_smime_keys)
    listed(RT_SMIME, "rt/smime/mails", (".",))


if __name__ == "__main__":
    main()
