"""What the tools of onnx make of a model: with our classes, and in another process upstream's."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("onnx")

PROGRAM = """
import copy, hashlib, os, pickle, sys, warnings
if sys.argv[1] == "ours":
    from tensorwire import proto
    proto.install()
import numpy as np
import onnx
from onnx import (checker, compose, external_data_helper, helper, inliner, numpy_helper, parser,
                  printer, shape_inference, utils, version_converter)
from onnx.reference import ReferenceEvaluator

warnings.simplefilter("ignore")
weight = np.arange(12, dtype="f4").reshape(3, 4)
OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid("dom", 1)]

def told(message):
    print(hashlib.sha1(message.SerializeToString(deterministic=True)).hexdigest())

def info(name, *shape):
    return helper.make_tensor_value_info(name, 1, shape)

def model(p, inner=3):
    initializers = [numpy_helper.from_array(weight[:1].repeat(inner, 0), p + "w")]
    nodes = [helper.make_node("MatMul", [p + "x", p + "w"], [p + "h"]),
             helper.make_node("Relu", [p + "h"], [p + "y"])]
    graph = helper.make_graph(nodes, p + "g", [info(p + "x", None, inner)],
                              [info(p + "y", "N", 4)], initializers, doc_string="d")
    return helper.make_model(graph, opset_imports=OPSETS[:1], producer_name="p", ir_version=8)

m = model("")
print(str(m), repr(m), str(m.graph.node), printer.to_text(m), m.graph, sep="\\n")
checker.check_model(m, full_check=True)
for made in (m, shape_inference.infer_shapes(m), version_converter.convert_version(m, 18),
             compose.add_prefix(m, "a_"), copy.deepcopy(m), pickle.loads(pickle.dumps(m)),
             compose.merge_models(m, model("b_", 4), io_map=[("y", "b_x")])):
    told(made)
onnx.save(m, "m.onnx")
onnx.save(copy.deepcopy(m), "e.onnx", save_as_external_data=True, size_threshold=0, location="w")
apart = onnx.load("e.onnx", load_external_data=False)
external_data_helper.load_external_data_for_model(apart, ".")
print(apart == onnx.load("e.onnx") == m, os.path.getsize("w"))
for kind in ("textproto", "json", "onnxtxt"):
    onnx.save(m, "m." + kind)
    told(onnx.load("m." + kind))
utils.extract_model("m.onnx", "part.onnx", ["h"], ["y"])
told(onnx.load("part.onnx"))
told(parser.parse_model('<ir_version: 8, opset_import: ["" : 17]> g (float[N] x) => (float[N] y)'
                        ' { y = Relu(x) }'))
for kind in helper.get_all_tensor_dtypes():
    try:
        tensor = helper.make_tensor("t", kind, [2, 2], [1, 0, 1, 0])
        told(tensor)
        print(kind, numpy_helper.to_array(tensor).tolist())
    except Exception as error:
        print(kind, type(error).__name__)
node = helper.make_node("X", ["a"], ["b"], i=1, f=1.5, s="s", ints=[1, 2], fs=[1.0, 2.0], ss=["a"],
                        t=m.graph.initializer[0], g=m.graph, ts=[m.graph.initializer[0]])
told(node)
print([helper.get_attribute_value(attribute) for attribute in node.attribute])
values = numpy_helper.from_array(weight[0], "v"), numpy_helper.from_array(np.arange(4), "i")
told(helper.make_sparse_tensor(*values, [5]))
told(numpy_helper.from_list([weight, weight], "l"))
told(numpy_helper.from_dict({1: weight}, "d"))
function = helper.make_function("dom", "F", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])],
                                OPSETS[:1])
checker.check_function(function)
call = helper.make_node("F", ["x"], ["y"], domain="dom")
graph = helper.make_graph([call], "g", [info("x", 2)], [info("y", 2)])
whole = helper.make_model(graph, functions=[function], opset_imports=OPSETS, ir_version=8)
told(inliner.inline_local_functions(whole))
print(ReferenceEvaluator(m).run(None, {"x": np.ones((2, 3), "f4")})[0].tolist())
try:
    checker.check_model(helper.make_model(helper.make_graph([node], "g", [], [])))
except checker.ValidationError as error:
    print(error)
"""


def told(world, folder):
    folder.mkdir()
    paths = [path for path in sys.path if path and os.path.isdir(path)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, world], cwd=folder, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)}, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_tools_of_onnx_say_the_same_of_either_worlds_messages(tmp_path):
    ours, theirs = (told(world, tmp_path / world) for world in ("ours", "theirs"))
    assert len(theirs.splitlines()) > 90
    assert ours == theirs
