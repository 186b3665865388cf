"""Encoding, slowly: to be replaced."""

from libc.stdint cimport uint64_t
from tensorwire._core.access cimport field_read
from tensorwire._core.maps cimport map_entries, map_key_plan, map_value_plan
from tensorwire._core.message cimport Message
from tensorwire._core.present cimport fields_present
from tensorwire._core.unknown cimport unknown_bytes
from wire cimport *
import struct

def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)

FIXED = {KIND_DOUBLE: "<d", KIND_FLOAT: "<f", KIND_FIXED64: "<Q", KIND_FIXED32: "<I",
         KIND_SFIXED32: "<i", KIND_SFIXED64: "<q"}

def payload(kind, value, det):
    if kind in FIXED:
        return struct.pack(FIXED[kind], value)
    if kind == KIND_STRING:
        value = value if isinstance(value, bytes) else value.encode()
    if kind in (KIND_STRING, KIND_BYTES):
        return varint(len(value)) + value
    if kind == KIND_MESSAGE:
        inner = encode_bytes(value, det)
        return varint(len(inner)) + inner
    if kind in (KIND_SINT32, KIND_SINT64):
        return varint((value << 1) ^ (value >> 63))
    return varint(int(value))

cdef bytes one(number, kind, value, det):
    if kind == KIND_GROUP:
        return varint(number << 3 | 3) + encode_bytes(value, det) + varint(number << 3 | 4)
    return varint(number << 3 | kind_wire(kind)) + payload(kind, value, det)

cdef bytes encode_bytes(Message self, bint deterministic):
    cdef list out = []
    cdef const FieldPlan *field
    for address in fields_present(self):
        field = <const FieldPlan *> <size_t> address
        if field.flags & FIELD_MAP:
            entries = map_entries(self, field)
            keys = sorted(entries) if deterministic else entries
            for k in keys:
                inner = one(1, map_key_plan(field).kind, k, deterministic) + one(2, map_value_plan(field).kind, entries[k], deterministic)
                out.append(varint(field.number << 3 | 2) + varint(len(inner)) + inner)
            continue
        value = field_read(self, field, None)
        if field.flags & FIELD_REPEATED:
            if field.flags & FIELD_PACKED:
                inner = b"".join([payload(field.kind, v, deterministic) for v in value])
                out.append(varint(field.number << 3 | 2) + varint(len(inner)) + inner)
            else:
                for v in value:
                    out.append(one(field.number, field.kind, v, deterministic))
        else:
            out.append(one(field.number, field.kind, value, deterministic))
    out.append(unknown_bytes(self))
    return b"".join(out)

cdef size_t encode_size(Message self) except? 0:
    return len(encode_bytes(self, False))

cdef bint encode_equal(Message self, Message other) except -1:
    return encode_bytes(self, True) == encode_bytes(other, True)
