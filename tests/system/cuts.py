"""Sessions that are cut: one behind each byte that is named, of the server's or of ours.

A Mailbox brings one mail at a time. The connection that would fetch it is cut, the next one is not, and
then the server has to have been told of that mail, never before the store had it. The proofs of `doctor`
stand for the pauses, so that many cuts take little time.
"""

import contextlib
import hashlib
import threading

from dovecot import source_at
from harness import Desk, expect, expect_equal, plain_mail, wait_until
from hostile import SECRET, TAKEN, USER, Imap, Pop3, Smtp, committed
from wire import Cut, Wire

UID = 100000  # from here on all have the same number of digits
BOUND = 3600
WAYS = ("keyword", "move", "copy", "pop3")


def mail(number):
    return plain_mail(number, sender=f"r{number}@peer.example")


class Mailbox:
    """way: what is done with mails that were taken, by which protocol."""

    def __init__(self, number, way, is_committed):
        self.number, self.way = number, way
        self.server = Pop3(is_committed=is_committed) if way == "pop3" else Imap(
            can="IDLE UIDPLUS" + " MOVE" * (way == "move"), is_committed=is_committed)
        self.server.kept.next = UID
        self.wire = Wire(self.server.port, self.plan)
        self.armed, self.uid, self.cuts, self.sums = None, None, [], set()

    def source(self, folder):
        values = {"type": "pop3", "after": "delete"} if self.way == "pop3" else {
            "type": "imap", "after": "keyword" if self.way == "keyword" else "move"}
        return source_at(self.wire.port, folder, **{
            "name": f"{self.way}-{self.number}", "password": SECRET, "user": USER, "tls": "none", **values})

    def plan(self, _):
        way, self.armed = self.armed, None
        return way

    def is_told(self):
        kept = self.server.kept
        return self.uid not in kept.mails or (self.way == "keyword" and TAKEN in kept.flags[self.uid])

    def bring(self, cut):
        """One more mail, and how the connection that comes for it is cut."""
        text = mail(1000 * self.number + 100000 + len(self.sums))
        self.sums.add(hashlib.sha256(text).hexdigest())
        self.armed = cut
        self.uid = self.server.kept.add(text)
        self.server.end_all()

    def clear(self):
        if self.uid in self.server.kept.mails:
            self.server.kept.remove(self.uid)

    def step(self):
        """FALSE: there is nothing more to do."""
        if self.armed or not self.is_told():
            return True
        self.clear()
        if self.cuts:
            self.bring(self.cuts.pop())
            return True
        return False

    def lengths(self):
        """Bytes of the last session: the server's and ours."""
        return len(self.wire.of_server[self.wire.connections - 1]), len(self.server.heard[-1])


class Store:
    """Asks the store's files as rarely as it can: what is committed stays so."""

    def __init__(self, desk):
        self.desk, self.known = desk, set()
        self.lock = threading.Lock()

    def has(self, text):
        sha256 = hashlib.sha256(text).hexdigest()
        with self.lock:
            if sha256 not in self.known:
                self.known |= committed(self.desk)
            return sha256 in self.known


@contextlib.contextmanager
def desk_with(ways):
    with contextlib.ExitStack() as stack:
        desk = stack.enter_context(Desk(start=False))
        store = Store(desk)
        boxes = [Mailbox(number, way, store.has) for number, way in enumerate(ways, 1)]
        for box in boxes:
            stack.enter_context(box.server)
            stack.enter_context(box.wire)
        desk.configure(sources=", ".join(box.source(desk.folder) for box in boxes), intake='rescan = "1h";',
                       acknowledge='mode = "off";')
        desk.start()
        yield desk, boxes


def drive(desk, boxes):
    def done():
        left = [box for box in boxes if box.step()]
        if left:
            desk.ask("doctor")
        return not left
    wait_until(done, "every mailbox is told of every mail", BOUND)


def all_cuts(lengths):
    return [Cut(place, of_client) for of_client, length in enumerate(lengths) for place in range(length)]


def stored(desk):
    """The hash that each mail has by its bytes; every one has the name that it should have."""
    with desk.store() as store:
        for number, sha256 in store.execute("SELECT id, sha256 FROM mail").fetchall():
            content = hashlib.sha256()
            for (part,) in store.execute("SELECT bytes FROM mail_chunk WHERE mail = ? ORDER BY place", (number,)):
                content.update(part)
            expect_equal(content.hexdigest(), sha256, f"bytes of mail {number}")
            yield sha256


def mailboxes(choose, copies):
    """Cuts sessions of each way as `choose` picks them from all; so many mailboxes of each share them. How
    many that were."""
    with desk_with(WAYS * copies) as (desk, boxes):
        for box in boxes:
            box.bring(None)
        drive(desk, boxes)
        for way in WAYS:
            shared = [box for box in boxes if box.way == way]
            chosen = choose(all_cuts(shared[0].lengths()))
            for number, box in enumerate(shared):
                box.cuts = chosen[number::copies]
        number = sum(len(box.cuts) for box in boxes)
        drive(desk, boxes)
        desk.settled(sum(len(box.sums) for box in boxes))
        expect("role-died" not in desk.log_text(), "a role died")
        desk.stop()
        for box in boxes:
            expect_equal((box.server.kept.early, box.server.broken), ([], []), f"{box.way}: told too early, broken")
        sums = list(stored(desk))
        injected = set().union(*(box.sums for box in boxes))
        expect_equal((len(sums), set(sums)), (len(injected), injected), "mails, each once")
        again = sum(len(box.server.kept.moved) - len(set(box.server.kept.moved)) for box in boxes)
        print(f"# {number} sessions cut, {len(sums)} mails, {again} copied again on the server", flush=True)
        return number


# -- the relay -----------------------------------------------------------------------------------------

def letters(desk, *states):
    return [row for row in desk.ctl_now("outbox", "--all") if row["state"] in states]


def letters_stored(desk):
    with desk.store() as store:
        found = {}
        for letter, part in store.execute("SELECT letter, bytes FROM letter_chunk ORDER BY letter, place"):
            found[letter] = found.get(letter, b"") + part
        return found


def relay_with(port, more=""):
    return f'transport = "smtp"; host = "localhost"; port = {port}; tls = "none"; timeout = "5s"; {more}'


def measure():
    """Bytes of a session with one letter: the relay's and ours."""
    with Smtp() as relay, Wire(relay.port) as wire, Desk(outgoing=relay_with(wire.port)) as desk:
        desk.drop(mail(100000))
        wait_until(lambda: letters(desk, "sent"), "a letter is sent")
        return len(wire.of_server[0]), len(relay.heard[0])


def relay(choose):
    """A letter for each cut; then all that were put off once more. How many that were."""
    cuts = choose(all_cuts(measure()))
    number = len(cuts)
    with Smtp() as server, Wire(server.port, lambda _: cuts.pop() if cuts else None) as wire, \
            Desk(outgoing=relay_with(wire.port), acknowledge="hourly = 100000; per_domain_hourly = 10000;") as desk:
        for letter in range(number):
            desk.drop(mail(100000 + letter))
        desk.settled(number)
        wait_until(lambda: desk.ask("doctor") and not cuts, "every session is cut", BOUND)
        settle(desk, number)
        sent, unknown = (letters(desk, state) for state in ("sent", "unknown"))
        desk.stop()
        expect_once(letters_stored(desk), server.taken, {row["to"] for row in sent})
        print(f"# {number} sessions cut: {len(sent)} sent, {len(unknown)} uncertain, {len(server.taken)} at the relay",
              flush=True)
        return number


def settle(desk, number):
    def settled():
        for row in letters(desk, "deferred"):
            desk.ctl("outbox", "retry", str(row["id"]))
        desk.ask("doctor")
        return len(letters(desk, "sent", "unknown")) == number
    wait_until(settled, "every letter is sent or uncertain", BOUND)


def expect_once(kept, taken, sent):
    """Each at most once at the relay, as it is in the store; what is called sent is there."""
    arrived = [recipient for recipient, _ in taken]
    expect_equal(len(arrived), len(set(arrived)), "letters that the relay has twice")
    expect_equal(sent - set(arrived), set(), "called sent, and not there")
    known = {b"\r\n".join(letter.replace(b"\r\n", b"\n").split(b"\n")).rstrip() for letter in kept.values()}
    for recipient, text in taken:
        expect(text.replace(b"\r\n..", b"\r\n.").rstrip() in known, f"the letter to {recipient} is another one")
