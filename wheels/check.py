"""Tries the tensorwire installed beside this interpreter on a small ONNX model.

    python -I wheels/check.py

``-I`` keeps the source tree and PYTHONPATH out. Needs nothing but tensorwire and what it pulls in.
The model is written here, byte by byte, so that no other library has a say in it.
"""

import struct
import sys
import sysconfig
import tempfile
from pathlib import Path

WEIGHT = [[1.0, -2.5, 0.0], [3.25, 4.0, -0.125]]
BIAS = [7, -1, 2**40]


def varint(value: int) -> bytes:
    """Base 128, least significant group first; negative numbers take ten bytes."""
    value &= 2**64 - 1
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def block(field: int, payload: bytes | str) -> bytes:
    """A string, bytes or message field."""
    data = payload.encode() if isinstance(payload, str) else payload
    return varint(field << 3 | 2) + varint(len(data)) + data


def tensor_head(name: str, dims: list[int], data_type: int) -> bytes:
    """TensorProto: dims 1, data_type 2, name 8; what holds the elements follows."""
    sizes = b"".join(number(1, size) for size in dims)
    return sizes + number(2, data_type) + block(8, name)


def value_info(name: str, dims: list[int], element: int) -> bytes:
    """ValueInfoProto: name 1, type 2 { tensor_type 1 { elem_type 1, shape 2 { dim 1 } } }."""
    shape = b"".join(block(1, number(1, size)) for size in dims)
    return block(1, name) + block(2, block(1, number(1, element) + block(2, shape)))


def model_bytes() -> bytes:
    """ModelProto of ``y = x @ weight``; FLOAT is data type 1, INT64 is 7 (onnx.proto)."""
    flat = [value for row in WEIGHT for value in row]
    weight = tensor_head("weight", [2, 3], 1) + block(9, struct.pack("<6f", *flat))
    bias = tensor_head("bias", [3], 7) + block(7, b"".join(map(varint, BIAS)))
    node = block(1, "x") + block(1, "weight") + block(2, "y") + block(3, "mm") + block(4, "MatMul")
    graph = block(1, node) + block(2, "small") + block(5, weight) + block(5, bias)
    graph += block(11, value_info("x", [1, 2], 1)) + block(12, value_info("y", [1, 3], 1))
    opset = block(8, number(2, 17))
    return number(1, 8) + block(2, "tensorwire-check") + block(7, graph) + opset


def require(holds: bool, claim: str) -> None:
    if not holds:
        raise SystemExit(f"wheels/check.py: not so: {claim}")


def check_model(path: Path) -> None:
    import tensorwire

    folder = Path(sysconfig.get_path("platlib")).resolve()
    require(folder in Path(tensorwire.__file__).resolve().parents, f"tensorwire lies in {folder}")
    with tensorwire.open(path) as model:
        require(model.format == "onnx", "the format is onnx")
        require(list(model) == ["weight", "bias"], "the tensors are weight and bias")
        require(model.graph.nodes[0].op_type == "MatMul", "the graph has its one node")
        require("numpy" not in sys.modules, "nothing imported NumPy before an array was asked for")
        weight, bias = model["weight"], model["bias"]
    require(weight.tolist() == WEIGHT and weight.dtype == "float32", "weight has its values")
    require(not weight.flags.writeable, "weight is a read-only view")
    require(bias.tolist() == BIAS and bias.dtype == "int64", "bias has its values")
    try:
        tensorwire.from_buffer(path.read_bytes()[:-3])
    except tensorwire.DecodeError:
        pass
    else:
        require(False, "a truncated model raises DecodeError")


def check_messages() -> None:
    """Builds, edits and serialises messages, where upstream's Protobuf is not installed."""
    import tensorwire

    with tensorwire.from_buffer(model_bytes()) as model:
        root = model.root
        root.graph.node[0].name = "first"
        root.graph.initializer[0].dims[:] = [3, 2]
        built = type(root)(ir_version=8, graph={"name": "built"})
    built.graph.node.add().CopyFrom(root.graph.node[0])
    again = type(root).FromString(built.SerializeToString())
    require(again == built and again.graph.node[0].name == "first", "a built message reads back")
    changed = tensorwire.from_buffer(root.SerializeToString())
    require(changed.tensors["weight"].shape == (3, 2), "a changed model has the new shape")


def check_columns() -> None:
    """Fields of encoded models as arrays and back, where no library of Arrow is installed."""
    import tensorwire
    from tensorwire import proto

    with tensorwire.from_buffer(model_bytes()) as model:
        kind = type(model.root)
    paths = ["graph.node.op_type", "graph.initializer.dims"]
    columns = proto.decode_batch([model_bytes(), None], kind, paths)
    names, dims = (columns[path] for path in paths)
    require(names.to_pylist() == [["MatMul"], None], "the operator is a string in a column")
    require(dims.to_pylist() == [[[2, 3], [3]], None], "the shapes are lists in lists")
    require(dims.values.tolist() == [2, 3, 3], "values lie flat")
    again = proto.decode_batch(proto.encode_batch({"producer_name": ["a"]}, kind)[0], kind)
    require(again["producer_name"].to_pylist() == ["a"], "what columns are encoded to reads back")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(model_bytes())
        check_model(path)
    check_messages()
    check_columns()
    version = sys.version.split()[0]
    print(f"opened, changed, decoded {len(model_bytes())} bytes of a model on Python {version}")


if __name__ == "__main__":
    main()
