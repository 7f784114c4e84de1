"""A daemon whose wall clock a test sets; see settable-clock.c."""

import os
import struct
import time
from datetime import datetime

from harness import BUILD, Desk, wait_until


class Clocked(Desk):
    """A daemon whose wall clock the test sets: it is `ahead` of the host's. Nobody else's is."""

    def environment(self, fault=None):
        options = os.environ.get("ASAN_OPTIONS", "")
        if not (self.folder / "clock").exists():
            self.set(0)
        return {**super().environment(fault), "LD_PRELOAD": str(BUILD / "tests/settable-clock.so"),
                "MADO_CLOCK": str(self.folder / "clock"), "ASAN_OPTIONS": options + ":verify_asan_link_order=0"}

    def set(self, ahead):
        (self.folder / "clock").touch()
        with open(self.folder / "clock", "r+b") as file:
            file.write(struct.pack("=q", ahead))

    def set_and_wait(self, ahead):
        """Until the daemon has seen it."""
        before = self.log_text().count("clock-set")
        self.set(ahead)
        wait_until(lambda: self.log_text().count("clock-set") > before, "the daemon has seen it")

    def set_to(self, text):
        """So that it shows that time now; whoever starts it afterwards need not wait."""
        self.set(round(datetime.fromisoformat(text).timestamp() - time.time()))

    def go_to(self, text):
        """The same while it runs, until it has seen it."""
        self.set_and_wait(round(datetime.fromisoformat(text).timestamp() - time.time()))
