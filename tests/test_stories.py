"""User stories of changing, saving and drop-in classes, on models made here and on the samples."""

import os
import pickle
import shutil
from pathlib import Path

import google.protobuf.message
import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

import tensorwire as tw
from proto.generated import EVENT, run_program, write_module
from tensorwire import proto

FLOAT = onnx.TensorProto.FLOAT


def model(rows: int, columns: int) -> onnx.ModelProto:
    """``c = a @ W + B``, valid by the checker."""
    random = np.random.default_rng(7)
    weights = {"W": random.random((rows, columns), "f4"), "B": random.random(columns, "f4")}
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["a", "W"], ["p"]), helper.make_node("Add", ["p", "B"], ["c"])],
        "two nodes",
        [helper.make_tensor_value_info("a", FLOAT, ["N", rows])],
        [helper.make_tensor_value_info("c", FLOAT, ["N", columns])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Models laid out as the samples are."""
    folder = tmp_path_factory.mktemp("data") / "onnx"
    (folder / "ext_many").mkdir(parents=True)
    onnx.save(model(48, 32), folder / "inline.onnx")
    onnx.save(
        model(40, 24), folder / "ext_many/model.onnx",
        save_as_external_data=True, all_tensors_to_one_file=False, size_threshold=0,
    )  # fmt: skip
    return folder.parent


@pytest.fixture(params=["made", "samples"])
def models(request):
    found = request.getfixturevalue(request.param)
    return found.parent if request.param == "samples" else found


@pytest.fixture
def data(made):
    return (made / "onnx/inline.onnx").read_bytes()


def test_arrays_outlive_the_model_and_saving_over_the_open_file_is_safe(models, tmp_path):
    p = shutil.copy(models / "onnx/inline.onnx", tmp_path)
    with tw.open(p) as m:
        name = next(iter(m))
        a = m[name]
        before = a.copy()
    with pytest.raises(ValueError, match="closed"):
        m[name]
    with tw.open(p, mode="read") as m:
        m.save(p)
    assert np.array_equal(a, before) and np.array_equal(tw.load_file(p)[name], before)
    assert tw.from_buffer(Path(p).read_bytes()).format == "onnx"


def test_change_one_weight_keep_data_external_save_twice_without_growth(models, tmp_path):
    m = tw.open(models / "onnx/ext_many/model.onnx")
    name = next(iter(m))
    m[name] = np.zeros_like(m[name])
    # The checker refuses files of a version after its own, which the samples may be.
    m.root.ir_version = min(m.root.ir_version, onnx.IR_VERSION)
    for _ in range(2):
        m.save(tmp_path / "out.onnx", external="w.data", align=4096)
    once = os.path.getsize(tmp_path / "w.data")
    m.save(tmp_path / "out.onnx", external="w.data", align=4096)
    assert os.path.getsize(tmp_path / "w.data") == once
    assert not np.any(tw.load_file(tmp_path / "out.onnx")[name])
    onnx.checker.check_model(str(tmp_path / "out.onnx"))
    assert {f.name for f in tw.open(tmp_path / "out.onnx").files} == {"out.onnx", "w.data"}


def test_one_error_has_three_names_and_survives_a_worker(models):
    bad = (models / "onnx/inline.onnx").read_bytes()[:-3]
    for kind in (tw.DecodeError, ValueError, google.protobuf.message.DecodeError):
        with pytest.raises(kind) as e:
            proto.message_class(onnx.ModelProto).FromString(bad)
    again = pickle.loads(pickle.dumps(e.value))
    assert again.offset == e.value.offset and again.path == e.value.path and e.value.path


def test_missing_weights_do_not_stop_inspection(models, tmp_path):
    p = shutil.copy(models / "onnx/ext_many/model.onnx", tmp_path)  # without its data files
    m = tw.open(p)
    t = next(iter(m.tensors.values()))
    assert t.shape and not t.available
    with pytest.raises(FileNotFoundError):
        t.numpy()
    assert not tw.validate(p).ok


def test_a_drop_in_class_without_global_effect(data):
    Fast = proto.message_class(onnx.ModelProto)  # noqa: N806  a class
    assert Fast is proto.message_class(onnx.ModelProto)
    m = Fast.FromString(data)
    m.graph.node[0].name = "first"
    assert onnx.load_from_string(m.SerializeToString()).graph.node[0].name == "first"
    up = onnx.ModelProto()
    with pytest.raises(TypeError):
        up.graph.node.append(m.graph.node[0])
    up.graph.node.append(proto.to_upstream(m.graph.node[0]))
    assert up.graph.node[0].name == "first"
    assert memoryview(proto.view(m.graph.initializer[0], "raw_data")).readonly


def test_install_is_scoped_reported_and_undone(tmp_path):
    write_module(tmp_path, EVENT)
    run_program(tmp_path, """
        import pickle
        from tensorwire import proto

        with proto.install(only=["event_pb2"]) as report:
            import event_pb2
            assert "event_pb2" in report.active and proto.installed()
            blob = pickle.dumps(event_pb2.Event(id=1))
        assert not proto.installed()
        assert event_pb2.Event(id=1).id == 1
        open("blob", "wb").write(blob)
    """)  # fmt: skip
    # A fresh process without install().
    run_program(tmp_path, """
        import pickle, sys
        event = pickle.loads(open("blob", "rb").read())
        assert event.id == 1 and "tensorwire" not in sys.modules
        assert type(event).__mro__[1].__module__ != "tensorwire._core.message"
    """)  # fmt: skip
