"""``m["w"] = array``: every element type, every way the old elements may be stored."""

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
import ml_dtypes  # noqa: E402
from onnx_models import external, helper, identity, model, numpy_helper, onnx, values  # noqa: E402
from onnx_reading import check_same, elements, same, saved  # noqa: E402

import tensorwire as tw  # noqa: E402
from tensorwire.formats.onnx.element_types import element_type  # noqa: E402

STRING = onnx.TensorProto.STRING
NUMBERS = [n for n in range(1, 29) if n != STRING]
NEW = values((4, 5), np.float64)


def of_type(number, shape=(3, 7)):
    """An array of that DataType with all kinds of bits in it."""
    dtype = element_type(number)
    raw = np.random.default_rng(number).integers(0, 256, (*shape, dtype.itemsize), dtype=np.uint8)
    raw &= 2 ** min(dtype.bits, 8) - 1 if dtype.name != "bool" else 1
    return raw.view(dtype.numpy).reshape(shape)


def stored_as(kind, folder):
    """A model whose tensor ``w`` is stored in some way."""
    (folder / "w.bin").write_bytes(values().tobytes())
    nodes = None
    if kind == "raw":
        tensor = numpy_helper.from_array(values(), "w")
    elif kind == "typed":
        tensor = helper.make_tensor("w", onnx.TensorProto.FLOAT, (2, 3), values().ravel())
    elif kind == "varints":
        tensor = helper.make_tensor("w", onnx.TensorProto.INT32, (2, 3), range(6))
    elif kind == "strings":
        tensor = helper.make_tensor("w", STRING, (2,), ["a", "b"])
    elif kind == "external":
        tensor = external("w", "w.bin")
    elif kind == "empty":
        tensor = numpy_helper.from_array(np.zeros((0, 3), np.float32), "w")
    else:
        value = numpy_helper.from_array(values(), "inside")
        nodes = [helper.make_node("Constant", [], ["w"], value=value), identity()]
    return saved(folder, [] if nodes else [tensor], nodes)


KINDS = ("raw", "typed", "varints", "strings", "external", "empty", "constant")


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_was_stored(kind, tmp_path):
    path = stored_as(kind, tmp_path)
    m = tw.open(path)
    assert m.tensors["w"].shape != NEW.shape
    m["w"] = NEW
    t = m.tensors["w"]
    assert np.array_equal(m["w"], NEW) and t.dtype == np.float64 and t.shape == (4, 5)
    assert (t.name, t.nbytes, t.available, t.file) == ("w", NEW.nbytes, True, None)
    assert bytes(t.raw) == NEW.tobytes() == t.tobytes() and not m["w"].flags.writeable
    assert list(m) == ["w"] and len(m) == 1
    m.save(tmp_path / "new.onnx")
    m.save(path)
    for each in (tmp_path / "new.onnx", path):
        loaded = check_same(each, m)
        assert kind != "constant" or loaded.graph.node[0].attribute[0].t.name == "inside"
    assert np.array_equal(m["w"], NEW)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("placed", [None, "w.data"])
def test_every_element_type(number, placed, tmp_path):
    m = tw.open(saved(tmp_path, [("w", values()), ("other", values())]))
    for shape in ((3, 7), (), (0,), (1,)):
        array = of_type(number, shape)
        m["w"] = array
        assert m.tensors["w"].dtype == element_type(number) and same(m["w"], array)
        path = tmp_path / "new.onnx"
        m.save(path, external=placed, threshold=1)
        assert same(tw.load_file(path)["w"], array)
        (message, _) = onnx.load(path).graph.initializer
        assert (message.data_type, tuple(message.dims)) == (number, shape)
        theirs = elements(message, tmp_path)
        if theirs is None:
            assert number in (27, 28)  # onnx 1.22 does not know six bits
        else:
            assert same(array, theirs)


def test_text(tmp_path):
    m = tw.open(saved(tmp_path, [("w", values())]))
    for given, expected in (
        (["a", "ä"], ["a", "ä"]),
        (np.array([[b"\xff"], ["x"]], dtype=object), [["\udcff"], ["x"]]),
        (np.array("one"), "one"),
    ):
        m["w"] = given
        assert m["w"].tolist() == expected and m.tensors["w"].dtype == "string"
        m.save(tmp_path / "new.onnx", external="w.data", threshold=0)
        assert tw.load_file(tmp_path / "new.onnx")["w"].tolist() == expected
    assert not (tmp_path / "w.data").exists()


def test_nothing_is_copied_and_later_changes_show(tmp_path):
    m = tw.open(saved(tmp_path, [("w", values())]))
    array = values((3, 3))
    m["w"] = array
    assert np.shares_memory(m["w"], array)
    array[1, 1] = -5
    assert m["w"][1, 1] == -5
    m.save(tmp_path / "new.onnx")
    assert tw.load_file(tmp_path / "new.onnx")["w"][1, 1] == -5
    held = m["w"]
    m["w"] = values()
    assert np.array_equal(held, array)
    m["w"] = array.copy()
    array[1, 1] = 7
    assert m["w"][1, 1] == -5


def test_one_tensor_of_another_model(samples, tmp_path):
    m = tw.open(saved(tmp_path, [("w", values())]))
    with tw.open(samples / "inline.onnx") as other:
        expected = other["W"].copy()
        m["w"] = other.tensors["W"]
    m.save(tmp_path / "new.onnx")
    assert np.array_equal(tw.load_file(tmp_path / "new.onnx")["w"], expected)


def test_what_does_not_fit(tmp_path):
    path = saved(tmp_path, [("w", values())])
    m = tw.open(path)
    with pytest.raises(KeyError, match="near: 'w'"):
        m["ww"] = values()
    for bad in (np.zeros(1, ml_dtypes.float8_e4m3), np.zeros(1, "M8[s]"), np.zeros(1, "V2")):
        with pytest.raises(tw.UnsupportedError, match="type for"):
            m["w"] = bad
    for bad in (np.array([None]), object()):
        with pytest.raises(TypeError):
            m["w"] = bad
    with pytest.raises(ValueError, match=r"inhomogeneous|sequence"):
        m["w"] = [[1, 2], [3]]
    assert np.array_equal(m["w"], values())
    m.save(path)
    assert np.array_equal(tw.load_file(path)["w"], values())
    m.close()
    with pytest.raises(ValueError, match="closed"):
        m["w"] = values()


def test_declared_types_follow(tmp_path):
    """IR below 4 declares each initializer as an input; a value may be declared anywhere."""
    declared = helper.make_tensor_value_info("w", onnx.TensorProto.FLOAT, (2, 3))
    constant = helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(values()))
    proto = model([("w", values())], [constant, identity("c", "d"), identity()], inputs=[declared])
    proto.graph.value_info.append(helper.make_tensor_value_info("c", 1, (2, 3)))
    proto.graph.value_info.append(helper.make_tensor_value_info("d", 1, (2, 3)))
    proto.graph.output[0].type.ClearField("value")
    path = tmp_path / "m.onnx"
    path.write_bytes(proto.SerializeToString())
    m = tw.open(path)
    m["w"] = m["c"] = NEW
    m.save(path)
    graph = check_same(path, m, checked=False).graph
    for value, number, shape in (
        (graph.input[0], 11, [4, 5]), (graph.value_info[0], 11, [4, 5]),
        (graph.value_info[1], 1, [2, 3]),
    ):  # fmt: skip
        tensor_type = value.type.tensor_type
        assert tensor_type.elem_type == number
        assert [dim.dim_value for dim in tensor_type.shape.dim] == shape
    assert [(v.name, v.shape) for v in m.graph.inputs] == [("w", (4, 5))]


def test_an_old_model_stays_valid(samples, tmp_path):
    m = tw.open(samples / "ir3_inputs.onnx")
    name = next(n for n in m if m[n].ndim == 2)
    m[name] = m[name].astype(np.float32) * 2
    m.save(tmp_path / "new.onnx")
    check_same(tmp_path / "new.onnx", m)


def test_parts_of_sparse_tensors_keep_their_shape(samples, tmp_path):
    m = tw.open(samples / "sparse_coo.onnx")
    name = next(n for n, t in m.tensors.items() if t.path.endswith(".values"))
    indices = next(n for n, t in m.tensors.items() if t.path.endswith(".indices"))
    new = np.arange(m[name].size, dtype=np.float64)
    m[name] = new
    with pytest.raises(tw.UnsupportedError, match="keeps its shape"):
        m[name] = np.zeros(m[name].size + 1)
    with pytest.raises(tw.UnsupportedError, match="keep their type"):
        m[indices] = m[indices].astype(np.int32)
    m[indices] = m[indices].copy()
    m.save(tmp_path / "new.onnx")
    check_same(tmp_path / "new.onnx", m)
    assert np.array_equal(tw.load_file(tmp_path / "new.onnx")[name], new)


def test_nested_graphs_and_functions(samples, tmp_path):
    m = tw.open(samples / "nested_if.onnx")
    assert any(t.scope for t in m.tensors.values())
    for name in m:
        m[name] = m[name] + m[name].dtype.type(1)
    m.save(tmp_path / "new.onnx")
    check_same(tmp_path / "new.onnx", m)
    value = numpy_helper.from_array(values(), "v")
    function = helper.make_function(
        "custom", "F", [], ["o"], [helper.make_node("Constant", [], ["o"], value=value)],
        [helper.make_opsetid("", 21)],
    )  # fmt: skip
    call = helper.make_node("F", [], ["y"], domain="custom")
    m = tw.open(saved(tmp_path, [], [call], functions=[function]))
    m["o"] = NEW
    m.save(tmp_path / "new.onnx")
    assert np.array_equal(tw.load_file(tmp_path / "new.onnx")["o"], NEW)


@pytest.mark.parametrize("kind", ["tensor", "sequence"])
def test_test_data(kind, tmp_path):
    path, tensor = tmp_path / "x.pb", numpy_helper.from_array(values(), "x")
    if kind == "sequence":
        tensor = numpy_helper.from_list([values(), values() + 1], "x")
    path.write_bytes(tensor.SerializeToString())
    m = tw.open(path)
    name = list(m)[-1]
    m[name] = NEW.astype(np.float32)
    m.save(path)
    assert np.array_equal(tw.load_file(path)[name], NEW)
    loaded = type(tensor).FromString(path.read_bytes())
    read = numpy_helper.to_array(loaded) if kind == "tensor" else numpy_helper.to_list(loaded)[1]
    assert np.array_equal(read, NEW) and loaded.name == "x"
    with pytest.raises(tw.UnsupportedError, match="no external data"):
        m.save(path, external="w.data")
