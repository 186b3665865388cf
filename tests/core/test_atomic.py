"""Files that appear whole or not at all, alone and together, whatever fails."""

import os

import pytest

from tensorwire import atomic
from tensorwire.atomic import PendingFiles, write_atomically


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def write(folder, /, **files):
    with PendingFiles() as pending:
        for name, data in files.items():
            pending.add(folder / name).write(data)
        pending.commit()


def test_files_appear_together(tmp_path):
    (tmp_path / "b").write_bytes(b"old")
    with PendingFiles() as pending:
        first, second = pending.add(tmp_path / "a"), pending.add(tmp_path / "b")
        first.write(b"new a")
        second.write(b"new ")
        second.write(bytearray(b"b"))
        assert contents(tmp_path)["b"] == b"old" and not (tmp_path / "a").exists()
        pending.commit()
    assert contents(tmp_path) == {"a": b"new a", "b": b"new b"}


def test_without_commit_nothing_happens(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with PendingFiles() as pending:
        pending.add(tmp_path / "a").write(b"new")
    with pytest.raises(TypeError), PendingFiles() as pending:
        pending.add(tmp_path / "a").write("no bytes")
    assert contents(tmp_path) == {"a": b"old"}


@pytest.mark.parametrize("links", [True, False])
def test_where_one_cannot_be_placed_all_are_as_they_were(tmp_path, monkeypatch, links):
    if not links:
        monkeypatch.delattr(os, "link")
        monkeypatch.setattr(os, "link", refuse, raising=False)
    (tmp_path / "old").write_bytes(b"old")
    inode = (tmp_path / "old").stat().st_ino
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside").touch()
    with pytest.raises(OSError, match=r"folder'$"):
        write(tmp_path, old=b"new", fresh=b"new", folder=b"new")
    assert (tmp_path / "old").stat().st_ino == inode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "old"]
    (tmp_path / "folder" / "inside").unlink()
    (tmp_path / "folder").rmdir()
    write(tmp_path, old=b"new", fresh=b"new", folder=b"new")
    assert contents(tmp_path) == dict.fromkeys(("old", "fresh", "folder"), b"new")


def refuse(*args, **kwargs):
    raise PermissionError("no links here")


@pytest.mark.parametrize("failing", ["fsync", "replace", "write"])
def test_the_system_fails(tmp_path, monkeypatch, failing):
    (tmp_path / "a").write_bytes(b"old")
    with monkeypatch.context() as patched:
        patched.setattr(os, failing, refuse)
        with pytest.raises(PermissionError):
            write(tmp_path, a=b"new", b=b"new")
    assert contents(tmp_path) == {"a": b"old"}


def test_links_are_replaced_and_come_back(tmp_path):
    (tmp_path / "target").write_bytes(b"precious")
    (tmp_path / "link").symlink_to("target")
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        write(tmp_path, link=b"new", folder=b"new")
    assert os.readlink(tmp_path / "link") == "target"
    write(tmp_path, link=b"new", other=b"new")
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"precious"


def test_permissions_go_from_old_to_new(tmp_path):
    for name, mode in (("a", 0o600), ("b", 0o664)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    write(tmp_path, a=b"1", b=b"2")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o664


def test_short_writes_go_on_and_are_told(tmp_path, monkeypatch):
    write_some, told = os.write, []
    monkeypatch.setattr(os, "write", lambda descriptor, data: write_some(descriptor, data[:7]))
    write_atomically(tmp_path / "a", bytes(range(20)), told.append)
    assert (tmp_path / "a").read_bytes() == bytes(range(20)) and told == [7, 7, 6]


PARTS = [b"ab", b"", b"cdefg", bytearray(b"h"), b"", memoryview(b"ijk"), b""]


@pytest.mark.parametrize("most", [1, 2, 3, 4, 100])
@pytest.mark.parametrize("gathered", [True, False])
def test_many_parts_in_writes_that_are_cut_short(tmp_path, monkeypatch, gathered, most):
    write_some, told = os.write, []

    def write_cut(descriptor, data):
        return write_some(descriptor, (b"".join(data) if gathered else data)[:most])

    if gathered:
        monkeypatch.setattr(os, "writev", write_cut, raising=False)
        monkeypatch.setattr(os, "write", refuse)
    else:
        monkeypatch.delattr(os, "writev", raising=False)
        monkeypatch.setattr(os, "write", write_cut)
    with PendingFiles() as files:
        files.add(tmp_path / "a").write_all(PARTS, told.append)
        files.commit()
    assert (tmp_path / "a").read_bytes() == b"abcdefghijk" and sum(told) == 11


@pytest.mark.skipif(not hasattr(os, "writev"), reason="no gathered writes on this system")
@pytest.mark.parametrize("step", [1, 3, 6, 1 << 20])
def test_no_write_is_larger_than_systems_take(tmp_path, monkeypatch, step):
    sizes = []
    write_some = os.writev

    def writev(descriptor, parts):
        sizes.append((len(parts), sum(map(len, parts))))
        return write_some(descriptor, parts)

    monkeypatch.setattr(os, "writev", writev)
    monkeypatch.setattr(atomic, "WRITE_STEP", step)
    monkeypatch.setattr(atomic, "GATHERED_MAX", 2)
    with PendingFiles() as files:
        files.add(tmp_path / "a").write_all(PARTS)
        files.commit()
    assert (tmp_path / "a").read_bytes() == b"abcdefghijk"
    assert all(count <= 2 and nbytes <= step for count, nbytes in sizes)


def test_errors_name_what_was_to_be_written(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        write(tmp_path, **{"gone/a": b""})
    assert caught.value.filename == str(tmp_path / "gone" / "a")
