"""coremltools' spec tools on our messages: a network built, saved, loaded, and its weights."""

import os
import subprocess
import sys
import textwrap

import pytest

pytest.importorskip("coremltools")

BUILD = """
    import sys, warnings
    from tensorwire import proto

    report = proto.install(only=["coremltools.proto.*"]) if sys.argv[1] == "ours" else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import coremltools as ct
        from coremltools.models import datatypes
        from coremltools.models.neural_network import NeuralNetworkBuilder
        from coremltools.models.utils import load_spec, save_spec
        from coremltools.proto import Model_pb2
    import numpy as np

    if report:
        assert "coremltools.proto.Model_pb2" in report.active and report.too_late == ()
        assert proto.message_class(Model_pb2.Model) is Model_pb2.Model

    rng = np.random.default_rng(1)
    builder = NeuralNetworkBuilder(
        [("x", datatypes.Array(3))], [("y", datatypes.Array(4))], disable_rank5_shape_mapping=True)
    weight = rng.random((4, 3), dtype=np.float32)
    builder.add_inner_product("dense", weight, np.zeros(4, "f"), 3, 4, True, "x", "h")
    builder.add_activation("relu", "RELU", "h", "y")
    builder.spec.description.metadata.author = "nobody"
    builder.spec.description.metadata.userDefined["key"] = "value"
    save_spec(builder.spec, "m.mlmodel")
    spec = load_spec("m.mlmodel")
    assert spec == builder.spec and type(spec) is Model_pb2.Model
    assert spec.WhichOneof("Type") == "neuralNetwork"
    layer = spec.neuralNetwork.layers[0]
    assert layer.WhichOneof("layer") == "innerProduct"
    assert np.array_equal(np.array(layer.innerProduct.weights.floatValue, "f"), weight.reshape(-1))
    ct.utils.rename_feature(spec, "x", "input")
    assert spec.description.input[0].name == layer.input[0] == "input"
    ct.utils.convert_double_to_float_multiarray_type(spec)
    print(spec.SerializeToString(deterministic=True).hex())
"""


def build(folder, whose: str) -> str:
    (folder / "build.py").write_text(textwrap.dedent(BUILD))
    done = subprocess.run(
        [sys.executable, "build.py", whose],
        cwd=folder, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_a_spec_is_the_same_with_either_worlds_classes(tmp_path):
    for whose in ("ours", "theirs"):
        (tmp_path / whose).mkdir()
    ours = build(tmp_path / "ours", "ours")
    assert ours == build(tmp_path / "theirs", "theirs") and len(ours) > 100
    saved = [(tmp_path / whose / "m.mlmodel").read_bytes() for whose in ("ours", "theirs")]
    assert saved[0] == saved[1]
