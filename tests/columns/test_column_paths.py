"""The grammar of paths, and what is said about wrong ones."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorwire.columns.paths import PathError, join, split, unknown_name


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("id", ("id",)),
        ("user.name", ("user", "name")),
        ("counts.key", ("counts", "key")),
        ("[pkg.ext]", ("[pkg.ext]",)),
        ("[ext]", ("[ext]",)),
        ("a.[pkg.sub.ext].b", ("a", "[pkg.sub.ext]", "b")),
        ("_x1.größe", ("_x1", "größe")),
    ],
)
def test_paths_split(path, parts):
    assert split(path) == parts
    assert join(parts) == path


@pytest.mark.parametrize(
    ("path", "character", "why"),
    [
        (".a", 1, "a name is missing"),
        ("a.", 3, "a name is missing"),
        ("a..b", 3, "a name is missing"),
        ("a.[", 3, "without its ']'"),
        ("[a.b", 1, "without its ']'"),
        ("[]", 2, "a name is missing"),
        ("[.a]", 2, "a name is missing"),
        ("[a.]", 4, "a name is missing"),
        ("[a..b]", 4, "a name is missing"),
        ("[[a]]", 2, "begins an extension"),
        ("[a]b", 4, "expected '.'"),
        ("[a]]", 4, "expected '.'"),
        ("items[0].price", 6, "no index"),
        ("a]", 2, "without its '['"),
        ("a b", 2, "no blanks"),
        ("a.[b c]", 5, "no blanks"),
        ("a.b\n", 4, "no blanks"),
    ],
)
def test_a_malformed_path_shows_its_place(path, character, why):
    with pytest.raises(PathError) as caught:
        split(path)
    text = str(caught.value)
    assert f"at character {character}: " in text and why in text and repr(path) in text
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, KeyError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == text


def test_an_empty_path_and_no_path():
    with pytest.raises(ValueError, match="a path is empty"):
        split("")
    with pytest.raises(TypeError, match="not tuple"):
        split(("a", "b"))


def test_an_unknown_name_lists_near_ones():
    error = unknown_name("user.nmae", "nmae", ["id", "name", "names"])
    assert str(error) == "no field 'nmae' in path 'user.nmae'; near: 'name', 'names'"
    assert str(unknown_name("x", "x", ["alpha"])) == "no field 'x'; there are 'alpha'"
    many = [f"field_{letter}" for letter in "abcdefgh"]
    assert str(unknown_name("x", "x", many)).endswith("'field_e' and 3 more")
    assert str(unknown_name("id.x", "x", [])).endswith("there are no fields here")


names = st.text(st.characters(exclude_characters=".[]", exclude_categories=["Z", "C"]), min_size=1)
extensions = st.lists(names, min_size=1, max_size=3).map(lambda parts: f"[{'.'.join(parts)}]")


@given(st.lists(names | extensions, min_size=1, max_size=5))
def test_what_is_joined_splits_again(parts):
    assert split(join(parts)) == tuple(parts)


@given(st.text("ab.[] ", max_size=12))
def test_any_text_splits_or_is_malformed(text):
    try:
        parts = split(text)
    except PathError:
        return
    assert join(parts) == text and all(parts)
