"""What descriptions and upstream's descriptors have in common, attribute by attribute.

Each function lists everything that differs as ``(where, ours, theirs)``.
"""

import math

NAMES = ("name", "full_name", "has_options")
FIELD = (
    "number type cpp_type json_name camelcase_name has_default_value has_presence is_packed"
    " is_repeated is_required is_extension index"
).split()
REFERENCES = "message_type enum_type containing_type containing_oneof extension_scope".split()
FILE_MAPS = "message_types_by_name enum_types_by_name extensions_by_name services_by_name".split()
MESSAGE_MAPS = (
    "fields_by_name fields_by_number fields_by_camelcase_name oneofs_by_name nested_types_by_name"
    " enum_types_by_name enum_values_by_name extensions_by_name"
).split()
MESSAGE_LISTS = "fields oneofs nested_types enum_types extensions".split()


def name_of(one):
    if one is None:
        return None
    return getattr(one, "full_name", one.name)


def attributes(ours, theirs, names):
    where = name_of(theirs)
    for name in names:
        mine, yours = getattr(ours, name), getattr(theirs, name)
        if mine != yours or type(mine) is not type(yours):
            yield f"{where}.{name}", mine, yours


def options(ours, theirs):
    mine, yours = ours.GetOptions(), theirs.GetOptions()
    if type(yours).FromString(mine.SerializeToString()) != yours:
        yield f"{name_of(theirs)}.GetOptions()", mine, yours


def default_values(ours, theirs):
    mine, yours = ours.default_value, theirs.default_value
    both_nan = isinstance(yours, float) and math.isnan(yours) and math.isnan(mine)
    if not both_nan and (mine != yours or type(mine) is not type(yours)):
        yield f"{theirs.full_name}.default_value", mine, yours


def fields(ours, theirs):
    yield from attributes(ours, theirs, (*NAMES, *FIELD))
    yield from default_values(ours, theirs)
    yield from options(ours, theirs)
    for name in (*REFERENCES, "file"):
        mine, yours = getattr(ours, name), getattr(theirs, name)
        if name_of(mine) != name_of(yours):
            yield f"{theirs.full_name}.{name}", mine, yours


def enums(ours, theirs):
    yield from attributes(ours, theirs, (*NAMES, "is_closed"))
    yield from options(ours, theirs)
    if name_of(ours.containing_type) != name_of(theirs.containing_type):
        yield f"{theirs.full_name}.containing_type", ours.containing_type, theirs.containing_type
    mine = [(one.name, one.number, one.index, one.type.full_name) for one in ours.values]
    yours = [(one.name, one.number, one.index, one.type.full_name) for one in theirs.values]
    if mine != yours:
        yield f"{theirs.full_name}.values", mine, yours
    for one, other in zip(ours.values, theirs.values, strict=True):
        yield from options(one, other)
    for name, number in [(one.name, one.number) for one in theirs.values]:
        if ours.values_by_number[number].name != theirs.values_by_number[number].name:
            yield f"{theirs.full_name}.values_by_number[{number}]", ours.values_by_number, number
        if ours.values_by_name[name].number != number:
            yield f"{theirs.full_name}.values_by_name[{name}]", ours.values_by_name, number


def messages(ours, theirs):
    yield from attributes(ours, theirs, (*NAMES, "is_extendable"))
    yield from options(ours, theirs)
    if list(ours.extension_ranges) != list(theirs.extension_ranges):
        yield f"{theirs.full_name}.extension_ranges", ours.extension_ranges, theirs.extension_ranges
    for name in MESSAGE_LISTS:
        mine, yours = getattr(ours, name), getattr(theirs, name)
        if [one.name for one in mine] != [one.name for one in yours]:
            yield f"{theirs.full_name}.{name}", mine, list(yours)
    for name in MESSAGE_MAPS:
        yield from maps(f"{theirs.full_name}.{name}", getattr(ours, name), getattr(theirs, name))
    yield from each(oneofs, ours.oneofs, theirs.oneofs)
    yield from each(fields, ours.fields, theirs.fields)
    yield from each(fields, ours.extensions, theirs.extensions)
    yield from each(enums, ours.enum_types, theirs.enum_types)
    yield from each(messages, ours.nested_types, theirs.nested_types)


def oneofs(ours, theirs):
    yield from attributes(ours, theirs, (*NAMES, "index"))
    yield from options(ours, theirs)
    if [field.name for field in ours.fields] != [field.name for field in theirs.fields]:
        yield f"{theirs.full_name}.fields", ours.fields, list(theirs.fields)


def each(compare, ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        yield from compare(one, other)


def maps(where, mine, yours):
    ours = {key: name_of(one) for key, one in mine.items()}
    theirs = {key: name_of(one) for key, one in yours.items()}
    if ours.keys() != theirs.keys():
        yield where, set(ours), set(theirs)
    for key, name in theirs.items():
        if hasattr(yours[key], "full_name") and ours.get(key) != name:
            yield f"{where}[{key!r}]", ours.get(key), name


def services(ours, theirs):
    yield from attributes(ours, theirs, (*NAMES, "index"))
    yield from maps(f"{theirs.full_name}.methods", ours.methods_by_name, theirs.methods_by_name)
    for one, other in zip(ours.methods, theirs.methods, strict=True):
        names = (*NAMES, "index", "client_streaming", "server_streaming")
        yield from attributes(one, other, names)
        yield from options(one, other)
        for name in ("input_type", "output_type", "containing_service"):
            if name_of(getattr(one, name)) != name_of(getattr(other, name)):
                yield f"{other.full_name}.{name}", getattr(one, name), getattr(other, name)


def files(ours, theirs):
    yield from attributes(ours, theirs, ("name", "package", "has_options"))
    yield from options(ours, theirs)
    for name in ("dependencies", "public_dependencies"):
        mine = [one.name for one in getattr(ours, name)]
        yours = [one.name for one in getattr(theirs, name)]
        if mine != yours:
            yield f"{theirs.name}.{name}", mine, yours
    for name in FILE_MAPS:
        yield from maps(f"{theirs.name}.{name}", getattr(ours, name), getattr(theirs, name))
    for name, other in theirs.message_types_by_name.items():
        yield from messages(ours.message_types_by_name[name], other)
    for name, other in theirs.enum_types_by_name.items():
        yield from enums(ours.enum_types_by_name[name], other)
    for name, other in theirs.extensions_by_name.items():
        yield from fields(ours.extensions_by_name[name], other)
    for name, other in theirs.services_by_name.items():
        yield from services(ours.services_by_name[name], other)
