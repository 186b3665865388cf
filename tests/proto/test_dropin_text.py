"""Upstream's json_format and text_format on our messages, as they are, and both ways."""

import json

import pytest
from google.protobuf import json_format, text_format
from google.protobuf.message import DecodeError

from . import schemas
from .effort import generators, named
from .generate import Generator

NAMES = ("proto2", "proto3")


def pairs(name: str, count: int):
    """``(seed, upstream's message, ours)`` of random bytes that upstream takes."""
    both, seen = schemas.BY_NAME[name], 0
    for seed, rng in generators(count):
        data = Generator(rng, odd=0).message(both.theirs["All"].DESCRIPTOR, 12, 2)
        try:
            theirs = both.theirs["All"].FromString(data)
        except DecodeError:
            continue
        seen += 1
        yield seed, theirs, both.ours["All"].FromString(data)
    assert seen > count // 2


def encoded(message) -> bytes:
    return message.SerializePartialToString(deterministic=True)


@pytest.mark.parametrize("name", NAMES)
def test_json_is_printed_as_of_upstreams_messages(name):
    for seed, theirs, ours in pairs(name, 200):
        with named(seed):
            for options in (
                {},
                {"preserving_proto_field_name": True, "use_integers_for_enums": True},
                {"always_print_fields_with_no_presence": True, "sort_keys": True},
            ):
                expected = json_format.MessageToJson(theirs, **options)
                printed = json_format.MessageToJson(ours, **options)
                assert json.loads(printed) == json.loads(expected)  # maps go in any order
            assert json_format.MessageToDict(ours) == json_format.MessageToDict(theirs)


@pytest.mark.parametrize("name", NAMES)
def test_text_is_printed_as_of_upstreams_messages(name):
    for seed, theirs, ours in pairs(name, 200):
        with named(seed):
            for options in ({}, {"as_one_line": True}, {"use_short_repeated_primitives": True}):
                expected = text_format.MessageToString(theirs, **options)
                assert text_format.MessageToString(ours, **options) == expected


@pytest.mark.parametrize("name", NAMES)
def test_json_and_text_are_parsed_into_our_messages(name):
    both = schemas.BY_NAME[name]
    for seed, theirs, _ in pairs(name, 200):
        with named(seed):
            text = text_format.MessageToString(theirs)
            expected = text_format.Parse(text, both.theirs["All"]())
            assert encoded(text_format.Parse(text, both.ours["All"]())) == encoded(expected)
            held = json_format.MessageToDict(theirs)
            expected = json_format.ParseDict(held, both.theirs["All"]())
            assert encoded(json_format.ParseDict(held, both.ours["All"]())) == encoded(expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_text_is_upstreams_error(name):
    message = schemas.BY_NAME[name].ours["All"]()
    for text in ("s_int32: 4294967296", "nothing: 1", "sub {", "s_string: 3", "s_enum: NOPE"):
        with pytest.raises(text_format.ParseError):
            text_format.Parse(text, message)
    for text in ('{"sInt32": 4294967296}', '{"nothing": 1}', '{"sub": 3}', '{"sEnum": "NOPE"}'):
        with pytest.raises(json_format.ParseError):
            json_format.Parse(text, message)
