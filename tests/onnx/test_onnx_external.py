"""External data: what is read, what is refused, and what waits until it is asked for."""

import hashlib
import os
import shutil

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
from onnx_models import external, saved, values  # noqa: E402

import tensorwire as tw  # noqa: E402
from tensorwire.mapping import open_source  # noqa: E402

W = values()


@pytest.fixture
def folder(tmp_path):
    """A model's folder with ``w.bin``, in a folder with a secret of the same size."""
    (tmp_path / "secret.bin").write_bytes(W.tobytes())
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "w.bin").write_bytes(W.tobytes())
    return folder


def opened(folder, location, **entries):
    return tw.open(saved(folder, [external("w", location, W, **entries)]))


@pytest.mark.parametrize("location", ["w.bin", "./w.bin", "a/../w.bin", "a/w.bin"])
def test_names_inside_the_folder(folder, location):
    (folder / "a").mkdir()
    shutil.copy(folder / "w.bin", folder / "a")
    with opened(folder, location, offset=0, length=W.nbytes) as model:
        assert model.tensors["w"].available and np.array_equal(model["w"], W)
        assert model["w"].base is not None
        assert [path.name for path in model.files] == ["model.onnx", "w.bin"]


@pytest.mark.parametrize(
    "location",
    ["", "../secret.bin", "a/../../secret.bin", "/etc/passwd", "w.bin\0", "../model/w.bin", ".."],
)
def test_names_outside_are_refused(folder, location):
    with opened(folder, location) as model:
        tensor = model.tensors["w"]
        assert not tensor.available and tensor.shape == W.shape and tensor.file is None
        with pytest.raises(tw.ContainmentError) as caught:
            tensor.numpy()
        assert caught.value.path == "graph.initializer[0]"
        assert [path.name for path in model.files] == ["model.onnx"]


@pytest.mark.parametrize("location", ["*/_ORT_MEM_ADDR_/*", "x/_ORT_MEM_ADDR_/y"])
def test_addresses_in_memory_are_refused(folder, location):
    with opened(folder, location, offset=2**47, length=24) as model:
        assert not model.tensors["w"].available
        with pytest.raises(tw.ContainmentError, match="memory"):
            model["w"]


def test_links_out_of_the_folder_are_refused(folder):
    (folder / "link.bin").symlink_to(folder.parent / "secret.bin")
    (folder / "way").symlink_to(folder.parent)
    for location in ("link.bin", "way/secret.bin"):
        with opened(folder, location) as model, pytest.raises(tw.ContainmentError, match="links"):
            model["w"]


def test_links_inside_the_folder_are_followed(folder):
    (folder / "link.bin").symlink_to("w.bin")
    with opened(folder, "link.bin") as model:
        assert np.array_equal(model["w"], W)


def test_a_cache_of_links_works(folder, tmp_path):
    """As Hugging Face lays it out: names in a snapshot link to blobs in another folder."""
    snapshot, blobs = tmp_path / "snapshots" / "1", tmp_path / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    saved(blobs, [external("w", "w.bin", W)], name="aaaa")
    shutil.copy(folder / "w.bin", blobs / "bbbb")
    (snapshot / "model.onnx").symlink_to("../../blobs/aaaa")
    (snapshot / "w.bin").symlink_to("../../blobs/bbbb")
    with tw.open(snapshot / "model.onnx") as model:
        assert np.array_equal(model["w"], W)
        assert model.files == [snapshot / "model.onnx", snapshot / "w.bin"]
    (snapshot / "w.bin").unlink()
    (snapshot / "w.bin").symlink_to(tmp_path / "secret.bin")
    with tw.open(snapshot / "model.onnx") as model, pytest.raises(tw.ContainmentError):
        model["w"]


def test_a_linked_model_finds_its_data_beside_the_real_file(folder, tmp_path):
    path = saved(folder, [external("w", "w.bin", W)])
    (tmp_path / "link.onnx").symlink_to(path)
    with tw.open(tmp_path / "link.onnx") as model:
        assert np.array_equal(model["w"], W)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on this system")
def test_only_regular_files(folder):
    os.mkfifo(folder / "pipe")
    with opened(folder, "pipe") as model:
        assert not model.tensors["w"].available
        with pytest.raises(tw.UnsupportedError, match="FIFO"):
            model["w"]
    with opened(folder, ".") as model, pytest.raises((tw.ModelError, OSError)):
        model["w"]


def test_many_tensors_in_one_file_are_opened_once(folder):
    (folder / "all.bin").write_bytes(W.tobytes() * 3)
    parts = [external(f"w{i}", "all.bin", W, offset=i * 24, length=24) for i in range(3)]
    with tw.open(saved(folder, parts), mode="map") as model:
        assert all(np.array_equal(array, W) for array in model.values())
        assert [path.name for path in model.files] == ["model.onnx", "all.bin"]
        assert len({model.tensors[name].file for name in model}) == 1
        assert model.check_unchanged()
        (folder / "all.bin").write_bytes(W.tobytes() * 3 + b"longer")
        with pytest.raises(tw.ModelError, match="size was 72 and is 78"):
            model.check_unchanged()


def test_missing_length_takes_what_the_shape_takes(folder):
    (folder / "w.bin").write_bytes(W.tobytes() + b"more")
    with opened(folder, "w.bin") as model:
        assert np.array_equal(model["w"], W)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"offset": 25}, "begins after the end of a file of 24 bytes at byte 25"),
        ({"offset": 1}, "24 bytes declared, 23 left in a file of 24; cut short"),
        ({"length": 25}, "25 bytes declared, 24 left"),
        ({"length": 20}, "20 bytes stored, but 6 elements of float32 take 24"),
        ({"offset": 2**62, "length": 2**62}, "begins after the end"),
    ],
)
def test_ranges_that_do_not_fit(folder, entries, reason):
    with opened(folder, "w.bin", **entries) as model:
        with pytest.raises(tw.DecodeError, match=reason) as caught:
            model["w"]
        assert caught.value.file == str(folder / "w.bin")
        assert caught.value.path == "graph.initializer[0]"


@pytest.mark.parametrize(
    "text", [" 0", "1_0", "+1", "-1", "0x10", "", "1e3", "٣", "9" * 30, str(2**63)]
)
@pytest.mark.parametrize("key", ["offset", "length"])
def test_numbers_are_digits_only(folder, key, text):
    with opened(folder, "w.bin", **{key: text}) as model, pytest.raises(tw.ModelError, match=key):
        model["w"]


def test_a_missing_file_waits_until_it_is_asked_for(folder):
    with opened(folder, "gone/w.bin") as model:
        tensor = model.tensors["w"]
        assert not tensor.available and tensor.nbytes == 24 and list(model) == ["w"]
        assert [path.name for path in model.files] == ["model.onnx", "w.bin"]
        with pytest.raises(FileNotFoundError) as caught:
            tensor.numpy()
        assert caught.value.filename == str(folder / "gone" / "w.bin")
        (folder / "gone").mkdir()
        shutil.copy(folder / "w.bin", folder / "gone")
        assert tensor.available and np.array_equal(tensor.numpy(), W)


def test_an_empty_file_holds_a_tensor_of_no_elements(folder):
    (folder / "w.bin").write_bytes(b"")
    empty = values((0, 3))
    with tw.open(saved(folder, [external("w", "w.bin", empty, length=0)])) as model:
        assert model["w"].shape == (0, 3)


def test_arrays_outlive_model_and_file(folder):
    with opened(folder, "w.bin") as model:
        array = model["w"]
    (folder / "w.bin").unlink()
    assert np.array_equal(array, W)


def test_a_model_in_memory_needs_a_base(folder):
    data = saved(folder, [external("w", "w.bin", W)]).read_bytes()
    assert np.array_equal(tw.from_buffer(data, base=folder)["w"], W)
    lost = tw.from_buffer(data)
    assert not lost.tensors["w"].available
    with pytest.raises(tw.ContainmentError, match="no base folder"):
        lost["w"]


def test_checksums_are_verified_on_request(folder):
    sha1 = hashlib.sha1(W.tobytes()).hexdigest()
    path = saved(folder, [external("w", "w.bin", W, checksum=sha1.upper())])
    assert tw.validate(path, checksums=True).findings == ()
    (folder / "w.bin").write_bytes(bytes(24))
    assert tw.validate(path).ok
    [finding] = tw.validate(path, checksums=True).findings
    assert finding.kind == "checksum" and sha1 in finding.reason.lower()


def test_external_goes_before_raw(folder):
    tensor = external("w", "w.bin", W)
    tensor.raw_data = bytes(24)
    path = saved(folder, [tensor])
    assert np.array_equal(tw.load_file(path)["w"], W)
    assert [f.kind for f in tw.validate(path).findings] == ["payload"]


def test_a_folder_that_becomes_a_link_after_the_check(folder, monkeypatch):
    """The check and the opening see different things; the opening follows no link."""
    (folder / "a").mkdir()
    (folder / "a" / "secret.bin").write_bytes(W.tobytes())
    with opened(folder, "a/secret.bin") as model:
        tensor = model.tensors["w"]
        real, swapped = os.path.realpath, []

        def swap(path, **kwargs):
            resolved = real(path, **kwargs)
            if str(path).endswith("secret.bin") and not swapped:
                shutil.rmtree(folder / "a")
                (folder / "a").symlink_to(folder.parent)
                swapped.append(path)
            return resolved

        monkeypatch.setattr(os.path, "realpath", swap)
        with pytest.raises((tw.ContainmentError, OSError)):
            tensor.numpy()
        assert swapped


def test_a_name_that_becomes_a_link_after_opening_opens_no_other_folder(folder, monkeypatch):
    """The folder that the link leads to would be taken for that of the model."""
    path = saved(folder, [external("w", "secret.bin", W)])

    def opened_and_linked(name, mode):
        source = open_source(name, mode)
        path.unlink()
        path.symlink_to(folder.parent / "secret.bin")
        return source

    monkeypatch.setattr("tensorwire.api.open_source", opened_and_linked)
    with tw.open(path) as model, pytest.raises(FileNotFoundError):
        model["w"]
