"""Upstream's json_format and text_format on our messages, as they are, and both ways."""

import random

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
        data = valid(rng, both)
        try:
            theirs = both.theirs["All"].FromString(data)
        except DecodeError:
            continue
        if readable(theirs):
            seen += 1
            yield seed, theirs, both.ours["All"].FromString(data)
    assert seen > count // 4


def valid(rng: random.Random, both: schemas.Schemas) -> bytes:
    return Generator(rng, 0.02).message(both.theirs["All"].DESCRIPTOR, 12, 2)


def readable(message) -> bool:
    """proto2 strings that are no UTF-8 cannot be printed by upstream either."""
    try:
        json_format.MessageToJson(message)
        text_format.MessageToString(message)
    except (AttributeError, TypeError, UnicodeDecodeError):
        return False
    return True


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
                assert json_format.MessageToJson(ours, **options) == expected
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
            theirs.DiscardUnknownFields()
            wanted = theirs.SerializePartialToString(deterministic=True)
            text = text_format.MessageToString(theirs)
            parsed = text_format.Parse(text, both.ours["All"]())
            assert parsed.SerializePartialToString(deterministic=True) == wanted
            held = json_format.MessageToDict(theirs)
            expected = json_format.ParseDict(held, both.theirs["All"]())
            parsed = json_format.ParseDict(held, both.ours["All"]())
            wanted = expected.SerializePartialToString(deterministic=True)
            assert parsed.SerializePartialToString(deterministic=True) == wanted


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_text_is_upstreams_error(name):
    message = schemas.BY_NAME[name].ours["All"]()
    for text in ("s_int32: 4294967296", "nothing: 1", "sub {", "s_string: 3", "s_enum: NOPE"):
        with pytest.raises(text_format.ParseError):
            text_format.Parse(text, message)
    for text in ('{"sInt32": 4294967296}', '{"nothing": 1}', '{"sub": 3}', '{"sEnum": "NOPE"}'):
        with pytest.raises(json_format.ParseError):
            json_format.Parse(text, message)
