"""Models made with LiteRT's own object classes, of whatever a test needs.

`ai_edge_litert.schema_py_generated` is flatc's output for the newest schema; nothing of ours takes
part in writing.
"""

import numpy as np
import pytest

flatbuffers = pytest.importorskip("flatbuffers")
schema = pytest.importorskip("ai_edge_litert.schema_py_generated")

TYPES = {name: number for name, number in vars(schema.TensorType).items() if name[0] != "_"}
CODES = {name: number for name, number in vars(schema.BuiltinOperator).items() if name[0] != "_"}
OPTIONS = vars(schema.BuiltinOptions)
OPTIONS_2 = vars(schema.BuiltinOptions2)
PLACEHOLDER = 127


def made(kind, **fields):
    """An object of the class ``<kind>T`` with those attributes."""
    found = getattr(schema, f"{kind}T")()
    for name, value in fields.items():
        assert hasattr(found, name), f"{kind} has no {name}"
        setattr(found, name, value)
    return found


def buffer(data=None, **fields):
    """A Buffer of those bytes; None: of none."""
    if data is not None:
        data = np.frombuffer(bytes(data), np.uint8)
    return made("Buffer", data=data, **fields)


def operator(code, inputs, outputs, options=None, options_2=None, **fields):
    """(name or number of the operator, Operator); a name that is not builtin is custom."""
    found = made("Operator", inputs=list(inputs), outputs=list(outputs), **fields)
    if options is not None:
        found.builtinOptions = options
        found.builtinOptionsType = OPTIONS[type(options).__name__.removesuffix("T")]
    if options_2 is not None:
        found.builtinOptions2 = options_2
        found.builtinOptions2Type = OPTIONS_2[type(options_2).__name__.removesuffix("T")]
    return code, found


def tensor(name, shape=(), kind="FLOAT32", buffer=0, **fields):
    """A Tensor; kind is the name of an element type, or a number."""
    number = TYPES[kind] if isinstance(kind, str) else kind
    shape = None if shape is None else list(shape)
    fields.setdefault("hasRank", True)
    return made("Tensor", name=name, shape=shape, type=number, buffer=buffer, **fields)


def subgraph(tensors, operators=(), inputs=(), outputs=(), name="main"):
    """(SubGraph, its operators with their codes)"""
    found = made(
        "SubGraph", tensors=list(tensors), inputs=list(inputs), outputs=list(outputs), name=name
    )
    return found, list(operators)


def model(subgraphs, buffers=(), **fields):
    """A Model; operator codes are made of what its operators need. Buffer 0 is added."""
    codes, graphs = [], []
    for graph, operators in subgraphs:
        graph.operators = []
        for code, each in operators:
            if code not in codes:
                codes.append(code)
            each.opcodeIndex = codes.index(code)
            graph.operators.append(each)
        graphs.append(graph)
    fields.setdefault("version", 3)
    return made(
        "Model", subgraphs=graphs, buffers=[buffer(), *buffers],
        operatorCodes=[operator_code(code) for code in codes], **fields,
    )  # fmt: skip


def operator_code(code):
    if isinstance(code, int):
        number, custom = code, None
    else:
        number = CODES.get(code, CODES["CUSTOM"])
        custom = None if code in CODES else code
    return made(
        "OperatorCode", builtinCode=number, deprecatedBuiltinCode=min(number, PLACEHOLDER),
        customCode=custom, version=1,
    )  # fmt: skip


def packed(model):
    """The bytes of a Model."""
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def constants(*arrays, kind="FLOAT32", shape=None, **fields):
    """The bytes of a model whose tensors ``t0``, ``t1``, ... have those buffers."""
    tensors = [
        tensor(f"t{i}", (len(data),) if shape is None else shape, kind, i + 1, **fields)
        for i, data in enumerate(arrays)
    ]
    return packed(model([subgraph(tensors)], [buffer(data) for data in arrays]))


def one(data, kind="FLOAT32", shape=None, **fields):
    """The bytes of a model of one constant, ``t0``."""
    return constants(data, kind=kind, shape=shape, **fields)


def strings(*values):
    """A buffer of strings. Source: LiteRT ``tflite/string_util.h``."""
    ends = np.cumsum([4 * (len(values) + 2), *map(len, values)], dtype="<i4")
    return np.int32(len(values)).tobytes() + ends.tobytes() + b"".join(values)
