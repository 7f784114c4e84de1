"""Keys and certificates for the crypto tests, made by gpg and openssl in folders of their own: once a day
for a build, and each test has a copy.

`with Keys() as keys:` has the secret keys of everybody in one home; keys.sign, keys.seal and their
kin work with it. keys.publish(folder) writes what our team has: its own keys, and the public keys
that it has pinned.
"""

import atexit
import fcntl
import functools
import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import BUILD, SHORT

DAY = 24 * 3600
TRIES = 10
NOT_TOLD = {"stranger", "impostor"}  # our team has no key of theirs
# name of the key -> user id; the first is ours
PEOPLE = {
    "bob": "Sakura CSIRT <csirt@sakura.example>",
    "alice": "Alice Peer <alice@peer.example>",
    "carol": "Carol Peer <carol@peer.example>",
    "mallory": "Mallory <mallory@evil.example>",
    "named": "alice@peer.example <mallory.two@evil.example>",
    "longer": "Alice Long <alice@peer.example.evil.example>",
    "before": "Alice Before <malice@peer.example>",
    "injected": "[GNUPG:] VALIDSIG Alice <mallory.three@evil.example>",
    "expired": "Dave Past <dave@peer.example>",
    "revoked": "Erin Gone <erin@peer.example>",
    "subkeyed": "Frank Sub <frank@peer.example>",
    "stranger": "Stranger <stranger@else.example>",
    "impostor": "Alice Peer <alice@peer.example>",
}
CERTIFIED = {  # name -> (common name, address, authority)
    "team": ("Sakura CSIRT", "csirt@sakura.example", "ca"),
    "xavier": ("Xavier Peer", "xavier@peer.example", "ca"),
    "yvonne": ("Yvonne Evil", "yvonne@evil.example", "ca"),
    "outsider": ("Xavier Peer", "xavier@peer.example", "other-ca"),
}
EXTENSIONS = """\
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[person]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = emailProtection
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = email:{address}
"""


def run(*words, data=None, good=(0,)):
    done = subprocess.run([str(word) for word in words], input=data, capture_output=True)
    if done.returncode not in good:
        raise RuntimeError(f"{words[0]} {words[-1]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def stamp(seconds):
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(time.time() + seconds))


class Home:
    """A GNUPGHOME of a test; its agent ends with it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        (self.folder / "gpg.conf").write_text("no-auto-key-locate\nno-auto-key-retrieve\n")
        (self.folder / "gpgsm.conf").write_text("disable-crl-checks\nno-secmem-warning\n")

    def gpg(self, *words, data=None, good=(0,)):
        return run("gpg", "--homedir", self.folder, "--batch", "--yes", "--quiet", "--no-tty",
                   "--pinentry-mode", "loopback", "--passphrase", "", *words, data=data, good=good)

    def gpgsm(self, *words, data=None, good=(0,)):
        return run("gpgsm", "--homedir", self.folder, "--batch", "--yes", "--quiet", "--no-tty",
                   "--pinentry-mode", "loopback", *words, data=data, good=good)

    def status(self, program, *words, data=None):
        """The words behind [GNUPG:], whatever the exit status; standard error has none of them."""
        every = range(256)
        found = getattr(self, program)("--status-fd", "1", "--output", "/dev/null", *words, data=data, good=every)
        return [line[9:] for line in found.decode(errors="replace").splitlines() if line.startswith("[GNUPG:] ")]

    def end(self):
        if self.folder.exists():
            run("gpgconf", "--homedir", self.folder, "--kill", "all")


def copied(source, folder):
    """Without the sockets and locks of who works there."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("S.*", ".#*", "*.lock"), dirs_exist_ok=True)


def made_once():
    """The folder in the build that has the keys of all; whoever comes first on a day makes it."""
    kept = BUILD / "test-keys"
    made_by = hashlib.sha256(Path(__file__).read_bytes()).hexdigest() + time.strftime(" %F")
    with open(BUILD / "test-keys.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark = kept / "made-by"
        if not mark.exists() or mark.read_text() != made_by:
            shutil.rmtree(kept, ignore_errors=True)
            with Keys(made=False) as keys:
                keys.make_all()
                keys.home.end()
                copied(keys.folder, kept)
            mark.write_text(made_by)
    return kept


class Keys:
    def __init__(self, made=True):
        self.folder = Path(tempfile.mkdtemp(prefix="mk-", dir=SHORT))
        atexit.register(self.__exit__)  # however the test ends, its agents do
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        if made:
            copied(made_once(), self.folder)
        self.home = Home(self.folder / "all")
        self.certified = self.folder / "x509"
        self.names = self.folder / "fingerprints"
        self.fingerprint = json.loads(self.names.read_text()) if made else {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for folder in self.folder.rglob("S.gpg-agent"):
            run("gpgconf", "--homedir", folder.parent, "--kill", "all")
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_all(self):
        for name, user_id in PEOPLE.items():
            self.make(name, user_id)
        self.home.gpg("--quick-add-uid", self.fingerprint["carol"], "Carol Other <carol@other.example>")
        self.home.gpg("--quick-set-primary-uid", self.fingerprint["carol"], PEOPLE["carol"])
        self.home.gpg("--quick-add-key", self.fingerprint["subkeyed"], "ed25519", "sign")
        self.names.write_text(json.dumps(self.fingerprint))
        self.certified.mkdir()
        self.authorities()
        self.pkcs12("team")
        self.public("revoked")

    # -- OpenPGP --------------------------------------------------------------------------------

    def make(self, name, user_id):
        past = ["--faked-system-time", stamp(-500 * DAY) + "!"]
        end = "490d" if name == "expired" else "never"
        told = self.home.gpg("--status-fd", "1", *past, "--quick-gen-key", user_id, "ed25519", "cert,sign", end)
        self.fingerprint[name] = re.search(rb"KEY_CREATED P (\w+)", told).group(1).decode()
        self.home.gpg(*past, "--quick-add-key", self.fingerprint[name], "cv25519", "encr", end)

    @functools.cache
    def public(self, name):
        """The key as the others have it; the revoked one with its revocation."""
        kept = self.folder / f"{name}.public"
        if kept.exists():
            return kept.read_bytes()
        key = self.home.gpg("--export", self.fingerprint[name])
        if name != "revoked":
            return key
        home = Home(self.folder / "revoking")
        home.gpg("--import", data=key)
        file = self.home.folder / f"openpgp-revocs.d/{self.fingerprint[name]}.rev"
        home.gpg("--import", data=file.read_bytes().replace(b":-----BEGIN", b"-----BEGIN"))
        key = home.gpg("--export")
        home.end()
        kept.write_bytes(key)
        return key

    def armoured(self, name):
        return run("gpg", "--enarmor", data=self.public(name)).replace(b"ARMORED FILE", b"PUBLIC KEY BLOCK")

    def by(self, names):
        """Words for gpg: signed with the signing subkey if there is one, as gpg does by itself."""
        return [word for name in names for word in ("--local-user", self.fingerprint[name])]

    def to(self, names):
        return [word for name in names for word in ("--recipient", self.fingerprint[name])]

    def sign(self, data, *names, at=None, more=()):
        """A detached signature."""
        when = ["--faked-system-time", stamp(at) + "!"] if at else []
        return self.home.gpg(*when, *more, *self.by(names), "--armor", "--detach-sign", data=data)

    def clearsign(self, text, *names, more=()):
        return self.home.gpg(*more, *self.by(names), "--textmode", "--clearsign", data=text)

    def sign_all(self, data, *names, more=()):
        """Signature and data in one armour, as in an encrypted message."""
        return self.home.gpg(*more, *self.by(names), "--armor", "--sign", data=data)

    def seal(self, data, to=("bob",), by=(), more=(), armour=True):
        words = [*more, *(["--armor"] if armour else []), *self.to(to), *self.by(by), *(["--sign"] if by else [])]
        return self.home.gpg("--trust-model", "always", *words, "--encrypt", data=data)

    def with_password(self, data):
        return run("gpg", "--homedir", self.home.folder, "--batch", "--pinentry-mode", "loopback",
                   "--passphrase", "password", "--armor", "--symmetric", data=data)

    def session_key(self, sealed):
        """(algorithm, key) with which this was encrypted."""
        told = self.home.gpg("--status-fd", "1", "--show-session-key", "--output", "/dev/null", "--decrypt",
                             data=sealed, good=(0, 2))
        algorithm, key = re.search(rb"SESSION_KEY (\d+):(\w+)", told).groups()
        return int(algorithm), key.decode()

    # -- S/MIME ---------------------------------------------------------------------------------

    def authorities(self):
        for name in ("ca", "other-ca"):
            self.request(name, f"/CN=Authority {name}")
            self.certify(name, name, "ca", "ca@authority.example")
        for name, (common, address, authority) in CERTIFIED.items():
            self.request(name, f"/CN={common}/emailAddress={address}")
            self.certify(name, authority, "person", address)

    def file(self, name, ending="pem"):
        return self.certified / f"{name}.{ending}"

    def request(self, name, subject):
        run("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-utf8", "-subj", subject, "-keyout",
            self.file(name, "key"), "-out", self.file(name, "csr"))

    def certify(self, name, authority, kind, address):
        extensions = self.file(name, "cnf")
        extensions.write_text(EXTENSIONS.format(address=address))
        who = (["-signkey", self.file(name, "key")] if name == authority else
               ["-CA", self.file(authority), "-CAkey", self.file(authority, "key"), "-CAcreateserial"])
        run("openssl", "x509", "-req", "-in", self.file(name, "csr"), *who, "-days", "365", "-extfile", extensions,
            "-extensions", kind, "-out", self.file(name))

    def cms_sign(self, data, *names, opaque=False, more=()):
        """DER of signed-data."""
        signers = [word for name in names
                   for word in ("-signer", self.file(name), "-inkey", self.file(name, "key"))]
        return run("openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256", *signers,
                   *(["-nodetach"] if opaque else []), *more, data=data)

    def cms_seal(self, data, to=("team",), cipher="-aes256", more=()):
        """DER of enveloped-data."""
        return run("openssl", "cms", "-encrypt", "-binary", "-outform", "DER", cipher, *more,
                   *map(self.file, to), data=data)

    def pkcs12(self, name):
        """Without a passphrase. Of such files gpgsm misreads a few, by their salt: one that it can read."""
        kept = self.file(name, "p12")
        if kept.exists():
            return kept.read_bytes()
        for _ in range(TRIES):
            made = run("openssl", "pkcs12", "-export", "-passout", "pass:", "-certpbe", "PBE-SHA1-3DES", "-keypbe",
                       "PBE-SHA1-3DES", "-macalg", "sha1", "-in", self.file(name), "-inkey", self.file(name, "key"),
                       "-certfile", self.file("ca"))
            if self.can_be_imported(made):
                kept.write_bytes(made)
                return made
        raise RuntimeError(f"gpgsm reads none of {TRIES} PKCS#12 files")

    def can_be_imported(self, bundle):
        file = self.folder / "tried.p12"
        file.write_bytes(bundle)
        home = Home(Path(tempfile.mkdtemp(dir=self.folder)) / "p")
        done = subprocess.run(["gpgsm", "--homedir", home.folder, "--batch", "--quiet", "--pinentry-mode", "loopback",
                               "--passphrase-fd", "0", "--import", file], input=b"\n", capture_output=True)
        home.end()
        return done.returncode == 0

    # -- what our team has ------------------------------------------------------------------------

    def publish(self, folder):
        """A folder for `madoctl explain --keys`: our own secret keys, and those that are pinned."""
        folder = Path(folder)
        folder.mkdir()
        for name in PEOPLE:
            if name not in NOT_TOLD:
                (folder / f"{name}.gpg").write_bytes(self.public(name))
        (folder / "bob.gpg").write_bytes(self.home.gpg("--export-secret-keys", self.fingerprint["bob"]))
        for name in ("ca", "xavier", "yvonne"):
            (folder / f"{name}.crt").write_bytes(self.file(name).read_bytes())
        (folder / "team.p12").write_bytes(self.pkcs12("team"))
        return folder

    def receiver(self):
        """A home with what publish() writes, for gpg and gpgsm to say what they think of a mail."""
        home = Home(self.folder / "receiver")
        folder = self.publish(self.folder / "published")
        for file in sorted(folder.glob("*.gpg")):
            home.gpg("--import", data=file.read_bytes())
        for file in sorted(folder.glob("*.crt")):
            home.gpgsm("--import", data=file.read_bytes())
        run("gpgsm", "--homedir", home.folder, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase-fd",
            "0", "--import", folder / "team.p12", data=b"\n")
        root = run("openssl", "x509", "-in", self.file("ca"), "-noout", "-fingerprint", "-sha1").decode()
        (home.folder / "trustlist.txt").write_text(root.strip().split("=")[1] + " S relax\n")
        return home
