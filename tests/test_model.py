"""Model and Tensors over a format of the test's own: mapping, selection, closing, threads."""

import copy
import itertools
import os
import pickle
import re
import threading
import time

import pytest

np = pytest.importorskip("numpy")

import tensorwire as tw  # noqa: E402
from tensorwire._core.source import Source  # noqa: E402
from tensorwire.dtypes import dtype  # noqa: E402
from tensorwire.model import Model  # noqa: E402
from tensorwire.places import Span  # noqa: E402
from tensorwire.reader import Reader  # noqa: E402
from tensorwire.tensor import Tensor  # noqa: E402

NAMES = ["conv1.weight", "conv1.bias", "fc[0].weight", "a*b", "line\nbreak"]


class Bytes(Reader):
    """One tensor of one byte per name; counts what it is asked for."""

    format = "bytes"

    def __init__(self, names=NAMES):
        super().__init__(Source(bytes(range(len(names)))))
        self.names = names
        self.walked = 0

    def entries(self):
        for i, name in enumerate(self.names):
            self.walked += 1
            yield (
                name,
                lambda name=name, i=i: Tensor(name, dtype("uint8"), (), Span(self.source, i, 1)),
            )


def reopen(*names):
    return Model(Bytes(list(names)), lambda: (reopen, names))


@pytest.fixture
def model():
    return reopen(*NAMES)


def test_mapping(model):
    assert list(model) == list(model.keys()) == NAMES and len(model) == 5
    assert [int(array) for array in model.values()] == [0, 1, 2, 3, 4]
    assert dict(model.items())["a*b"] == 3 and model.get("none") is None
    assert "conv1.bias" in model and "none" not in model and 3 not in model


def test_always_true_and_compared_by_identity(model):
    assert model and reopen() and model == model and model != reopen(*NAMES)
    assert len({model, model, reopen(*NAMES)}) == 2


def test_what_a_format_does_not_have(model):
    assert model.graph is None and model.root is None and model.metadata == {}
    assert model.info == {"mode": "memory"} and model.files == []
    assert model.check_unchanged()


def test_near_names(model):
    with pytest.raises(KeyError, match=r"no tensor 'conv1.weigth'; near: 'conv1.weight'"):
        model["conv1.weigth"]
    with pytest.raises(KeyError) as caught:
        model["zzz"]
    assert "near" not in str(caught.value)


def test_absent_names_are_compared_when_somebody_reads_the_text(monkeypatch):
    model = reopen(*(f"block.{i}.weight" for i in range(100)))
    with monkeypatch.context() as patched:
        patched.setattr("difflib.get_close_matches", None)
        assert model.get("block.x.weight") is None and model.tensors.get("block.x.weight") is None
        with pytest.raises(KeyError) as caught:
            model["block.x.weight"]
    again = pickle.loads(pickle.dumps(caught.value))
    for error in (caught.value, again):
        assert "no tensor 'block.x.weight'; near: 'block." in str(error)


def test_an_interrupted_search_begins_anew():
    class Interrupted(Bytes):
        def entries(self):
            for i, entry in enumerate(super().entries()):
                if i == 3 and self.walked < 5:
                    raise KeyboardInterrupt
                yield entry

    model = Model(Interrupted(), lambda: (reopen, ()))
    with pytest.raises(KeyboardInterrupt):
        len(model)
    assert list(model) == NAMES and len(model) == len(NAMES)


def test_a_name_is_searched_as_far_as_it_is_found():
    reader = Bytes([f"t{i}" for i in range(200)])
    model = Model(reader, lambda: (reopen, ()))
    assert reader.walked == 0 and model["t9"] == 9 and reader.walked == 10
    assert model["t3"] == 3 and reader.walked == 10
    assert len(model) == 200 and reader.walked == 200 and model["t199"] == 199


@pytest.mark.parametrize(
    ("choice", "picked"),
    [
        ("conv1.*", ["conv1.weight", "conv1.bias"]),
        ("conv?.bias", ["conv1.bias"]),
        ("fc[0].weight", ["fc[0].weight"]),
        ("fc?0?.weight", ["fc[0].weight"]),
        ("a*b", ["a*b"]),
        ("***", NAMES),
        ("line*", ["line\nbreak"]),
        ("nothing", []),
        ("", []),
        (["*.bias", "fc*"], ["conv1.bias", "fc[0].weight"]),
        (re.compile(r"\d\.w"), ["conv1.weight"]),
        ([re.compile("^a"), "*.bias"], ["conv1.bias", "a*b"]),
        (lambda tensor: tensor.numpy() > 2, ["a*b", "line\nbreak"]),
        ([], []),
    ],
)
def test_select(model, choice, picked):
    chosen = model.tensors.select(choice)
    assert list(chosen) == picked
    assert [tensor.name for tensor in chosen.values()] == picked
    assert list(chosen.select("conv1.bias")) == [name for name in picked if name == "conv1.bias"]


def test_globs_agree_with_their_plain_meaning():
    """Against the pattern that tries all places, on every short glob and name."""
    names = ["".join(letters) for n in range(5) for letters in itertools.product("ab", repeat=n)]
    tensors = reopen(*names).tensors
    for letters in itertools.product("a*?", repeat=4):
        plain = re.compile("".join({"*": ".*", "?": "."}.get(c, c) for c in letters))
        assert list(tensors.select("".join(letters))) == list(filter(plain.fullmatch, names))


def test_names_cannot_make_a_glob_slow():
    tensors = reopen(".layers" * 20_000).tensors
    started = time.process_time()
    assert not list(tensors.select("*.layers*.layers*.layers.*?weight"))
    assert time.process_time() - started < 2


def test_select_by_something_else(model):
    with pytest.raises(TypeError, match="int"):
        model.tensors.select(3)
    with pytest.raises(TypeError, match="NoneType"):
        model.tensors.select(["a", None])


def test_stars_do_not_backtrack_forever(model):
    assert list(model.tensors.select("*" * 200 + "x")) == []


def test_close(model):
    tensors, tensor, array = model.tensors, model.tensors["a*b"], model["a*b"]
    model.close()
    model.close()
    assert array == 3 and tensor.numpy() == 3
    for use in (
        lambda: model["a*b"],
        lambda: model.tensors,
        lambda: tensors["a*b"],
        lambda: "a*b" in model,
        lambda: list(tensors),
        lambda: len(model),
        lambda: model.graph,
        lambda: model.info,
        lambda: model.files,
        lambda: model.root,
        lambda: model.save("x"),
        model.__enter__,
    ):
        with pytest.raises(ValueError, match="model is closed"):
            use()
    assert model and repr(model) == "<Model bytes, closed>"
    assert repr(tensors) == "<Tensors of a closed model>"


def test_repr(model):
    assert repr(model) == "<Model bytes in memory, 5 bytes>"
    assert repr(model.tensors) == "<5 tensors>"
    assert repr(model.tensors["line\nbreak"]) == "<Tensor 'line\\nbreak' uint8 []>"


def test_copies_are_models_of_their_own(model):
    again = copy.copy(model)
    model.close()
    assert again["a*b"] == 3 and again is not model


def test_threads_may_search_at_the_same_time():
    names = [f"t{i}" for i in range(250)]
    for _ in range(20):
        model, failed = reopen(*names), []

        def search(offset, model=model, failed=failed):
            for i in range(offset, 250, 7):
                if model[f"t{i}"] != i:
                    failed.append(i)

        threads = [threading.Thread(target=search, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed and list(model) == names


def test_save_replaces_a_link_and_follows_none(model, tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"precious")
    link.symlink_to(target)
    model.save(link)
    assert target.read_bytes() == b"precious" and not link.is_symlink()
    assert link.read_bytes() == bytes(range(5))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "target"]


def test_save_keeps_permissions_and_leaves_nothing_behind(model, tmp_path):
    path = tmp_path / "m"
    path.write_bytes(b"old")
    path.chmod(0o640)
    model.save(path)
    assert path.read_bytes() == bytes(range(5)) and path.stat().st_mode & 0o777 == 0o640
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        model.save(tmp_path / "folder")
    with pytest.raises(FileNotFoundError):
        model.save(tmp_path / "gone" / "m")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "m"]


def test_save_under_the_longest_name_and_under_bytes(model, tmp_path):
    path = tmp_path / ("m" * 255)
    model.save(path)
    model.save(os.fsencode(tmp_path / "b"))
    assert path.read_bytes() == (tmp_path / "b").read_bytes() == bytes(range(5))
    assert len(list(tmp_path.iterdir())) == 2


def test_what_replaces_a_private_file_is_private_while_it_is_written(model, tmp_path, monkeypatch):
    path, seen = tmp_path / "m", []
    path.write_bytes(b"old")
    path.chmod(0o4600)

    def write(descriptor, data):
        seen.append(os.fstat(descriptor).st_mode & 0o7777)
        return len(data)

    monkeypatch.setattr(os, "write", write)
    model.save(path)
    assert seen == [0o600] and path.stat().st_mode & 0o7777 == 0o600


def test_save_tells_how_far_it_is(model, tmp_path):
    seen = []
    model.save(tmp_path / "m", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(5, 5)]


def test_a_format_that_is_not_written(model, tmp_path):
    for name in ("a*b", "nothing of the kind"):
        with pytest.raises(tw.UnsupportedError, match="bytes models are not written"):
            model[name] = np.zeros(3)
    for external in ("inline", "w.data"):
        with pytest.raises(tw.UnsupportedError, match="no external data"):
            model.save(tmp_path / "m", external=external)
    assert list(tmp_path.iterdir()) == []


class Editable(Bytes):
    """Names can be changed; each entry knows whether it is still where it was."""

    writable = True

    def changed(self):
        return self.names != NAMES

    def entries(self):
        for i, (name, make) in enumerate(super().entries()):
            yield name, Entry(make, lambda i=i, name=name: self.names[i : i + 1] == [name])


class Entry:
    def __init__(self, make, is_current):
        self.is_current = is_current
        self.make = make

    def __call__(self):
        return self.make()


def test_names_of_a_changed_model_are_found_again(tmp_path):
    reader = Editable(list(NAMES))
    model = Model(reader, lambda: (reopen, NAMES))
    assert model["conv1.bias"] == 1 and reader.walked == 2
    reader.names[0], reader.names[4] = "first", "last"
    assert model["conv1.bias"] == 1 and reader.walked == 2  # still where it was
    assert model["first"] == 0 and model["last"] == 4
    assert "conv1.weight" not in model and "line\nbreak" not in model
    assert list(model) == ["first", *NAMES[1:4], "last"]
    del reader.names[1]
    assert len(model) == 4 and "conv1.bias" not in model and model["fc[0].weight"] == 1
    assert repr(model).endswith(", changed>")
    with pytest.raises(tw.UnsupportedError, match="was changed"):
        pickle.dumps(model)
    model.close()
    with pytest.raises(ValueError, match="closed"):
        len(model)


def test_a_loop_over_a_changed_model_walks_twice_at_most():
    names = [f"t{i}" for i in range(200)]
    reader = Editable(names)
    model = Model(reader, lambda: (reopen, names))
    for name in names:
        assert model[name] == names.index(name)
    assert [int(model[name]) for name in model] == list(range(200))
    assert reader.walked <= 400


def test_public_names():
    assert set(tw.__all__) <= set(dir(tw))
    for name in tw.__all__:
        assert getattr(tw, name).__name__ == name
    with pytest.raises(AttributeError, match="nonsense"):
        tw.nonsense
