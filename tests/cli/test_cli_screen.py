"""Plain text, rich tables on a terminal, and the choice between them."""

from __future__ import annotations

import os
import re
import subprocess

import numpy as np
import pytest
from cli_models import of_arrays, small
from cli_process import command, environment

from tensorwire.cli.screen import LEFT, RIGHT, Mark, Screen, screen
from tensorwire.cli.sizes import size
from tensorwire.cli.text import nbytes_text, plural, seconds_text, width

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
COLUMNS = {"name": LEFT, "bytes": RIGHT}
ROWS = [("a", "1"), ("long name", "1,000")]


def on_terminal(*arguments: object, columns: int = 100, **changes: str) -> str:
    """What a terminal is sent."""
    pty = pytest.importorskip("pty", reason="terminals of POSIX")
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(
        command(*arguments),
        stdout=theirs,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(TERM="xterm-256color", **changes),
    )
    os.close(theirs)
    sent = b""
    while piece := _read(ours):
        sent += piece
    os.close(ours)
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 0
    return sent.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # EIO: Linux's way to say that the other side is closed
        return b""


def test_one_long_name_widens_no_other_row(capsys):
    """A file of 1 MB, half of it one name, would otherwise be shown in 10 GB."""
    Screen().table(COLUMNS, [("a", "1"), ("n" * 100_000, "2")])
    titles, short, long = capsys.readouterr().out.splitlines()
    assert len(titles) < 400 and len(short) < 400 and long == f"  {'n' * 100_000}      2"


def test_plain_columns(capsys):
    Screen().table(COLUMNS, ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "  NAME       BYTES",
        "  a              1",
        "  long name  1,000",
    ]


def test_wide_letters_take_two_columns(capsys):
    assert (width("abc"), width("漢字"), width("e\u0301")) == (3, 4, 1)
    Screen().table(COLUMNS, [("漢字", "1"), ("abcd", "2")])
    assert capsys.readouterr().out.splitlines()[1:] == ["  漢字      1", "  abcd      2"]


def test_nothing_but_text_into_a_pipe(process, tmp_path):
    result = process("inspect", small(tmp_path), TERM="xterm-256color", FORCE_COLOR="1")
    assert "\x1b" not in result.out and "  TENSOR  TYPE" in result.out


def test_a_terminal_gets_tables_with_colours(tmp_path):
    sent = on_terminal("inspect", small(tmp_path))
    assert ESCAPE.search(sent)
    lines = [line.rstrip() for line in ESCAPE.sub("", sent).splitlines()]
    assert lines[0] == str(tmp_path / "small.onnx")
    assert "  weight  float32 [6, 8]  192 B" in lines


def test_no_color_and_never_are_respected(tmp_path):
    path = small(tmp_path)
    tables = on_terminal("tensors", path, NO_COLOR="1")
    assert "\x1b" not in tables and "  name    dtype" in tables
    assert "\x1b" in on_terminal("tensors", path, NO_COLOR="")
    plain = on_terminal("tensors", path, "--color", "never")
    assert "\x1b" not in plain and "  NAME    DTYPE" in plain


def test_always_is_respected(cli, monkeypatch, tmp_path):
    monkeypatch.setenv("NO_COLOR", "1")  # the command line wins
    assert ESCAPE.search(cli("tensors", small(tmp_path), "--color", "always").out)


def test_a_narrow_terminal_loses_nothing(tmp_path):
    name = "a.very.long.name.of.a.tensor.that.no.narrow.terminal.has.room.for"
    path = of_arrays(tmp_path / "m.onnx", {name: np.arange(3, dtype="float32")})
    for columns in (30, 60):
        sent = ESCAPE.sub("", on_terminal("tensors", path, "--stats", columns=columns))
        for cell in ("float32", "[3]", "12", "33.3%"):
            assert cell in sent
        rows = sent.splitlines()[1:-1]
        assert "".join(row.partition("float32")[0].strip() for row in rows) == name


def test_a_terminal_without_rich_gets_plain_text(tmp_path):
    (tmp_path / "rich.py").write_text("raise ModuleNotFoundError(name='rich')")
    path = small(tmp_path)
    both = os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]])
    process_path = {"PYTHONPATH": both}
    sent = on_terminal("tensors", path, **process_path)
    assert "\x1b" not in sent and "  NAME    DTYPE" in sent


def test_a_broken_rich_is_not_hidden(monkeypatch, tmp_path):
    (tmp_path / "rich.py").write_text("import no_such_module_of_rich")
    both = os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]])
    done = subprocess.run(
        command("tensors", small(tmp_path), "--color", "always"),
        capture_output=True,
        text=True,
        env=environment(PYTHONPATH=both),
        check=False,
        timeout=60,
    )
    assert done.returncode == 1 and "no_such_module_of_rich" in done.stderr


def test_marks_are_text():
    mark = Mark("missing", "bad")
    assert mark == "missing" and mark.role == "bad"
    assert type(screen("never")) is Screen


@pytest.mark.parametrize(
    ("nbytes", "text"),
    [
        (None, "?"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_999, "1.0 MB"),
        (256_000_000, "256.0 MB"),
        (2**63, "9.2 EB"),
        (10**22, "10000.0 EB"),
    ],
)
def test_bytes_for_people(nbytes, text):
    assert nbytes_text(nbytes) == text


def test_other_numbers_for_people():
    assert [seconds_text(t) for t in (1e-5, 0.0123, 2.345)] == ["0.01 ms", "12.3 ms", "2.35 s"]
    assert (plural(1, "tensor"), plural(2000, "tensor")) == ("1 tensor", "2,000 tensors")


@pytest.mark.parametrize(
    ("text", "nbytes"),
    [
        ("256MB", 256 * 10**6),
        ("1.5 GB", 15 * 10**8),
        ("1GiB", 2**30),
        ("64mib", 2**26),
        ("2k", 2000),
        ("4096", 4096),
        ("7B", 7),
    ],
)
def test_sizes_as_people_write_them(text, nbytes):
    assert size(text) == nbytes


@pytest.mark.parametrize(
    "text", ["", "MB", "-1MB", "0", "0.1B", "1XB", "1iB", "1MB2", "nan", "1e9"]
)
def test_what_is_no_size(text):
    with pytest.raises(ValueError, match="no size"):
        size(text)
