"""Two threads: inside one decode, and two Python threads with a decode each. By the wall."""

from __future__ import annotations

import threading
from collections.abc import Callable

Call = Callable[[], object]


def together(calls: list[Call]) -> Call:
    """One call that runs all of them, each in a thread of its own, and waits for all."""

    def run() -> None:
        threads = [threading.Thread(target=call) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return run


def behind(calls: list[Call]) -> Call:
    """One call that runs all of them one after the other, in as many threads."""

    def run() -> None:
        for call in calls:
            together([call])()

    return run
