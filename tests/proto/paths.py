"""Which fields enclose a byte: the oracle of the engine's error paths."""

from collections import Counter
from typing import Any

from . import oracle
from .encode import END, LEN, START


def path(data: bytes, descriptor: Any, offset: int) -> str:
    """``subs[2].sub.s_int32``: the item at ``offset`` itself, if it has a tag, comes last."""
    return ".".join(_parts(data, 0, len(data), descriptor, offset))


def _parts(data: bytes, at: int, stop: int, descriptor: Any, offset: int) -> list[str]:
    met: Counter[int] = Counter()
    while at < stop and at <= offset:
        try:
            tag, _ = oracle.read_tag(data, at, stop)
        except oracle.Bad:
            return []
        number, wire = tag >> 3, tag & 7
        field = descriptor.fields_by_number.get(number)
        start, after = _extent(data, at, stop)
        if offset < after:
            own = f"<{number}>" if field is None else field.name
            if field is not None and field.is_repeated:
                own += f"[{met[number]}]"
            if offset == at or field is None or wire != oracle.wire_of(field):
                return [own]
            if field.message_type is None or wire not in (LEN, START):
                return [own]
            return [own, *_parts(data, start, after, field.message_type, offset)]
        met[number] += 1
        at = after
    return []


def _extent(data: bytes, at: int, stop: int) -> tuple[int, int]:
    """``(payload, first byte behind)`` of an item; one that cannot be read holds the rest."""
    start = oracle.read_tag(data, at, stop)[1]
    try:
        item = oracle.read_item(data, at, stop, True)
        if item.wire != START:
            return item.start, item.stop
        at, levels = item.stop, 1
        while levels:
            if at == stop:
                return start, stop
            inner = oracle.read_item(data, at, stop, True)
            levels += (inner.wire == START) - (inner.wire == END)
            at = inner.stop
        return start, at
    except oracle.Bad:
        return start, stop
