"""A desk with a key of its own, and correspondents whose keys are pinned."""

from crypto_keys import PEOPLE, Home
from harness import expect_equal


def told(desk, *words):
    done = desk.ask(*map(str, words))
    expect_equal(done.returncode, 0, f"madoctl {' '.join(map(str, words))}: {done.stderr.strip()}")
    return done.stdout


def give_key(desk, keys):
    """The daemon makes its key; everybody gets it as "own"."""
    keys.fingerprint["own"], = [row["fingerprint"] for row in desk.ctl("key", "init")]
    file = desk.folder / "own.asc"
    told(desk, "key", "export", "--own", file)
    keys.home.gpg("--import", file)


def pin(desk, keys, *names):
    """These are contacts, and a person has checked their keys."""
    for name in names:
        user_id = PEOPLE[name]
        common, address = user_id.rstrip(">").split(" <")
        file = desk.folder / f"{name}.gpg"
        file.write_bytes(keys.public(name))
        told(desk, "key", "import", file)
        told(desk, "contact", "add", common, "--kind", "person", "--address", address)
        told(desk, "key", "pin", keys.fingerprint[name], "--contact", common, "--how", "by telephone")


def home_of(keys, name):
    """A home as this correspondent has it: the own secret key, and the team's public one."""
    home = Home(keys.folder / f"home-{name}")
    home.gpg("--import", data=keys.home.gpg("--export-secret-keys", keys.fingerprint[name]))
    home.gpg("--import", data=keys.home.gpg("--export", keys.fingerprint["own"]))
    for key in (keys.fingerprint[name], keys.fingerprint["own"]):
        home.gpg("--import-ownertrust", data=f"{key}:6:\n".encode())
    return home
