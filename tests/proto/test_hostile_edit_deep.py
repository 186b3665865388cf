"""Abuses of depth: copies that fail half way, and what is deeper than any stack."""

from .subprocesses import runs


def test_a_copy_of_a_map_that_fails_half_way_leaves_nothing_behind():
    program = """
import contextlib, gc, sys
from tests.proto import contract_schemas
Sub = contract_schemas.ours("proto2").Sub

message = Sub()
for key in "abc":
    message.m[key].a = 1
message.subs.add(a=1)
child = message.m["d"]
for _ in range(2 * sys.getrecursionlimit()):
    child = child.sub
child.a = 1

def instances():
    gc.collect()
    return sys.getrefcount(Sub)  # each message holds its class

for attempt in (
    lambda: Sub().CopyFrom(message),
    lambda: Sub(a=1).MergeFrom(message),
    lambda: Sub().subs.append(message),
    lambda: message.__deepcopy__({}),
    lambda: Sub().m["x"].m.MergeFrom(message.m),
):
    before = instances()
    try:
        attempt()
    except RecursionError:
        print(instances() - before)
"""
    assert runs(program).split() == ["0"] * 5


def test_fields_given_as_dicts_deeper_than_any_stack():
    program = """
import sys
from tests.proto import contract_schemas
sys.setrecursionlimit(200)
Sub = contract_schemas.ours("proto2").Sub
for wrap in (lambda d: {"sub": d}, lambda d: {"subs": [d]}, lambda d: {"m": {"k": d}}):
    fields = {}
    for _ in range(100_000):
        fields = wrap(fields)
    try:
        Sub(**fields)
    except RecursionError:
        print("refused")
"""
    assert runs(program).split() == ["refused"] * 3


def test_a_view_below_more_maps_than_any_stack_is_changed():
    program = """
from tests.proto import contract_schemas
from tensorwire import proto
from tensorwire._core.source import Source
from tensorwire.limits import Limits
Sub = contract_schemas.ours("proto2").Sub

def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])

LEVELS = 100_000
parts, size = [], 0
for _ in range(LEVELS):
    entry = b"\\x0a\\x01k\\x12" + varint(size)
    head = b"\\x32" + varint(len(entry) + size) + entry
    parts.append(head)
    size += len(head)
data = b"".join(reversed(parts))
message = proto.parse(Sub, Source(data), limits=Limits(depth=10 * LEVELS))
child = message
for _ in range(LEVELS):
    child = child.m["k"]
child.a = 1
print(len(message.SerializeToString()) > len(data))
"""
    assert runs(program).split() == ["True"]
