"""Where `Model.save` puts the elements, and what becomes of the files that were there."""

import os
import shutil
from itertools import pairwise

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
from onnx_models import external, helper, identity, numpy_helper, onnx  # noqa: E402
from onnx_reading import check_same, externals, names_in, saved  # noqa: E402

import tensorwire as tw  # noqa: E402

LARGE = np.arange(5000, dtype=np.float32).reshape(50, 100)
SMALL = np.arange(3, dtype=np.int64)


@pytest.fixture
def folder(tmp_path):
    """A model with large and small weights inside, in typed fields, in two files, and in a node."""
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "w.bin").write_bytes(bytes(64) + LARGE.tobytes() + SMALL.tobytes())
    (tmp_path / "in" / "sub" / "v.bin").write_bytes((LARGE * 2).tobytes())
    typed = helper.make_tensor("typed", onnx.TensorProto.INT64, (200,), range(200))
    value = numpy_helper.from_array(LARGE, "value")
    tensors = [
        ("large", LARGE), ("small", SMALL), typed,
        external("one", "w.bin", LARGE, offset=64, length=LARGE.nbytes),
        external("again", "w.bin", LARGE, offset=64, length=LARGE.nbytes),
        external("three", "w.bin", SMALL, offset=64 + LARGE.nbytes),
        external("two", "sub/v.bin", LARGE),
        helper.make_tensor("text", onnx.TensorProto.STRING, (2,), ["a", "b" * 5000]),
    ]  # fmt: skip
    nodes = [helper.make_node("Constant", [], ["c"], value=value), identity("large")]
    saved(tmp_path / "in", tensors, nodes)
    (tmp_path / "out").mkdir()
    return tmp_path


def test_each_stays_where_it_is(folder):
    m = tw.open(folder / "in" / "model.onnx")
    m.save(folder / "out" / "other.onnx")
    assert names_in(folder / "out") == ["other.onnx", "sub/v.bin", "w.bin"]
    for name in ("sub/v.bin", "w.bin"):
        assert (folder / "out" / name).read_bytes() == (folder / "in" / name).read_bytes()
    assert (folder / "out" / "other.onnx").read_bytes() == m.root.SerializeToString()
    check_same(folder / "out" / "other.onnx", m)
    assert externals(folder / "out" / "other.onnx") == externals(folder / "in" / "model.onnx")


def test_files_that_are_there_are_left_alone(folder):
    m = tw.open(folder / "in" / "model.onnx")
    before = {p: p.stat() for p in (folder / "in").rglob("*.bin")}
    m["large"] = LARGE * 3
    m.save(folder / "in" / "other.onnx")
    m.save(folder / "in" / "model.onnx")
    assert {p: p.stat() for p in before} == before
    assert names_in(folder / "in") == ["model.onnx", "other.onnx", "sub/v.bin", "w.bin"]
    check_same(folder / "in" / "other.onnx", m)
    check_same(folder / "in" / "model.onnx", m)
    m.save(os.path.relpath(folder / "in" / "x.onnx"))
    check_same(folder / "in" / "x.onnx", m)


def test_files_of_other_models_are_replaced(folder):
    (folder / "out" / "w.bin").write_bytes(b"of another model")
    m = tw.open(folder / "in" / "model.onnx")
    m.save(folder / "out" / "model.onnx")
    check_same(folder / "out" / "model.onnx", m)


def test_a_replaced_tensor_is_inside_and_its_file_goes_no_further(folder):
    m = tw.open(folder / "in" / "model.onnx")
    m["two"] = SMALL
    assert [path.name for path in m.files] == ["model.onnx", "w.bin"]
    m.save(folder / "out" / "model.onnx")
    assert names_in(folder / "out") == ["model.onnx", "w.bin"]
    check_same(folder / "out" / "model.onnx", m)


def test_all_in_one_file(folder):
    m = tw.open(folder / "in" / "model.onnx")
    m.save(folder / "out" / "model.onnx", external="inline")
    assert names_in(folder / "out") == ["model.onnx"] and externals(folder / "out/model.onnx") == {}
    loaded = check_same(folder / "out" / "model.onnx", m)
    assert not any(t.external_data or t.data_location for t in loaded.graph.initializer)
    assert externals(folder / "in" / "model.onnx")
    m.save(folder / "in" / "model.onnx", external="inline")
    assert m.tensors["two"].file.endswith("v.bin")
    check_same(folder / "in" / "model.onnx", m)


@pytest.mark.parametrize("align", [1, 64, 4096])
@pytest.mark.parametrize("threshold", [0, 24, 25, 1024, 10**6])
def test_a_file_of_its_own(folder, threshold, align):
    m = tw.open(folder / "in" / "model.onnx")
    path = folder / "out" / "model.onnx"
    m.save(path, external="w.data", threshold=threshold, align=align)
    outside = externals(path)
    sizes = {name: m.tensors[name].nbytes for name in m if name not in ("text", "c")}
    expected = {name for name, nbytes in sizes.items() if nbytes >= threshold}
    assert set(outside) == expected
    assert names_in(folder / "out") == ["model.onnx", "w.data"] if expected else ["model.onnx"]
    assert all(at % align == 0 and name == "w.data" for name, at, _ in outside.values())
    check_same(path, m)
    if outside:
        assert outside["one"] == outside["again"]
        stop = max(at + nbytes for _, at, nbytes in outside.values())
        assert (folder / "out" / "w.data").stat().st_size == stop
        ranges = sorted({(at, at + nbytes) for _, at, nbytes in outside.values() if nbytes})
        assert all(a[1] <= b[0] for a, b in pairwise(ranges))


def test_twice_is_the_same_and_once_more_from_what_was_saved(folder):
    path = folder / "out" / "model.onnx"
    with tw.open(folder / "in" / "model.onnx") as m:
        m["small"] = LARGE
        m.save(path, external="w.data")
        once = path.read_bytes(), (folder / "out" / "w.data").read_bytes()
        m.save(path, external="w.data")
        assert once == (path.read_bytes(), (folder / "out" / "w.data").read_bytes())
    with tw.open(path, mode="map") as m:
        held = m["two"]
        for _ in range(2):  # over the files that are mapped
            m.save(path, external="w.data")
            assert once == (path.read_bytes(), (folder / "out" / "w.data").read_bytes())
        m["one"] = LARGE * 7
        m.save(path, external="w.data")
        assert np.array_equal(held, LARGE * 2) and np.array_equal(m["again"], LARGE)
        check_same(path, m)


def test_a_smaller_file_takes_the_place_of_its_own_source(folder):
    path = folder / "out" / "model.onnx"
    tw.open(folder / "in" / "model.onnx").save(path, external="w.data", threshold=0)
    m = tw.open(path, mode="map")
    assert m["one"].any()
    m["two"] = m["one"] = SMALL
    m.save(path, external="w.data")
    assert np.array_equal(m["again"], LARGE)  # the old file lives as long as it is mapped
    check_same(path, m)


def test_links_are_replaced_and_data_behind_links_is_carried(folder):
    """As download caches have it: a folder of links to files elsewhere."""
    cache = folder / "cache"
    cache.mkdir()
    for name in ("model.onnx", "w.bin"):
        shutil.copy(folder / "in" / name, folder / name)
        (cache / name).symlink_to(folder / name)
    (cache / "sub").mkdir()
    shutil.copy(folder / "in/sub/v.bin", cache / "sub")
    m = tw.open(cache / "model.onnx")
    m["small"] = SMALL + 1
    m.save(cache / "model.onnx")
    assert not (cache / "model.onnx").is_symlink() and not (cache / "w.bin").is_symlink()
    check_same(cache / "model.onnx", m)
    assert (folder / "w.bin").read_bytes() == (folder / "in" / "w.bin").read_bytes()


def test_a_folder_that_leads_elsewhere_is_refused(folder):
    (folder / "out" / "sub").symlink_to(folder / "in" / "sub")
    m = tw.open(folder / "in" / "model.onnx")
    m["small"] = SMALL + 1
    with pytest.raises(tw.ContainmentError, match="outside"):
        m.save(folder / "out" / "model.onnx")
    assert names_in(folder / "out") == []


def test_from_memory(folder):
    data = (folder / "in" / "model.onnx").read_bytes()
    m = tw.from_buffer(data, base=folder / "in")
    m.save(folder / "out" / "a.onnx")
    check_same(folder / "out" / "a.onnx", m)
    m.save(folder / "out" / "b.onnx", external="b.data")
    check_same(folder / "out" / "b.onnx", m)
    with pytest.raises(tw.ContainmentError, match="no base folder"):
        tw.from_buffer(data).save(folder / "out" / "c.onnx", external="inline")


@pytest.mark.parametrize("options", [{}, {"external": "inline"}, {"external": "w.data"}])
def test_somebody_watches(folder, options):
    seen = []
    with tw.open(folder / "in" / "model.onnx") as m:
        m.save(folder / "out/m.onnx", progress=lambda *amounts: seen.append(amounts), **options)
    done, totals = zip(*seen, strict=True)
    assert set(totals) == {sum(path.stat().st_size for path in (folder / "out").rglob("*.*"))}
    assert done[-1] == totals[0] and list(done) == sorted(done)
