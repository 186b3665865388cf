"""What `Model.save` may be asked for, and how payloads lie in a file of external data."""

import pytest

from tensorwire.atomic import PendingFiles
from tensorwire.saving import DataFile, Meter, SaveOptions


def test_defaults():
    options = SaveOptions()
    assert (options.external, options.threshold, options.align) == (None, 1024, 4096)
    assert not options.large and options.progress is None and options.data_file is None
    assert SaveOptions("inline").data_file is None and SaveOptions("w.data").data_file == "w.data"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "/a", "../a", "a\\b", "C:a", "a\0b", "\udcff"]
)
def test_external_data_lies_beside_the_model(name):
    with pytest.raises(ValueError, match="external must be"):
        SaveOptions(name)


def test_other_nonsense():
    with pytest.raises(TypeError, match="external"):
        SaveOptions(b"w.data")
    with pytest.raises(ValueError, match="align"):
        SaveOptions("w", align=0)
    with pytest.raises(ValueError, match="threshold"):
        SaveOptions("w", threshold=-1)


def written(data, folder):
    with PendingFiles() as files:
        data.write(files.add(folder / "data"))
        files.commit()
    return (folder / "data").read_bytes()


def test_payloads_are_aligned_and_shared_by_key(tmp_path):
    data, made = DataFile(16), []
    assert data.place(b"abc", 3) == 0
    assert data.place(lambda: made.append(1) or b"defg", 4, key="x") == 16
    assert data.place(b"", 0) == 32
    assert data.place(b"defg", 4, key="x") == 16
    assert data.place(memoryview(bytes(range(32))), 32) == 32
    assert data.place(b"z", 1) == 64 and len(data) == 5 and data.nbytes == 65 and not made
    expected = b"abc".ljust(16, b"\0") + b"defg".ljust(16, b"\0") + bytes(range(32)) + b"z"
    assert written(data, tmp_path) == expected and made == [1]
    assert written(data, tmp_path) == expected


def test_without_alignment_nothing_lies_between(tmp_path):
    data = DataFile(1)
    assert [data.place(b"ab", 2), data.place(b"", 0), data.place(b"c", 1)] == [0, 2, 2]
    assert written(data, tmp_path) == b"abc"


def test_somebody_watches(tmp_path):
    seen = []
    data = DataFile(8)
    data.place(b"a", 1)
    data.place(b"b", 1)
    meter = Meter(lambda done, total: seen.append((done, total)), data.nbytes)
    with PendingFiles() as files:
        data.write(files.add(tmp_path / "data"), meter.advance)
    assert seen[-1] == (9, 9) and seen == sorted(seen)
