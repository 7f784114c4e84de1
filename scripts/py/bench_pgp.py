"""scripts/bench pgp: sealed reports in, sealed acks out, beside bare gpg that does the same work."""

import os
import re
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/system"))
from bench_servers import with_work  # noqa: E402
from crypto_desk import told  # noqa: E402
from crypto_keys import Home, run  # noqa: E402
from crypto_mime import letter, part, pgp_encrypted  # noqa: E402
from harness import Desk, expect_equal, pace, wait_until  # noqa: E402

CORES = 2
REPORTERS = 10
STRANGERS = 5_000  # keys in the larger keyring, of which nobody writes
TURNS = 5
WARM = 40
AT_MOST = 3600
LOOK_EVERY = 0.25
CAPS = "hourly = 100000; per_domain_hourly = 10000; per_address_daily = 1000;"
# Two of them at once lose each other's lock now and then, and with it a mail.
QUICK = "lock-never\nno-random-seed-file\nno-auto-key-locate\nno-auto-check-trustdb\ntrust-model always\nno-greeting\n"
TEXT = "We see scans of port 22 from your network.\n" + "Nov 20 09:00:00 gw sshd[411]: Failed password\n" * 60


class Reporters:
    """Ten people with keys, as they are at their own machines, and the team's public key there."""

    def __init__(self, folder):
        self.home = Home(folder)
        self.keys = []
        for number in range(REPORTERS):
            made = self.home.gpg("--status-fd", "1", "--quick-gen-key", f"R {number} <r@site{number}.example>",
                                 "ed25519", "cert,sign", "never")
            key = re.search(rb"KEY_CREATED P (\w+)", made).group(1).decode()
            self.home.gpg("--quick-add-key", key, "cv25519", "encr", "never")
            self.keys.append(key)

    def public(self, number):
        return self.home.gpg("--export", self.keys[number])

    def report(self, number, ours):
        """A mail that is sealed to the team and signed, each of its own."""
        who = number % REPORTERS
        sealed = self.home.gpg("--trust-model", "always", "--armor", "--recipient", ours, "--local-user",
                               self.keys[who], "--sign", "--encrypt", data=part(f"Report {number}.\n{TEXT}"))
        return letter(pgp_encrypted(sealed), f"R {who} <r@site{who}.example>", "[...]"), sealed


def make_reports(people, ours, count):
    """So many, and those with which a daemon gets warm."""
    with ThreadPoolExecutor(CORES) as pool:
        return list(pool.map(lambda number: people.report(number, ours), range(WARM + count)))


LOOP = """\
for file in "$@"; do
    gpg --homedir "$HOME_OF_OURS" --batch --quiet --status-fd 2 --decrypt "$file" >/dev/null 2>>"$STATUS"
    gpg --homedir "$HOME_OF_OURS" --batch --quiet --armor --recipient "${file##*.}" --local-user "$OURS" \
        --sign --encrypt <"$ANSWER" >/dev/null
done
"""


def gpg_seconds(home, folder, reports, ours, keys):
    """Bare gpg, one loop of the shell a core: each report decrypted and verified, an answer of the size
    of an ack signed and encrypted."""
    folder.mkdir()
    answer = folder / "answer"
    answer.write_bytes(part("Thank you for writing to us.\n" * 30))
    for number, (_, sealed) in enumerate(reports):
        (folder / f"{number}.{keys[number % REPORTERS]}").write_bytes(sealed)
    files = sorted(file for file in folder.iterdir() if file != answer)
    start = time.monotonic()
    loops = [subprocess.Popen(["sh", "-c", LOOP, "loop", *files[core::CORES]],
                              env={**os.environ, "HOME_OF_OURS": str(home.folder), "OURS": ours, "ANSWER": str(answer),
                                   "STATUS": str(folder) + f".{core}"}) for core in range(CORES)]
    for loop in loops:
        expect_equal(loop.wait(AT_MOST), 0, "the loop of gpg")
    seconds = time.monotonic() - start
    status = "".join(Path(f"{folder}.{core}").read_text() for core in range(CORES))
    expect_equal((status.count("GOODSIG"), status.count("DECRYPTION_OKAY")), (len(files), len(files)), "what gpg did")
    return seconds


def strangers(folder, count):
    """So many keys of others in one file, made by sq, which is quick at it."""
    def one(number):
        file = folder / f"s{number}"
        run("sq", "key", "generate", "--userid", f"S {number} <s@stranger{number}.example>", "--export", file)
        public = run("sq", "key", "extract-cert", "--binary", file)
        file.unlink()
        Path(f"{file}.rev").unlink(missing_ok=True)
        return public
    with ThreadPoolExecutor(CORES) as pool:
        return b"".join(pool.map(one, range(count)))


def introduce(desk, people):
    """Key of ours, contacts, pinned keys; our fingerprint."""
    ours = desk.ctl("key", "init")[0]["fingerprint"]
    for number, key in enumerate(people.keys):
        file = desk.folder / "key"
        file.write_bytes(people.public(number))
        told(desk, "key", "import", file)
        told(desk, "contact", "add", f"R {number}", "--address", f"r@site{number}.example")
        told(desk, "key", "pin", key, "--contact", f"R {number}", "--how", "by telephone")
    return ours


def take(desk, count):
    """Waits until so many acks are sent."""
    out, start = desk.folder / "out/new", time.monotonic()
    while sum(1 for _ in os.scandir(out)) < count:
        pace(LOOK_EVERY)
        if time.monotonic() - start > AT_MOST:
            raise TimeoutError(f"{count} acks are not sent")


def processor_seconds(desk):
    """Of the daemon and of all that it has started, and waited for."""
    ticks = 0
    for pid, _, _ in desk.family():
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def check(desk, count):
    """What was done, by the store: opened, signed by its sender, answered sealed."""
    with desk.store() as store:
        opened = store.execute("SELECT count(*) FROM crypto WHERE encrypted = 'full' AND signed_by <> ''").fetchone()[0]
        sealed = store.execute("SELECT count(*) FROM outbox WHERE kind = 'ack' AND sealed_to <> ''"
                               " AND signed_with <> '' AND state = 'sent'").fetchone()[0]
    expect_equal((opened, sealed), (count, count), "reports opened, acks sealed")
    return opened


def desk_of(folder, run_folder, people, more=b""):
    """A daemon with its key and those of the reporters, stopped. `more` keys stand before them in its home: gpg
    reads those first, whichever it looks for."""
    run_folder.mkdir()
    home = run_folder / "keys"
    if more:
        home.mkdir(0o700)
        run("gpg", "--homedir", home, "--batch", "--quiet", "--no-auto-check-trustdb", "--import", data=more)
    desk = Desk(folder=folder, start=False, acknowledge=CAPS, run=str(run_folder))
    with open(desk.configuration, "a", encoding="utf-8") as configuration:
        configuration.write(f'keys : {{ home = "{home}"; workers = {CORES}; hourly = 1000000; }};\n')
    desk.start()
    ours = introduce(desk, people)
    desk.stop()
    return desk, ours, home


def team_home(folder, home):
    """The same keys for bare gpg: imported, so that their signatures are not checked again at each run."""
    ours = Home(folder)
    (ours.folder / "gpg.conf").write_text(QUICK)
    (ours.folder / "gpg-agent.conf").write_text("auto-expand-secmem\n")
    for what in ("--export", "--export-secret-keys"):
        ours.gpg("--import", data=run("gpg", "--homedir", home, "--batch", what))
    return ours


def settle(desk, reports):
    """Reports come to a daemon that runs, and whose workers have looked through their keys, which they do
    once: seconds until all acks are sent, and the processor time."""
    before = len(os.listdir(desk.folder / "out/new"))
    desk.start()
    for mail, _ in reports[:WARM]:
        desk.drop(mail)
    take(desk, before + WARM)
    told(desk, "key", "check")  # or the look of each hour would begin in the middle of it
    wait_until(lambda: not any("--list-keys" in words or "--list-secret-keys" in words
                               for _, _, words in desk.family()), "all keys are looked through", AT_MOST)
    start, used = time.monotonic(), processor_seconds(desk)
    for mail, _ in reports[WARM:]:
        desk.drop(mail)
    take(desk, before + len(reports))
    seconds, used = time.monotonic() - start, processor_seconds(desk) - used
    desk.stop()
    return seconds, used


def paired(these, those):
    """A machine that others use is as quick as they let it, for minutes: so each turn is compared with itself."""
    return round(statistics.median(one / other for one, other in zip(these, those)), 3)


def pgp(folder, run_folder, count, _mail):
    """In turns, to and fro: a daemon with ten keys, bare gpg, a daemon with 5,000 more. The processor time of a mail (without
    the agents') says the same on a machine that does other things, too."""
    run_folder = Path(run_folder)
    people = Reporters(run_folder / "people")
    others = run_folder / "others"
    others.mkdir()
    small, ours, home = desk_of(folder / "small", run_folder / "small", people)
    large, also, _ = desk_of(folder / "large", run_folder / "large", people, strangers(others, STRANGERS))
    bare = team_home(run_folder / "bare", home)
    people.home.gpg("--import", data=bare.gpg("--export", ours))
    people.home.gpg("--import", data=run("gpg", "--homedir", run_folder / "large/keys", "--batch", "--export", also))
    took, work = {"gpg": [], "small": [], "large": []}, {"gpg": [], "small": [], "large": []}
    for turn in range(TURNS):
        reports = make_reports(people, ours, count)
        more = make_reports(people, also, count)
        runs = [("small", settle, small, reports),
                ("gpg", with_work, gpg_seconds, bare, run_folder / f"gpg{turn}", reports[WARM:], ours, people.keys),
                ("large", settle, large, more)]
        for name, measured, *words in runs if turn % 2 else reversed(runs):
            seconds, used = measured(*words)
            took[name].append(seconds)
            work[name].append(used)
    for desk in (small, large):
        opened = check(desk, TURNS * (WARM + count))
    for ended in (bare, people.home):
        ended.end()
    rate = {name: [round(count / seconds, 1) for seconds in all_of] for name, all_of in took.items()}
    return {"bench": "pgp", "figure": max(rate["small"]), "unit": "mails/s", "beside": {
        "mails": opened // TURNS - WARM, "mails_given": count, "gpg_per_s": rate["gpg"], "per_s": rate["small"],
        "of_gpg": paired(took["gpg"], took["small"]),
        f"per_s_with_{STRANGERS}_keys": rate["large"],
        "cost_of_many_keys": paired(work["large"], work["small"]),
        **{f"{name}_work_ms": round(1000 * min(used) / count, 2) for name, used in work.items()},
        "load": round(os.getloadavg()[0], 1)}}
