#!/usr/bin/env python3
"""The mails of the crypto tests are what their names say: gpg, gpgsm and openssl are asked, not mado."""

import email
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
import crypto_attacks  # noqa: E402,F401 pylint: disable=unused-import
import crypto_covert  # noqa: E402,F401 pylint: disable=unused-import
import crypto_sealed  # noqa: E402,F401 pylint: disable=unused-import
from crypto_keys import Keys  # noqa: E402
from crypto_mails import MAILS  # noqa: E402
from crypto_mime import ADDED, CANARY, SAID  # noqa: E402
from harness import case, expect, main

GOOD, SEALED = {"GOODSIG"}, {"DECRYPTION_OKAY", "GOODMDC"}
# mail -> what gpg or gpgsm says of the layer at its root, among the words of WORDS
OUTCOMES = {
    "pgp-mime-signed": GOOD, "pgp-mime-signed-with-lf-only": GOOD, "pgp-mime-signed-iso-2022-jp": GOOD,
    "pgp-mime-signed-utf8-base64": GOOD, "pgp-mime-signed-quoted-printable": GOOD,
    "pgp-mime-signed-with-attachment": GOOD, "pgp-mime-signed-alternative": GOOD,
    "pgp-mime-signed-without-body": GOOD, "pgp-mime-signed-by-a-subkey": GOOD,
    "pgp-mime-signed-by-one-with-several-user-ids": GOOD, "pgp-mime-signed-from-in-capitals": GOOD,
    "boundary-with-odd-characters": GOOD, "boundary-is-the-beginning-of-another": GOOD,
    "blanks-behind-the-boundary": GOOD, "preamble-before-what-is-signed": GOOD,
    "third-child-behind-the-signature": GOOD, "headers-wrapped-signed": GOOD, "headers-rfc9788-signed": GOOD,
    "pgp-mime-sealed": SEALED, "pgp-mime-sealed-to-many": SEALED, "pgp-mime-sealed-without-key-ids": SEALED,
    "pgp-mime-sealed-and-signed-at-once": SEALED | GOOD, "pgp-mime-sealed-with-attachment": SEALED | GOOD,
    "pgp-mime-signed-inside-sealed": SEALED, "pgp-mime-sealed-iso-2022-jp": SEALED | GOOD,
    "inline-signed": GOOD, "inline-signed-utf8": GOOD, "inline-signed-iso-2022-jp": GOOD,
    "inline-signed-with-dashes": GOOD, "inline-signed-in-quoted-printable": GOOD,
    "inline-sealed": SEALED, "inline-sealed-and-signed": SEALED | GOOD, "inline-sealed-iso-2022-jp": SEALED | GOOD,
    "cms-signed-detached": GOOD, "cms-signed-detached-iso-2022-jp": GOOD, "cms-signed-opaque": GOOD,
    "cms-sealed": {"DECRYPTION_OKAY"}, "cms-signed-inside-sealed": {"DECRYPTION_OKAY"},
    # what gpg says here is true, and still the mail must not be called signed by alice
    "signature-of-something-else": {"BADSIG"}, "signed-text-changed-on-its-way": {"BADSIG"},
    "inline-text-before": GOOD, "inline-text-behind": GOOD, "inline-changed": {"BADSIG"},
    "i1-signed-by-another-than-from": GOOD, "user-id-looks-like-a-status-line": GOOD,
    "key-of-the-same-name-unknown-here": {"NO_PUBKEY"}, "signed-by-a-stranger": {"NO_PUBKEY"},
    "signed-by-an-expired-key": {"EXPKEYSIG"}, "signed-by-a-revoked-key": {"REVKEYSIG"},
    "signature-that-has-expired": {"EXPSIG"}, "signed-in-the-future": GOOD, "signature-with-a-weak-digest": GOOD,
    "signatures-of-two": GOOD, "signatures-of-two-in-two-armours": GOOD,
    "signatures-of-which-one-is-bad": {"BADSIG"},  # gpg in a batch ends at the first bad one
    "signatures-of-which-the-last-is-bad": {"BADSIG", "GOODSIG"},
    "signatures-of-which-one-is-of-a-stranger": {"GOODSIG", "NO_PUBKEY"},
    "signature-part-is-empty": {"NODATA"}, "signature-part-holds-no-packet": {"NODATA"},
    # what a sealed part may hold
    "g-file-name-with-status-lines": SEALED, "g-file-name-with-status-lines-signed-by-mallory": SEALED | GOOD,
    "literal-only-called-sealed": {"NODATA"}, "signed-only-called-sealed": GOOD,
    "sealed-to-another": {"DECRYPTION_FAILED"},
    "sealed-without-integrity": {"DECRYPTION_FAILED"},
    "sealed-with-its-integrity-stripped": {"DECRYPTION_FAILED", "NODATA"},
    "sealed-and-changed": {"DECRYPTION_FAILED", "BADMDC"},
    "cms-sealed-to-another": {"NO_SECKEY", "DECRYPTION_FAILED"},
    "cms-signed-by-another-than-from": GOOD, "cms-signed-and-changed": {"BADSIG"},
    "c2-two-signers": GOOD, "efail-cbc-gadget": {"DECRYPTION_OKAY"},
}
WORDS = {"GOODSIG", "BADSIG", "NO_PUBKEY", "EXPKEYSIG", "REVKEYSIG", "EXPSIG", "DECRYPTION_OKAY", "GOODMDC", "BADMDC",
         "DECRYPTION_FAILED", "NO_SECKEY", "NODATA"}


def halves(mail):
    """(the bytes before the second boundary line as they were signed, the decoded second part)."""
    whole = email.message_from_bytes(mail)
    mark = rb"\n--" + re.escape(whole.get_boundary().encode()) + rb"(?:--)?[ \t]*\n"
    first = re.split(mark, mail.replace(b"\r\n", b"\n"), maxsplit=2)[1]
    return first.replace(b"\n", b"\r\n"), whole.get_payload()[1].get_payload(decode=True)


def root(mail):
    """What is asked of whom: (program, words, data, detached signed bytes or None)."""
    whole = email.message_from_bytes(mail)
    kind = whole.get_content_type()
    if kind == "multipart/signed":
        data, signature = halves(mail)
        return "gpgsm" if b"pkcs7" in whole["Content-Type"].encode() else "gpg", ["--verify"], signature, data
    if kind == "multipart/encrypted":
        return "gpg", ["--decrypt"], halves(mail)[1], None
    data = whole.get_payload(decode=True)
    if "pkcs7-mime" in kind:
        return "gpgsm", ["--verify" if "signed-data" in whole["Content-Type"] else "--decrypt"], data, None
    return "gpg", ["--decrypt"], data, None


def said(home, folder, mail):
    """The words of WORDS that gpg or gpgsm says of it."""
    program, words, data, detached = root(mail)
    if detached is None:
        return {line.split()[0] for line in home.status(program, *words, data=data)} & WORDS
    signature, signed = folder / "signature", folder / "signed"
    signature.write_bytes(data)
    signed.write_bytes(detached)
    return {line.split()[0] for line in home.status(program, *words, signature, signed)} & WORDS


KEYS = []


def keys():
    if not KEYS:
        KEYS.append(Keys())
        KEYS.append(KEYS[0].receiver())
    return KEYS[0]


@case
def every_mail_is_a_mail():
    for name, make in MAILS.items():
        if name.startswith("bomb"):
            continue
        whole = email.message_from_bytes(make(keys()))
        expect(whole["Content-Type"] and whole["Message-ID"], name)
        expect(whole["From"] or name == "i3-no-from", name)


@case
def gpg_and_gpgsm_say_of_each_what_it_is_made_for():
    wrong = []
    for name, wanted in OUTCOMES.items():
        found = said(KEYS[1] if KEYS else keys() and KEYS[1], KEYS[0].folder, MAILS[name](keys()))
        if found != set(wanted):
            wrong.append(f"{name}: found {sorted(found)}, wanted {sorted(wanted)}")
    expect(not wrong, "\n# ".join(wrong))


def given(name, program="gpg"):
    """What a careless program would show of it: everything that comes out."""
    _, words, data, _ = root(MAILS[name](keys()))
    return getattr(KEYS[1], program)(*words, data=data, good=range(256))


@case
def a_careless_reader_would_be_fooled():
    keys()
    for name in ("literal-only-called-sealed", "signed-only-called-sealed", "compressed-only-called-sealed"):
        expect(ADDED.encode() in given(name), f"{name}: gpg gives the text")
    changed = given("efail-cbc-gadget", "gpgsm")
    expect(b"<img marigold" in changed and CANARY.encode() in changed, "gpgsm shows the changed text with the secret")
    expect(SAID.encode() in given("sealed-large-and-changed-at-its-end"), "gpg gives text before it knows of a change")


if __name__ == "__main__":
    main()
