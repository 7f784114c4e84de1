"""Other programs that read what mado sends: gpg, sq, notmuch and neomutt, each on its own.

Every reader takes the home of the one who reads, our key as they have it, and the mail; it gives
(the text that a person sees, the subject that they see), and raises Failed unless the mail is
signed well by that key, and decrypted if it is sealed.
"""

import email
import email.policy
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from crypto_keys import run
from harness import BOUND, Failed, expect


def parsed(data):
    return email.message_from_bytes(data, policy=email.policy.default)


def text_of(entity):
    """The plain text of an entity, and the subject in its own header."""
    whole = parsed(entity)
    leaf = whole.get_body(("plain",)) if whole.is_multipart() else whole
    return leaf.get_content() if leaf else "", whole["Subject"]


def raw_parts(entity):
    """The parts of a multipart, byte for byte."""
    mark = b"--" + parsed(entity).get_boundary().encode()
    text = entity.replace(b"\r\n", b"\n")
    parts = re.split(rb"\n" + re.escape(mark) + rb"(?:--)?[ \t]*(?:\n|$)", b"\n" + text.split(b"\n\n", 1)[1])[1:3]
    return [part.replace(b"\n", b"\r\n") for part in parts]


def is_sealed(entity):
    return parsed(entity).get_content_type() == "multipart/encrypted"


def is_signed(entity):
    return parsed(entity).get_content_type() == "multipart/signed"


def opened(entity, decrypt, verify):
    """Down to the payload: decrypt(ciphertext) gives bytes; verify(signed, signature) may fail."""
    signed = 0
    if is_sealed(entity):
        entity, signed = decrypt(parsed(raw_parts(entity)[1]).get_payload(decode=True)), 1
    if is_signed(entity):
        entity, signature = raw_parts(entity)
        verify(entity, parsed(signature).get_payload(decode=True))
        signed = 1
    expect(signed, "it is neither signed nor sealed")
    return text_of(entity)


def read_by_gpg(home, ours, mail):
    def told(words, what):
        status = home.status("gpg", *words)
        good = [line for line in status if line.startswith("VALIDSIG") and ours in line]
        expect(good and not [line for line in status if line.startswith(("BADSIG", "ERRSIG"))], f"{what}: {status}")

    def decrypt(sealed):
        file = home.folder / "sealed"
        file.write_bytes(sealed)
        told(["--decrypt", file], "gpg finds no good signature in what is sealed")
        return home.gpg("--decrypt", file)

    def verify(signed, signature):
        (home.folder / "data").write_bytes(signed)
        (home.folder / "sig").write_bytes(signature)
        told(["--verify", home.folder / "sig", home.folder / "data"], "gpg finds the signature not good")
    return opened(mail, decrypt, verify)


def read_by_sq(home, ours, mail):
    key, cert = home.folder / "key.pgp", home.folder / "ours.pgp"
    key.write_bytes(home.gpg("--export-secret-keys"))
    cert.write_bytes(home.gpg("--export", ours))

    def verify(signed, signature):
        (home.folder / "data").write_bytes(signed)
        (home.folder / "sig").write_bytes(signature)
        run("sq", "verify", "--signer-cert", cert, "--detached", home.folder / "sig", home.folder / "data")
    return opened(mail, lambda sealed: run("sq", "decrypt", "--recipient-key", key, "--signer-cert", cert, data=sealed),
                  verify)


def read_by_notmuch(home, ours, mail):
    folder = home.folder / "notmuch"
    for name in ("cur", "new", "tmp"):
        (folder / "mail" / name).mkdir(parents=True, exist_ok=True)
    (folder / "mail/cur/one:2,S").write_bytes(mail)
    (folder / "config").write_text(f"[database]\npath={folder}/mail\n[user]\nname=A\nprimary_email=a@peer.example\n"
                                   "[new]\ntags=\n")
    env = {**os.environ, "NOTMUCH_CONFIG": str(folder / "config"), "GNUPGHOME": str(home.folder)}
    subprocess.run(["notmuch", "new"], env=env, check=True, capture_output=True, timeout=BOUND)
    shown = subprocess.run(["notmuch", "show", "--format=json", "--decrypt=true", "--include-html", "*"], env=env,
                           check=True, capture_output=True, timeout=BOUND).stdout
    message = json.loads(shown)[0][0][0]
    crypto = message["crypto"]
    if is_sealed(mail):
        expect(crypto.get("decrypted", {}).get("status") == "full", f"notmuch: {crypto}")
    signers = crypto.get("signed", {}).get("status", [])
    expect([one["status"] for one in signers] == ["good"] and signers[0]["fingerprint"] == ours, f"notmuch: {crypto}")
    leaves = [message["body"][0]]
    while isinstance(leaves[0].get("content"), list):
        leaves = [part for part in leaves[0]["content"] if part["content-type"] not in
                  ("application/pgp-encrypted", "text/rfc822-headers")] + leaves[1:]
    return leaves[0]["content"], message["headers"]["Subject"]


NEOMUTT = """\
set crypt_use_gpgme = yes
set crypt_verify_sig = yes
set crypt_protected_headers_read = yes
set wait_key = no
set mail_check = 0
set beep = no
set folder = {folder}
ignore *
unignore from subject
"""
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>78]|\][^\x07]*\x07)")
LINES, COLUMNS = 160, 200
SHOWN = re.compile(r"End of (?:signed data|PGP/MIME)")


def read_by_neomutt(home, ours, mail):
    """In a terminal that is large enough for the whole mail, as a person reads it."""
    folder = home.folder / "mutt"
    folder.mkdir(exist_ok=True)
    box = folder / "box"
    box.write_bytes(b"From a@peer.example Sat Nov 21 00:00:00 2026\n" + mail.replace(b"\r\n", b"\n") + b"\n")
    (folder / "rc").write_text(NEOMUTT.format(folder=folder))
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.environ.update(GNUPGHOME=str(home.folder), TERM="xterm", HOME=str(folder), LC_ALL="C.UTF-8")
        os.execvp("neomutt", ["neomutt", "-n", "-F", str(folder / "rc"), "-e", 'push "<display-message>"',
                              "-f", str(box)])
    try:
        text = until_shown(terminal)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
    name = home.gpg("--with-colons", "--list-keys", ours).decode().split("\nuid:")[1].split(":")[8]
    expect(re.search("Good signature from:? *" + re.escape(name), text), f"neomutt: {text[:2500]}")
    if is_sealed(mail):
        expect(re.search("PGP/MIME (?:signed and )?encrypted", text), f"neomutt: {text[:2500]}")
    return text, re.findall(r"Subject: *(.*?) *[\r\n]", text)[-1]


def until_shown(terminal):
    """What stands on the screen when the mail does."""
    screen, end = b"", time.monotonic() + BOUND
    while time.monotonic() < end:
        text = ESCAPES.sub("\n", screen.decode(errors="replace"))
        if SHOWN.search(text):
            return text
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                screen += os.read(terminal, 65536)
            except OSError:
                break
    raise Failed(f"neomutt does not show the mail: {screen[-3000:].decode(errors='replace')}")


READERS = {"gpg": read_by_gpg, "sq": read_by_sq, "notmuch": read_by_notmuch, "neomutt": read_by_neomutt}
