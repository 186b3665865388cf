"""Sparse tensors made dense, as LiteRT's DENSIFY operator makes them."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tflite_models import OPTIONS, buffer, made, model, operator, packed, schema, subgraph, tensor

import tensorwire as tw
from tensorwire.dtypes import dtype
from tensorwire.layouts.sparse import Level, Sparse, Sparsity

VECTORS = {"Int32Vector": np.int32, "Uint16Vector": np.uint16, "Uint8Vector": np.uint8}
INDEX = vars(schema.SparseIndexVector)


def encoded(dense, order, block_map, block_sizes, sparse):  # noqa: C901
    """(stored elements, [(dense size, None) or (segments, indices)]) of an array.

    ``sparse``: which levels are compressed. Plain loops over the levels, in words of the schema.
    """
    rank = dense.ndim
    sizes = [*dense.shape, *block_sizes]
    for dimension, size in zip(block_map, block_sizes, strict=True):
        sizes[dimension] //= size
    levels = [(sizes[d], None) if not s else ([0], []) for d, s in zip(order, sparse, strict=True)]
    stored = []

    def element(place):
        at = [0] * rank
        for d in range(rank):
            at[d] = place[d]
        for i, d in enumerate(block_map):
            at[d] = at[d] * block_sizes[i] + place[rank + i]
        return dense[tuple(at)]

    def any_below(level, place):
        if level == len(order):
            return element(place) != 0
        d = order[level]
        return any(any_below(level + 1, {**place, d: i}) for i in range(sizes[d]))

    def walk(level, place):
        if level == len(order):
            stored.append(element(place))
            return
        d = order[level]
        if not sparse[level]:
            for i in range(sizes[d]):
                walk(level + 1, {**place, d: i})
            return
        segments, indices = levels[level]
        for i in range(sizes[d]):
            if any_below(level + 1, {**place, d: i}):
                indices.append(i)
                walk(level + 1, {**place, d: i})
        segments.append(len(indices))

    walk(0, {})
    return np.array(stored, dense.dtype), levels


def parameters(order, block_map, levels, kind="Int32Vector"):
    def vector(values):
        return made(kind, values=np.array(values, VECTORS[kind]))

    dims = []
    for first, second in levels:
        if second is None:
            dims.append(made("DimensionMetadata", format=0, denseSize=first))
            continue
        dims.append(
            made(
                "DimensionMetadata", format=1, arraySegmentsType=INDEX[kind],
                arraySegments=vector(first), arrayIndicesType=INDEX[kind],
                arrayIndices=vector(second),
            )
        )  # fmt: skip
    return made(
        "SparsityParameters", traversalOrder=list(order), blockMap=list(block_map), dimMetadata=dims
    )


def sparse_model(stored, shape, sparsity, kind="FLOAT32"):
    """A constant ``w``, and the operator that makes it dense."""
    held = tensor("w", shape, kind, 1, sparsity=sparsity)
    densify = operator("DENSIFY", [0], [1], made("DensifyOptions"))
    graph = subgraph([held, tensor("d", shape, kind)], [densify], [], [1])
    assert OPTIONS["DensifyOptions"]
    return packed(model([graph], [buffer(stored.tobytes())]))


def densified(data):
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    plain = litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = litert.Interpreter(model_content=data, experimental_op_resolver_type=plain)
    interpreter.allocate_tensors()
    interpreter.invoke()
    return interpreter.get_tensor(1)


@st.composite
def cases(draw):
    """(dense array, order, block map, block sizes, which levels are compressed)"""
    rank = draw(st.integers(1, 3))
    blocked = draw(st.lists(st.booleans(), min_size=rank, max_size=rank))
    block_map = [i for i in range(rank) if blocked[i]]
    block_sizes = [draw(st.integers(1, 3)) for _ in block_map]
    shape = [draw(st.integers(1, 4)) for _ in range(rank)]
    for dimension, size in zip(block_map, block_sizes, strict=True):
        shape[dimension] *= size
    order = [*draw(st.permutations(range(rank))), *range(rank, rank + len(block_map))]
    compressed = [d < rank and draw(st.booleans()) for d in order]
    dense = np.random.default_rng(draw(st.integers(0, 99))).integers(1, 100, shape)
    keep = np.random.default_rng(draw(st.integers(0, 99))).random(shape) < 0.3
    return (dense * keep).astype("f4"), order, block_map, block_sizes, compressed


@settings(max_examples=60)
@given(cases(), st.sampled_from(list(VECTORS)))
def test_any_order_blocks_and_levels(case, kind):
    dense, order, block_map, *_ = case
    stored, levels = encoded(*case)
    data = sparse_model(stored, dense.shape, parameters(order, block_map, levels, kind))
    found = tw.from_buffer(data).tensors["w"]
    assert np.array_equal(found.to_dense(), dense) and np.array_equal(found.numpy(), dense)
    assert found.shape == dense.shape and found.nbytes == dense.nbytes
    assert bytes(found.raw) == stored.tobytes() and found.tobytes() == dense.tobytes()
    assert np.concatenate(list(found.chunks())).tobytes() == dense.tobytes()
    assert tw.validate(io.BytesIO(data))
    assert np.array_equal(densified(data), dense)


BLOCKED = (np.kron([[1, 0], [0, 2]], np.ones((2, 4))).astype("f4"), [0, 1, 2], [1], [4])


def blocked(kind="FLOAT32", numpy="f4", **options):
    """Dense rows, compressed blocks of four, as the converter writes them."""
    dense, order, block_map, sizes = BLOCKED
    stored, levels = encoded(dense, order, block_map, sizes, [False, True, False])
    return stored.astype(numpy), levels, order, block_map


def test_the_form_that_converters_write():
    stored, levels, order, block_map = blocked()
    found = tw.from_buffer(sparse_model(stored, (4, 8), parameters(order, block_map, levels)))
    assert np.array_equal(found["w"], BLOCKED[0])
    tensor_found = found.tensors["w"]
    assert tensor_found.sparsity.order == (0, 1, 2) and tensor_found.sparsity.blocks == (1,)
    assert [initializer.name for initializer in found.graph.initializers] == ["w"]
    with pytest.raises(tw.LayoutError, match="the elements are sparse"):
        tensor_found.numpy(copy=False)
    assert tensor_found.numpy(copy=True).flags.writeable and not found["w"].flags.writeable


@pytest.mark.parametrize(("kind", "numpy"), [("INT8", "i1"), ("FLOAT16", "f2")])
def test_other_element_types(kind, numpy):
    stored, levels, order, block_map = blocked(numpy=numpy)
    data = sparse_model(stored, (4, 8), parameters(order, block_map, levels), kind)
    found = tw.from_buffer(data)["w"]
    assert found.dtype == numpy and np.array_equal(found, BLOCKED[0])
    assert np.array_equal(densified(data), found)


def test_narrow_elements():
    levels = [(2, None), ([0, 2, 3], [0, 2, 1])]
    stored = np.array([0x21, 0x03], np.uint8)
    data = sparse_model(stored, (2, 3), parameters([0, 1], [], levels), "INT4")
    found = tw.from_buffer(data).tensors["w"]
    assert found.to_dense().astype(int).tolist() == [[1, 0, 2], [0, 3, 0]]
    assert found.tobytes() == bytes([0x01, 0x02, 0x03]) == found.tobytes()


def test_dequantized():
    stored, levels, order, block_map = blocked(numpy="i1")
    quantization = made("QuantizationParameters", scale=[0.5], zeroPoint=[0])
    held = tensor("w", (4, 8), "INT8", 1, quantization=quantization)
    held.sparsity = parameters(order, block_map, levels)
    found = tw.from_buffer(packed(model([subgraph([held])], [buffer(stored.tobytes())])))
    assert np.array_equal(found.tensors["w"].dequantize(), BLOCKED[0] / 2)


def rejected(levels, reason, order=(0, 1, 2), block_map=(1,), shape=(4, 8), kind=tw.ModelError):
    stored, *_ = blocked()
    data = sparse_model(stored, shape, parameters(order, block_map, levels))
    with pytest.raises(kind, match=reason) as caught:
        tw.from_buffer(data)["w"]
    assert "sparsity" in caught.value.path or "buffers[1]" in caught.value.path
    assert not tw.validate(io.BytesIO(data))


ROWS, CUT, BLOCK = (4, None), ([0, 1, 2, 3, 4], [0, 0, 1, 1]), (4, None)


def test_levels_that_contradict_the_shape_or_each_other():
    rejected([(3, None), CUT, BLOCK], "level 0 has 3 positions, dimension 0 4")
    rejected([ROWS, CUT, (3, None)], "blocks of 3 in a dimension of 8")
    rejected([ROWS, CUT, (0, None)], "blocks of 0 in a dimension of 8")
    rejected([ROWS, CUT, (-4, None)], "blocks of -4 in a dimension of 8")
    rejected([ROWS, CUT, ([0, 1], [0])], "blocks of 0 in a dimension of 8")
    rejected([ROWS, ([0, 1, 2, 3], [0, 0, 1]), BLOCK], "level 1 has 4 segments, 5 are needed")
    rejected([ROWS, ([0, 1, 2, 3, 5], [0, 0, 1, 1]), BLOCK], "go from 0 to 5 of 4")
    rejected([ROWS, ([1, 1, 2, 3, 4], [0, 0, 1, 1]), BLOCK], "go from 1 to 4 of 4")
    rejected([ROWS, ([0, 3, 2, 3, 4], [0, 0, 1, 1]), BLOCK], "go from 0 to 4 of 4")
    rejected([ROWS, ([0, 1, 2, 3, 4], [0, 0, 1, 2]), BLOCK], "an index of level 1 is not among")
    rejected([ROWS, ([0, 1, 2, 3, 4], [0, 0, 1, -1]), BLOCK], "an index of level 1 is not among")
    rejected([ROWS, ([0, 0, 0, 0, 0], []), BLOCK], "64 bytes stored, but 0 elements")
    rejected([ROWS, CUT, BLOCK], r"order \[0, 1\] of a tensor", order=(0, 1))
    rejected([ROWS, CUT, BLOCK], r"order \[0, 0, 2\] of a tensor", order=(0, 0, 2))
    rejected([ROWS, CUT], "2 levels for an order of 3")
    rejected([ROWS, CUT, BLOCK], "blocks of dimension 7", block_map=(7,))
    rejected([ROWS, CUT, BLOCK, (1, None)], "blocks of dimension 1", (0, 1, 2, 3), (1, 1))
    rejected([ROWS, CUT, BLOCK], "positions, dimension 0", shape=(8, 8))


def test_levels_without_numbers():
    sparsity = parameters([0, 1, 2], [1], [ROWS, CUT, BLOCK])
    sparsity.dimMetadata[1].arrayIndices, sparsity.dimMetadata[1].arrayIndicesType = None, 0
    data = sparse_model(blocked()[0], (4, 8), sparsity)
    with pytest.raises(tw.ModelError, match="there are no numbers") as caught:
        tw.from_buffer(data)["w"]
    assert caught.value.path == "subgraphs[0].tensors[0].sparsity.dim_metadata[1].array_indices"
    sparsity.dimMetadata[1].format = 9
    with pytest.raises(tw.ModelError, match="format 9 does not exist"):
        tw.from_buffer(sparse_model(blocked()[0], (4, 8), sparsity))["w"]


def test_a_shape_far_beyond_the_stored_bytes():
    levels = [([0, 1], [5]), ([0, 1], [7])]
    shape = (1 << 20, 1 << 20)
    stored = np.ones(1, "f4")
    data = sparse_model(stored, shape, parameters([0, 1], [], levels))
    with pytest.raises(tw.LimitError, match="the limit is 1000 times") as caught:
        tw.from_buffer(data).tensors["w"].to_dense()
    assert caught.value.path == "subgraphs[0].tensors[0].sparsity"
    small = sparse_model(stored, (100, 100), parameters([0, 1], [], levels))
    assert tw.from_buffer(small)["w"][5, 7] == 1


def test_more_levels_than_the_limit():
    levels = [(1, None)] * 200
    data = sparse_model(np.ones(1, "f4"), (1,), parameters(range(200), [], levels))
    with pytest.raises(tw.LimitError, match="200 dimensions; the limit rank allows 128"):
        tw.from_buffer(data)["w"]


def test_repr_says_what_is_there():
    layout = Sparse(Sparsity((2, 2), (0, 1), (), (Level(2), Level(2))))
    assert repr(layout.sparsity) == "<Sparsity of [2, 2] in order [0, 1]>"
    assert layout.sparsity.stored() == 4 and repr(Level(2)) == "Level(2)"
    assert layout.obstacle(dtype("int8"))
