"""What the tests of all kinds of mailboxes ask and give: mails, and what status says of each source."""

from harness import expect_equal, plain_mail, wait_until


def mail(number):
    return plain_mail(number, sender=f"r{number}@peer.example")


def large_mail(size, begin=b""):
    """`begin`: of every line of its body."""
    line = begin + b"QUJD" * 18 + b"\r\n"
    return (b"From: a@peer.example\r\nSubject: large\r\nMIME-Version: 1.0\r\nContent-Type: application/zip\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + line * (size // len(line)))


def sources(desk):
    """Name -> what status says of it; nothing while the desk does not answer."""
    return {row["name"]: row for status in desk.ctl_now("status") for row in status["sources"]}


def state(desk, name="inbox"):
    return sources(desk).get(name, {"state": ""})["state"]


def wait_for_state(desk, words, name="inbox"):
    return wait_until(lambda: words in state(desk, name), f"{name}: {words}")


def expect_mails(desk, number):
    expect_equal(desk.settled(number)["mails"], number, "mails in the store")
