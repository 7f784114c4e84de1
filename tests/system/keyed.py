"""A madod with a key of its own, whose every letter takes one use of it, and what may be done to gpg meanwhile."""

import contextlib
import email
import email.policy
import re
import signal
import subprocess

from crypto_keys import Home
from crypto_mime import letter, part, pgp_encrypted, pgp_signed
from harness import BOUND, Desk, Failed, expect_equal, plain_mail, wait_until

PATIENCE = 2
HANGS = 10
SETTINGS = {"acknowledge": "hourly = 100000;"}


class Keyed(Desk):
    def __init__(self, keys="", **settings):
        super().__init__(**{**SETTINGS, **settings, "daemon": f'}}; keys : {{ patience = "{PATIENCE}s"; {keys}'})
        self.mails = 0
        self.ctl("key", "init")

    # -- processes ----------------------------------------------------------------------------

    def programs(self, name):
        """The pids of gpg, gpgsm or gpg-agent that work for it."""
        return [pid for pid, _, words in self.family() if words[0].split("/")[-1] == name]

    def stop_agent(self):
        """From now on whatever needs the private key hangs. Its pids; none if nobody has needed an agent."""
        agents = self.programs("gpg-agent")
        for pid in agents:
            self.send(pid, signal.SIGSTOP)
        return agents

    def hang(self):
        """An agent that is stopped, and a gpg that waits for it. Before the first gpg it is the worker that waits, in
        vain, and another agent comes."""
        for _ in range(HANGS):
            agents = self.stop_agent()
            self.report()
            with contextlib.suppress(Failed):
                wait_until(lambda: agents and self.programs("gpg"), "gpg waits for its agent", PATIENCE)
                return agents
            self.all_are_answered()
        raise Failed("no gpg waits for its agent")

    # -- letters ------------------------------------------------------------------------------

    def report(self, number=1):
        """Mails of senders that differ: each is acknowledged."""
        for _ in range(number):
            self.mails += 1
            self.drop(plain_mail(self.mails, sender=f"r{self.mails}@peer{self.mails}.example"))

    def all_are_answered(self, bound=BOUND):
        wait_until(lambda: len(list((self.folder / "out/new").iterdir())) >= self.mails,
                   f"{self.mails} letters went out", bound)

    def check_letters(self):
        """One to each sender, and a good signature of ours on each."""
        public = self.folder / "public"
        public.mkdir(mode=0o700, exist_ok=True)
        key = public / "key"
        key.unlink(missing_ok=True)
        self.ctl("key", "export", "--own", str(key))
        fingerprint = self.ctl("key", "list", "own")[0]["fingerprint"]
        gpgv(public, "--dearmor", "--output", public / "ring", key, program="gpg")
        recipients = []
        for file in (self.folder / "out/new").iterdir():
            data = file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            expect_equal(signer(public, data), fingerprint, f"who signed {file.name}")
            recipients.append(email.message_from_bytes(data, policy=email.policy.SMTP)["To"])
        expect_equal(sorted(recipients), sorted(set(recipients)), "letters that went out twice")
        expect_equal(len(recipients), self.mails, "letters")


def gpgv(folder, *words, program="gpgv", data=None):
    done = subprocess.run([program, "--homedir", folder, "--batch", "--yes", *words] if program == "gpg" else
                          [program, "--keyring", folder / "ring", "--status-fd", "1", *words],
                          input=data, capture_output=True, timeout=BOUND, check=False)
    expect_equal(done.returncode, 0, f"{program}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode(errors="replace")


def signer(folder, data):
    """The fingerprint of the primary key whose signature is good over the exact bytes (RFC 3156, 5)."""
    boundary = email.message_from_bytes(data, policy=email.policy.SMTP).get_boundary().encode()
    pieces = data.split(b"\r\n--" + boundary)
    expect_equal(len(pieces), 4, "parts of what is signed")
    (folder / "signature").write_bytes(pieces[2].split(b"\r\n\r\n", 1)[1])
    said = gpgv(folder, folder / "signature", "-", data=pieces[1][2:])
    return re.search(r"VALIDSIG .* ([0-9A-F]{40})$", said, re.M)[1]


class Peer:
    """A correspondent whose key is pinned. What comes from there is a machine's, so that it is not answered."""

    ADDRESS, NAME = "peer@friend.example", "Peer CSIRT"

    def __init__(self, desk):
        self.desk, self.home, self.sent = desk, Home(desk.folder / "peer"), {}
        self.home.gpg("--quick-generate-key", f"Peer <{self.ADDRESS}>", "future-default", "default", "never")
        self.fingerprint = self.first("fpr", self.ADDRESS)
        theirs, ours = desk.folder / "theirs.asc", desk.folder / "ours.asc"
        theirs.write_bytes(self.home.gpg("--armor", "--export", self.fingerprint))
        desk.ctl("contact", "add", self.NAME, "--address", self.ADDRESS)
        desk.ctl("key", "import", str(theirs))
        desk.ctl("key", "pin", self.fingerprint, "--contact", self.NAME, "--how", "by telephone")
        desk.ctl("key", "export", "--own", str(ours))
        self.home.gpg("--import", ours)

    def first(self, kind, who):
        rows = self.home.gpg("--with-colons", "--list-keys", who).decode().splitlines()
        return next(row.split(":")[9] for row in rows if row.startswith(f"{kind}:"))

    def send(self):
        """In turn what is theirs, sealed; and what was changed on its way: signed all over, and by nobody."""
        number = len(self.sent)
        entity, changed = part(f"Host {number} is lost.\n"), part(f"Host {number} is well.\n")
        if number % 2:
            sealed = self.home.gpg("--armor", "--trust-model", "always", "--recipient", "csirt@sakura.example", "--sign",
                                   "--encrypt", data=entity)
            self.drop(pgp_encrypted(sealed), ("full", "full", self.NAME))
        else:
            signature = self.home.gpg("--armor", "--detach-sign", data=entity)
            self.drop(pgp_signed(changed, signature), ("none", "full", ""))

    def drop(self, entity, verdict):
        mail = letter(entity, f"Peer <{self.ADDRESS}>", headers=["Auto-Submitted: auto-generated"])
        self.sent[self.desk.drop(mail)] = verdict

    def check_verdicts(self):
        """Of all that was sent, in the store of a desk that has ended."""
        with self.desk.store() as store:
            found = {sha256: verdict for sha256, *verdict in store.execute(
                "SELECT sha256, encrypted, signed, signed_by FROM crypto JOIN mail ON mail.id = crypto.mail")}
        wrong = {sha256: (tuple(found.get(sha256, ())), verdict) for sha256, verdict in self.sent.items()
                 if tuple(found.get(sha256, ())) != verdict}
        expect_equal(wrong, {}, "verdicts: found, and what is true")

    def end(self):
        self.home.end()
