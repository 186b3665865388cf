"""Saving that fails: what was there is there still, and nothing else."""

import contextlib
import os

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
from onnx_models import external, values  # noqa: E402
from onnx_reading import check_same, names_in, saved  # noqa: E402

import tensorwire as tw  # noqa: E402
from tensorwire.formats.onnx import saving  # noqa: E402

BIG = values((40, 50))
WAYS = ({}, {"external": "inline"}, {"external": "w.data"})


@pytest.fixture
def changed(tmp_path):
    """A model that was changed, and a folder with a model saved before."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "w.bin").write_bytes(BIG.tobytes())
    m = tw.open(saved(tmp_path / "in", [external("w", "w.bin", BIG), ("v", BIG)]))
    m["v"] = BIG + 1
    (tmp_path / "out").mkdir()
    for name in ("model.onnx", "w.data", "w.bin"):
        (tmp_path / "out" / name).write_bytes(name.encode())
    return m


def contents(folder):
    return {name: (folder / name).read_bytes() for name in names_in(folder)}


@pytest.mark.parametrize("options", WAYS)
@pytest.mark.parametrize("call", [0, 1, 2])
@pytest.mark.parametrize("failing", ["write", "writev", "fsync", "replace", "ranges"])
def test_the_system_fails_in_the_middle(changed, tmp_path, monkeypatch, options, call, failing):
    before, calls = contents(tmp_path), []
    where = saving if failing == "ranges" else os
    real = getattr(where, failing)

    def sometimes(*args, **kwargs):
        calls.append(1)
        if len(calls) == call + 1:
            raise OSError(28, "No space left on device")
        return real(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(where, failing, sometimes)
        with contextlib.suppress(OSError):
            changed.save(tmp_path / "out" / "model.onnx", **options)
            assert len(calls) <= call
            return
    assert len(calls) > call and contents(tmp_path) == before
    changed.save(tmp_path / "out" / "model.onnx", **options)
    check_same(tmp_path / "out" / "model.onnx", changed)


@pytest.mark.parametrize("options", WAYS)
def test_the_model_itself_cannot_be_placed(changed, tmp_path, options):
    before = contents(tmp_path)
    (tmp_path / "out" / "taken").mkdir()
    (tmp_path / "out" / "taken" / "file").touch()
    with pytest.raises(OSError, match="taken"):
        changed.save(tmp_path / "out" / "taken", **options)
    (tmp_path / "out" / "taken" / "file").unlink()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("options", [{"external": "inline"}, {"external": "w.data"}, {}])
def test_data_that_is_missing(changed, tmp_path, options):
    os.unlink(tmp_path / "in" / "w.bin")
    before = contents(tmp_path)
    with pytest.raises(FileNotFoundError):
        changed.save(tmp_path / "out" / "model.onnx", **options)
    assert contents(tmp_path) == before


def test_missing_data_is_no_matter_where_it_is_not_needed(changed, tmp_path):
    os.unlink(tmp_path / "in" / "w.bin")
    changed.save(tmp_path / "in" / "again.onnx")
    with tw.open(tmp_path / "in" / "again.onnx") as m:
        assert np.array_equal(m["v"], BIG + 1) and not m.tensors["w"].available


def test_data_that_is_cut_short(changed, tmp_path):
    (tmp_path / "in" / "w.bin").write_bytes(BIG.tobytes()[:-1])
    before = contents(tmp_path)
    for options in WAYS[1:]:
        with pytest.raises(tw.DecodeError, match="cut short"):
            changed.save(tmp_path / "out" / "model.onnx", **options)
    assert contents(tmp_path) == before


def test_one_name_for_two_files(changed, tmp_path):
    before = contents(tmp_path)
    for path, options in (
        ("out/w.data", {"external": "w.data"}), ("out/W.DATA", {"external": "w.data"}),
        ("out/w.bin", {}), ("in/w.bin", {}), ("in/./w.bin", {}),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"w\.(bin|data)"):
            changed.save(tmp_path / path, **options)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", ["../w.data", "/w.data", "sub/w.data", "..", "a\\b"])
def test_external_data_elsewhere(changed, tmp_path, name):
    before = contents(tmp_path)
    with pytest.raises(ValueError, match="beside the model"):
        changed.save(tmp_path / "out" / "model.onnx", external=name)
    assert contents(tmp_path) == before


def test_more_than_others_can_read(changed, tmp_path, monkeypatch):
    monkeypatch.setattr(saving, "NBYTES_MAX", BIG.nbytes)
    before = contents(tmp_path)
    for options, hint in zip(WAYS[:2], ("external=", "large=True"), strict=True):
        with pytest.raises(tw.LimitError, match=hint):
            changed.save(tmp_path / "out" / "model.onnx", **options)
    assert contents(tmp_path) == before
    changed.save(tmp_path / "out" / "model.onnx", external="w.data")
    check_same(tmp_path / "out" / "model.onnx", changed)
    changed.save(tmp_path / "out" / "model.onnx", external="inline", large=True)
    check_same(tmp_path / "out" / "model.onnx", changed)


def test_a_model_that_is_not_changed_may_have_any_size(tmp_path, monkeypatch):
    monkeypatch.setattr(saving, "NBYTES_MAX", 10)
    path = saved(tmp_path, [("w", BIG)])
    with tw.open(path) as m:
        m.save(path)
    assert np.array_equal(tw.load_file(path)["w"], BIG)
