"""Abuses of a TensorFlow Lite file, one sentence each, and the verdict."""

import io
import itertools
import time
import warnings
from contextlib import suppress

import numpy as np
import pytest
from tflite_models import (
    buffer,
    flatbuffers,
    made,
    model,
    operator,
    packed,
    schema,
    strings,
    subgraph,
    tensor,
)  # fmt: skip

import tensorwire as tw
from guard import Guarded, needs_guard_pages

flexbuffers = pytest.importorskip("flatbuffers.flexbuffers")


def use(data):
    """Everything a caller can ask of a model; what it raises must be a ModelError."""
    with tw.from_buffer(data, format="tflite") as found:
        for ask in (lambda: str(found.graph), lambda: found.info, lambda: found.metadata):
            with suppress(tw.ModelError):
                ask()
        found.files
        for name in found:
            with suppress(tw.ModelError, FileNotFoundError):
                t = found.tensors[name]
                repr(t), t.available, t.offset, t.aligned, t.quantization
                t.dequantize() if t.quantization else t.numpy()
                found[name], t.dtype == "string" or t.tobytes()
    tw.validate(io.BytesIO(data))


def small():
    """A model with one of most things, of about two kilobytes."""
    scales = made("QuantizationParameters", scale=[0.5, 1.0], zeroPoint=[1, 2])
    blocks = made("QuantizationParameters", detailsType=2, details=made(
        "BlockwiseQuantization", scales=1, zeroPoints=-1, blockSize=2))  # fmt: skip
    vector = made("Uint8Vector", values=np.array([0, 1], "u1"))
    sparse = made("SparsityParameters", traversalOrder=[0], blockMap=[], dimMetadata=[made(
        "DimensionMetadata", format=1, arraySegmentsType=3, arraySegments=vector,
        arrayIndicesType=3, arrayIndices=vector)])  # fmt: skip
    sparse.dimMetadata[0].arrayIndices = made("Uint8Vector", values=np.array([1], "u1"))
    held = [
        tensor("x", (2, 2), "INT8", 1, quantization=scales), tensor("s", (2, 1), "FLOAT32", 2),
        tensor("b", (2, 2), "INT4", 3, quantization=blocks), tensor("t", (2,), "STRING", 4),
        tensor("z", (3,), "INT8", 5, sparsity=sparse), tensor("e", (2,), externalBuffer=1),
        tensor("o", (1,), "UINT8", 6), tensor("y", (2,), shapeSignature=[-1]),
    ]  # fmt: skip
    buffers = [
        buffer(b"\1\2\3\4"), buffer(np.ones(2, "f4").tobytes()), buffer(b"\x21\x43"),
        buffer(strings(b"a", b"bc")), buffer(b"\7"), buffer(offset=40, size=1),
        buffer(b"1.5.0"),
    ]  # fmt: skip
    options = made("Conv2DOptions", padding=1)
    custom = np.frombuffer(bytes(flexbuffers.Dumps({"a": [1, 2.5], "b": "c"})), "u1")
    nodes = [
        operator("CONV_2D", [0, -1], [7], options),
        operator("Mine", [7], [1], customOptions=custom),
    ]  # fmt: skip
    return packed(
        model(
            [subgraph(held, nodes, [0], [7]), subgraph(held[:1], [], [0], [0], name="sub")],
            buffers, description="d", metadata=[made("Metadata", name="m", buffer=7)],
            signatureDefs=[made("SignatureDef", signatureKey="k", inputs=[
                made("TensorMap", name="i", tensorIndex=0)])],
            externalBufferGroups=[made("ExternalBufferGroup", name="w.bin")],
            externalBuffers=[made("ExternalBuffer", id=1, length=8)],
        )
    )  # fmt: skip


SMALL = small()


def test_the_model_that_is_abused_below():
    with tw.from_buffer(SMALL) as found:
        assert list(found) == ["x", "s", "b", "t", "z", "e", "o", "sub/x"]
        assert found["z"].tolist() == [0, 7, 0] and "custom::Mine[a=[1, 2.5]" in str(found.graph)
        assert found.tensors["b"].dequantize().tolist() == [[1, 2], [3, 4]]
    report = tw.validate(io.BytesIO(SMALL))
    assert {finding.kind for finding in report.findings} == {"containment"}  # there is no folder


def test_every_truncation():
    for stop in range(len(SMALL)):
        with suppress(tw.ModelError):
            use(SMALL[:stop])


def test_what_is_cut_short_says_where():
    for stop in range(8, len(SMALL) - 200, 7):
        with pytest.raises(tw.DecodeError) as caught:
            tw.from_buffer(SMALL[:stop])
        assert caught.value.path or caught.value.offset == 0
    with pytest.raises(tw.DecodeError):
        tw.from_buffer(SMALL[:8], format="tflite")


@pytest.mark.parametrize("chunk", range(8))
def test_every_change_of_one_byte(chunk):
    step = range(chunk, len(SMALL), 8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy on odd floats
        for at, value in itertools.product(step, (0, 1, 0x7F, 0x80, 0xFF)):
            changed = SMALL[:at] + bytes([value]) + SMALL[at + 1 :]
            with suppress(tw.ModelError):
                use(changed)


@needs_guard_pages
def test_nothing_is_read_outside():
    guarded = Guarded(len(SMALL))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for stop in range(8, len(SMALL), 3):
            with suppress(tw.ModelError):
                reader_of(guarded.at_end(SMALL[:stop]))
        for at in range(0, len(SMALL), 3):
            changed = SMALL[:at] + bytes([SMALL[at] ^ 0x81]) + SMALL[at + 1 :]
            with suppress(tw.ModelError):
                reader_of(guarded.at_end(changed))


def reader_of(data):
    """Reads everything where it lies: the source borrows."""
    from tensorwire._core.source import Source
    from tensorwire.formats import ReadOptions
    from tensorwire.formats.tflite import read
    from tensorwire.limits import DEFAULT

    reader = read(Source(data, borrow=True), ReadOptions(None, None, "auto", DEFAULT))
    for ask in (lambda: str(reader.graph()), reader.info, lambda: list(reader.findings(False))):
        with suppress(tw.ModelError):
            ask()
    for _, make in reader.entries():
        with suppress(tw.ModelError):
            make().numpy(), make().dequantize()


def test_an_eight_byte_file():
    for head in (b"\x18\0\0\0", b"\0\0\0\0", b"\4\0\0\0", b"\xff\xff\xff\xff"):
        with pytest.raises(tw.DecodeError):
            tw.from_buffer(head + b"TFL3", format="tflite")


def within(seconds, action):
    """What ``action`` gives or raises. Each abuse would take hours; sanitizers take a minute."""
    started = time.perf_counter()
    try:
        answer = action()
    except tw.ModelError as error:
        answer = error
    assert time.perf_counter() - started < seconds
    return answer


class Shared:
    """A model whose tables share one another, which the object classes cannot write."""

    def __init__(self):
        self.builder = flatbuffers.Builder(1 << 20)

    def table(self, kind, **offsets):
        """A table of that kind; numbers are slots' values, by the generated functions' names."""
        getattr(schema, f"{kind}Start")(self.builder)
        for name, value in offsets.items():
            getattr(schema, f"{kind}Add{name}")(self.builder, value)
        return getattr(schema, f"{kind}End")(self.builder)

    def vector(self, offsets):
        self.builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self.builder.PrependUOffsetTRelative(offset)
        return self.builder.EndVector()

    def numbers(self, values):
        return self.builder.CreateNumpyVector(np.asarray(values, np.int32))

    def finished(self, root):
        self.builder.Finish(root, b"TFL3")
        return bytes(self.builder.Output())


def test_one_long_name_for_very_many_tensors():
    shared = Shared()
    name = shared.builder.CreateString("n" * 1_000_000)
    each = [shared.table("Tensor", Name=name) for _ in range(20_000)]
    graph = shared.table("SubGraph", Tensors=shared.vector(each))
    data = shared.finished(shared.table("Model", Version=3, Subgraphs=shared.vector([graph])))
    found = tw.from_buffer(data)
    assert isinstance(within(30, lambda: list(found)), tw.LimitError)
    assert isinstance(within(30, lambda: str(found.graph)), tw.LimitError)
    assert [f.kind for f in within(60, lambda: tw.validate(io.BytesIO(data))).findings] in (
        [], ["limit"],
    )  # fmt: skip


def test_one_vector_of_inputs_for_very_many_operators():
    shared = Shared()
    inputs = shared.numbers([0] * 100_000)
    tensors = shared.vector([shared.table("Tensor")])
    operators = shared.vector([shared.table("Operator", Inputs=inputs)] * 100_000)
    codes = shared.vector([shared.table("OperatorCode")])
    graph = shared.table("SubGraph", Tensors=tensors, Operators=operators)
    data = shared.finished(
        shared.table("Model", Version=3, OperatorCodes=codes, Subgraphs=shared.vector([graph]))
    )
    found = tw.from_buffer(data)
    assert isinstance(within(30, lambda: found.graph), tw.LimitError)
    report = within(60, lambda: tw.validate(io.BytesIO(data)))
    assert "limit" in [finding.kind for finding in report.findings]


def test_one_long_name_at_very_many_edges():
    shared = Shared()
    name = shared.builder.CreateString("n" * 1_000_000)
    tensors = shared.vector([shared.table("Tensor", Name=name)])
    each = [shared.table("Operator", Inputs=shared.numbers([0])) for _ in range(10_000)]
    graph = shared.table("SubGraph", Tensors=tensors, Operators=shared.vector(each))
    codes = shared.vector([shared.table("OperatorCode")])
    data = shared.finished(
        shared.table("Model", Version=3, OperatorCodes=codes, Subgraphs=shared.vector([graph]))
    )
    assert isinstance(within(30, lambda: tw.from_buffer(data).graph), tw.LimitError)


def test_one_long_name_for_very_many_custom_operators():
    shared = Shared()
    name = shared.builder.CreateString("n" * 1_000_000)
    code = shared.table("OperatorCode", BuiltinCode=32, CustomCode=name)
    graph = shared.table("SubGraph")
    data = shared.finished(
        shared.table(
            "Model", Version=3, OperatorCodes=shared.vector([code] * 10_000),
            Subgraphs=shared.vector([graph]),
        )
    )  # fmt: skip
    assert isinstance(within(30, lambda: tw.from_buffer(data).graph), tw.LimitError)
    report = within(60, lambda: tw.validate(io.BytesIO(data)))
    assert "limit" in [finding.kind for finding in report.findings]


def test_one_long_name_for_very_many_external_files():
    shared = Shared()
    name = shared.builder.CreateString("n" * 1_000_000)
    group = shared.table("ExternalBufferGroup", Name=name)
    data = shared.finished(
        shared.table("Model", Version=3, ExternalBufferGroups=shared.vector([group] * 10_000))
    )
    assert isinstance(within(30, lambda: tw.from_buffer(data).files), tw.LimitError)


def test_one_vector_of_options_for_very_many_operators():
    shared = Shared()
    shape = shared.numbers([1] * 100_000)
    options = shared.table("ReshapeOptions", NewShape=shape)
    one = shared.table("Operator", BuiltinOptionsType=17, BuiltinOptions=options)
    operators = shared.vector([one] * 100_000)
    graph = shared.table("SubGraph", Operators=operators)
    codes = shared.vector([shared.table("OperatorCode")])
    data = shared.finished(
        shared.table("Model", Version=3, OperatorCodes=codes, Subgraphs=shared.vector([graph]))
    )
    assert isinstance(within(30, lambda: tw.from_buffer(data).graph), tw.LimitError)


def test_one_buffer_of_strings_for_very_many_tensors():
    shared = Shared()
    held = shared.builder.CreateNumpyVector(np.frombuffer(strings(*[b"a"] * 100_000), "u1"))
    shape = shared.numbers([100_000])
    buffers = shared.vector([shared.table("Buffer"), shared.table("Buffer", Data=held)])
    one = shared.table("Tensor", Shape=shape, Type=5, Buffer=1)
    graph = shared.table("SubGraph", Tensors=shared.vector([one] * 10_000))
    data = shared.finished(
        shared.table("Model", Version=3, Buffers=buffers, Subgraphs=shared.vector([graph]))
    )
    report = within(60, lambda: tw.validate(io.BytesIO(data)))
    assert "limit" in [finding.kind for finding in report.findings]


def test_one_text_for_very_many_entries_of_metadata():
    shared = Shared()
    held = shared.builder.CreateNumpyVector(np.full(1_000_000, 65, "u1"))
    buffers = shared.vector([shared.table("Buffer"), shared.table("Buffer", Data=held)])
    one = shared.table("Metadata", Buffer=1)
    data = shared.finished(
        shared.table("Model", Version=3, Buffers=buffers, Metadata=shared.vector([one] * 10_000))
    )
    found = tw.from_buffer(data)
    assert isinstance(within(60, lambda: found.metadata), tw.LimitError)


def test_very_many_signatures_that_share_a_map():
    shared = Shared()
    name = shared.builder.CreateString("n" * 100_000)
    maps = shared.vector([shared.table("TensorMap", Name=name)] * 1000)
    one = shared.table("SignatureDef", Inputs=maps)
    graph = shared.table("SubGraph")
    data = shared.finished(
        shared.table(
            "Model", Version=3, SignatureDefs=shared.vector([one] * 1000),
            Subgraphs=shared.vector([graph]),
        )
    )  # fmt: skip
    found = tw.from_buffer(data)
    assert isinstance(within(60, lambda: found.info), tw.LimitError)
    report = within(60, lambda: tw.validate(io.BytesIO(data)))
    assert "limit" in [finding.kind for finding in report.findings]


def test_zip_directories_that_lie():
    end = b"PK\x05\x06" + bytes(4) + b"\xff\xff\xff\xff" + b"\xff\xff\xff\xff" + bytes(6)
    assert tw.from_buffer(SMALL + end).info["associated_files"] == {}
    end = b"PK\x05\x06" + bytes(4) + b"\xff\xff\xff\xff" + (10).to_bytes(4, "little") + bytes(6)
    assert tw.from_buffer(SMALL + bytes(10) + end).info["associated_files"] == {}
    entry = b"PK\x01\x02" + bytes(24) + b"\xff\xff" * 3 + bytes(12)
    listed = b"PK\x05\x06" + bytes(4) + b"\2\0\2\0" + len(entry).to_bytes(4, "little") + bytes(6)
    assert tw.from_buffer(SMALL + entry + listed).info["associated_files"] == {"": 0}
