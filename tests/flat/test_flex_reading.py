"""FlexBuffers read as upstream's builder wrote them, and as upstream reads them."""

import math
import struct

import pytest
from flex_oracle import Oracle
from hypothesis import given
from hypothesis import strategies as st

from tensorwire.flat.flexbuffers import from_flexbuffer

flexbuffers = pytest.importorskip("flatbuffers.flexbuffers")

# Upstream's builder fails on greater ones.
FLOAT32_MAX = 3.4028234663852886e38
FLOATS = st.floats(-FLOAT32_MAX, FLOAT32_MAX)
KEYS = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=6)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | FLOATS
    | st.text(max_size=300)
    | st.binary(max_size=5)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


def built(make, **options):
    builder = flexbuffers.Builder(**options)
    make(builder)
    return bytes(builder.Finish())


def same(ours, theirs):
    assert type(ours) is type(theirs)
    if isinstance(ours, dict):
        assert list(ours) == list(theirs)
        for key in ours:
            same(ours[key], theirs[key])
    elif isinstance(ours, list):
        assert len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            same(mine, other)
    else:
        assert ours == theirs


@given(VALUES)
def test_what_was_written_is_read(value):
    def plain(value):
        """Maps come back in the order of their keys."""
        if isinstance(value, dict):
            return {key: plain(value[key]) for key in sorted(value)}
        return [plain(item) for item in value] if isinstance(value, list) else value

    data = flexbuffers.Dumps(value)
    same(from_flexbuffer(data), plain(value))
    same(from_flexbuffer(bytes(data)), Oracle(bytes(data)).root())


NUMBERS = {
    flexbuffers.Type.INT: st.integers(-(2**63), 2**63 - 1),
    flexbuffers.Type.UINT: st.integers(0, 2**64 - 1),
    flexbuffers.Type.FLOAT: FLOATS,
    flexbuffers.Type.BOOL: st.booleans(),
}


@pytest.mark.parametrize("kind", NUMBERS)
@given(st.data())
def test_typed_vectors_and_tuples(kind, data):
    values = data.draw(st.lists(NUMBERS[kind], max_size=5))
    tuples = kind != flexbuffers.Type.BOOL and 2 <= len(values) <= 4 and data.draw(st.booleans())

    def make(builder):
        with builder.Map():
            builder.Key("v")
            if tuples:
                builder.FixedTypedVectorFromElements(values, kind)
            else:
                builder.TypedVectorFromElements(values, kind)

    encoded = built(make)
    same(from_flexbuffer(encoded), {"v": values})
    same(flexbuffers.Loads(encoded), {"v": values})
    if not values:  # upstream then writes a vector without a type
        return
    array = from_flexbuffer(encoded, arrays=True)["v"]
    assert array.tolist() == values and not array.flags.writeable
    assert array.dtype.kind == {"INT": "i", "UINT": "u", "FLOAT": "f", "BOOL": "b"}[kind.name]


def test_arrays_lie_on_the_buffer():
    np = pytest.importorskip("numpy")
    data = built(lambda b: b.TypedVectorFromElements([1.5, 2.5], flexbuffers.Type.FLOAT))
    array = from_flexbuffer(data, arrays=True)
    assert np.shares_memory(array, np.frombuffer(data, "u1"))
    held = bytearray(data)
    array = from_flexbuffer(held, arrays=True)
    with pytest.raises(BufferError):
        held.append(0)


def test_every_other_type():
    def make(builder):
        with builder.Vector():
            builder.IndirectInt(-5)
            builder.IndirectUInt(2**63)
            builder.IndirectFloat(0.25)
            builder.IndirectFloat(0.1)
            builder.UInt(200)
            builder.Key("key")
            builder.Blob(b"\0\xff")
            builder.TypedVectorFromElements(["b", "a"], flexbuffers.Type.KEY)
            with builder.Map():
                builder.Int("n", 300)
            with builder.TypedVector():
                builder.Int(1)
                builder.Int(70000)

    expected = [
        -5, 2**63, 0.25, 0.1, 200, "key", b"\0\xff", ["b", "a"], {"n": 300}, [1, 70000],
    ]  # fmt: skip
    data = built(make)
    same(from_flexbuffer(data), expected)
    same(flexbuffers.Loads(data), expected)


def test_every_width_of_the_parent():
    for text in ("", "a" * 300, "a" * 70_000):
        for number in (1, 1000, 100_000, 2**40):
            value = {"t": text, "v": [number, None, True, text], "w": {"x": 1.5}}
            same(from_flexbuffer(flexbuffers.Dumps(value)), value)


def deprecated_strings(*words):
    """Type 15, which upstream's builder does not write any more."""
    data, places = b"", []
    for word in words:
        data += bytes([len(word)])
        places.append(len(data))
        data += word + b"\0"
    data += bytes([len(words)])
    start = len(data)
    for place in places:
        data += bytes([len(data) - place])
    return data + bytes([len(data) - start, 15 << 2, 1])


def test_a_deprecated_vector_of_strings_ends_each_at_its_zero():
    data = deprecated_strings(b"ab", b"", b"c\0d")
    assert from_flexbuffer(data) == flexbuffers.Loads(data) == ["ab", "", "c"]


def test_text_that_is_no_utf8_keeps_its_bytes():
    word = b"\xff\x80a"
    data = bytes([len(word)]) + word + b"\0" + bytes([len(word) + 1, 5 << 2, 1])
    assert from_flexbuffer(data).encode("utf-8", "surrogateescape") == word


def test_a_key_used_twice_has_its_last_value():
    data = b"a\0" + b"\2\3\4" + b"\2\1\2" + b"\5\6" + b"\4\4" + b"\4" + bytes([9 << 2, 1])
    assert from_flexbuffer(data) == flexbuffers.Loads(data) == {"a": 6}


def test_shared_texts_are_made_once():
    def make(builder):
        with builder.Vector():
            builder.String("x" * 1000)
            builder.String("x" * 1000)
            for _ in range(3):
                with builder.Map():
                    builder.Int("key", 1)

    first, second, *maps = from_flexbuffer(built(make, share_strings=True))
    assert first is second
    assert len({id(key) for each in maps for key in each}) == 1


def test_numbers_at_the_edges_of_floats():
    def make(builder):
        with builder.Vector():
            for value in (math.inf, -0.0, 5e-324, FLOAT32_MAX):
                builder.Float(value)

    found = from_flexbuffer(built(make))
    assert struct.pack("<4d", *found) == struct.pack(
        "<4d", math.inf, -0.0, 5e-324, FLOAT32_MAX
    )


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_every_kind_of_buffer(kind):
    assert from_flexbuffer(kind(flexbuffers.Dumps([1, "a"]))) == [1, "a"]
    with pytest.raises(TypeError):
        from_flexbuffer("text")
