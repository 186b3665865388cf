"""The progress bar: where somebody looks, after a while, and gone at the end."""

from __future__ import annotations

import io
import sys

import pytest

from tensorwire.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    """Seconds that only the test moves."""
    now = [100.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    return now


def test_a_terminal_sees_it_after_a_while(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.Progress("reading", 2_000_000) as bar:
        bar.advance(1)
        assert sys.stderr.getvalue() == "", "short work shows nothing"
        clock[0] += 1
        bar.advance(999_999)
        shown = sys.stderr.getvalue()
        assert "reading [###############...............]  50%  1.0 MB of 2.0 MB" in shown
        bar.advance(1)
        assert sys.stderr.getvalue() == shown, "not more than ten times a second"
        clock[0] += 1
        bar.reach(2_000_000)
        assert "100%  2.0 MB of 2.0 MB" in sys.stderr.getvalue()
    assert sys.stderr.getvalue().endswith("\r\x1b[K")


def test_an_error_wipes_it(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())

    def interrupted() -> None:
        with progress.Progress("reading", 0) as bar:
            clock[0] += 1
            bar.advance(10)
            assert "100%" in sys.stderr.getvalue()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert sys.stderr.getvalue().endswith("\r\x1b[K")


def test_totals_may_come_late(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.Progress("saving", 0) as bar:
        bar.set(10, 400)
        clock[0] += 1
        bar.set(100, 400)
        assert "25%  100 B of 400 B" in sys.stderr.getvalue()


def test_nobody_looks(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress.Progress("reading", 10) as bar:
        clock[0] += 10
        bar.advance(5)
    assert sys.stderr.getvalue() == ""


def test_a_step_that_ends_early_counts_whole(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.Progress("reading", 100) as bar:
        bar.advance(10)
        bar.reach(50)
        clock[0] += 1
        bar.reach(50)
        assert "100%" in sys.stderr.getvalue()
