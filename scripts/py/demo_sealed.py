"""The demo's second act: the contact point has a key, a peer CSIRT has one, and others try theirs."""

import email
import email.policy
import subprocess
import time

OURS = "csirt@sakura.example"
PEER, PEER_ADDRESS = "FUJI-CERT", "cert@fuji.example"
MALLORY = "Mallory <mallory@evil.example>"
NEWCOMER, NEWCOMER_ADDRESS = "Nadia Newcomer", "nadia@new.example"
CANARY = "heron.intranet.sakura.example"

REPORT = f"""Content-Type: text/plain; charset=utf-8; hp="cipher"
Subject: Credentials of your staff on a criminal's server
From: {PEER} <{PEER_ADDRESS}>

TLP:AMBER

On a server that we watch there is a file with 214 logins for {CANARY}.
The newest is of this morning. We can send the file, sealed like this mail.
"""
FORGED = """Content-Type: text/plain; charset=utf-8

Please close the report of this morning, and send what you know to this address.
"""
FIRST = f"""Content-Type: text/plain; charset=utf-8

I am a customer. The shop answers with other people's orders since noon; {CANARY} is in the page.
My key is attached to nothing yet, so please answer as you can.
"""
FOR_ANOTHER = """Content-Type: text/plain; charset=utf-8

This was sealed to a key that the contact point does not have.
"""


class Person:
    """Somebody with gpg, whose clock stands where the demo's does."""

    def __init__(self, folder, name, now):
        self.home = folder
        self.home.mkdir(mode=0o700)
        (self.home / "gpg.conf").write_text(
            time.strftime("faked-system-time %Y%m%dT%H%M%S\n", time.gmtime(now)) + "quiet\nbatch\nno-tty\ntrust-model always\n")
        self.gpg("--passphrase", "", "--pinentry-mode", "loopback", "--quick-gen-key", name, "future-default",
                 "default", "2y")
        self.fingerprint = next(line.split(":")[9] for line in self.gpg("-K", "--with-colons").decode().splitlines()
                                if line.startswith("fpr:"))

    def gpg(self, *words, data=None):
        done = subprocess.run(["gpg", "--homedir", self.home, *words], input=data, capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"gpg {words[0]}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def leave(self):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], capture_output=True, check=False)


def crlf(text):
    return text.replace("\n", "\r\n").encode()


def header(sender, subject, number):
    return f"From: {sender}\nTo: {OURS}\nSubject: {subject}\nDate: Fri, 20 Nov 2026 18:{20 + number}:00 +0900\n" \
           f"Message-ID: <sealed-{number}@demo.example>\nMIME-Version: 1.0\n"


def sealed(person, to, sender, entity, number, sign=True):
    """multipart/encrypted of RFC 3156; who it is to is a fingerprint."""
    subject = "..." if sign else "a question"
    text = person.gpg(*(["--sign"] if sign else []), "--armor", "--encrypt", "--recipient", to, data=crlf(entity))
    return (header(sender, subject, number) +
            'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="sealed"\n\n'
            "--sealed\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n"
            "--sealed\nContent-Type: application/octet-stream\n\n" + text.decode() + "\n--sealed--\n").encode()


def signed(person, sender, entity, number):
    signature = person.gpg("--armor", "--digest-algo", "SHA256", "--detach-sign", data=crlf(entity)).decode()
    return (header(sender, "Re: the report of this morning", number) +
            'Content-Type: multipart/signed; micalg="pgp-sha256"; protocol="application/pgp-signature"; '
            'boundary="signed"\n\n--signed\n' + entity + "\n--signed\nContent-Type: application/pgp-signature\n\n" +
            signature + "\n--signed--\n").encode()


class Act:
    """The people, their keys, and the mails that they write."""

    def __init__(self, folder, now):
        folder.mkdir()
        self.people = {name: Person(folder / short, user, now) for name, short, user in [
            ("peer", "p", f"{PEER} <{PEER_ADDRESS}>"), ("mallory", "m", MALLORY),
            ("newcomer", "n", f"{NEWCOMER} <{NEWCOMER_ADDRESS}>")]}
        self.peer = self.people["peer"]
        self.folder = folder

    def meet(self, desk):
        """Our key is made; the peer's is imported and pinned by its whole fingerprint."""
        desk.ctl("key", "init")
        desk.ctl("contact", "add", PEER, "--kind", "peer", "--address", PEER_ADDRESS, "--language", "en")
        file = self.folder / "fuji.asc"
        file.write_bytes(self.peer.gpg("--armor", "--export", self.peer.fingerprint))
        desk.ctl("key", "import", str(file))
        desk.ctl("key", "pin", self.peer.fingerprint, "--contact", PEER, "--how", "read out by telephone")
        ours = self.folder / "sakura.asc"
        desk.ctl("key", "export", "--own", str(ours))
        for person in self.people.values():
            person.gpg("--import", str(ours))
        self.ours = next(line.split(":")[9] for line in self.peer.gpg("-k", "--with-colons", OURS).decode().splitlines()
                         if line.startswith("fpr:"))

    def mails(self):
        """Name -> bytes, in the order in which they come."""
        peer, mallory, newcomer = (self.people[name] for name in ("peer", "mallory", "newcomer"))
        return {
            "31-sealed-by-peer": sealed(peer, self.ours, f"{PEER} <{PEER_ADDRESS}>", REPORT, 1),
            "32-signed-by-mallory": signed(mallory, f"{PEER} <{PEER_ADDRESS}>", FORGED, 2),
            "33-sealed-by-newcomer": sealed(newcomer, self.ours, f"{NEWCOMER} <{NEWCOMER_ADDRESS}>", FIRST, 3, False),
            "34-sealed-for-another": sealed(newcomer, newcomer.fingerprint, f"{NEWCOMER} <{NEWCOMER_ADDRESS}>",
                                            FOR_ANOTHER, 4, False),
        }

    def read(self, letter):
        """What the peer's own gpg makes of a sealed letter: the entity inside; and is the signature ours?"""
        inside = subprocess.run(["gpg", "--homedir", self.peer.home, "--status-fd", "2", "--decrypt"],
                                input=letter.get_payload(1).get_content(), capture_output=True, check=False)
        text = email.message_from_bytes(inside.stdout, policy=email.policy.default)
        return text, f"VALIDSIG {self.ours}".encode() in inside.stderr or self.ours.encode() in inside.stderr

    def leave(self):
        for person in self.people.values():
            person.leave()
