"""The names of a FlatBuffers schema, as those who build buffers give them."""

from keyword import iskeyword as _iskeyword

from flat cimport FLAT_OFFSET64, FlatEnum, FlatObject
from tensorwire._core.flat_plan cimport FlatPlans

cimport cython


@cython.final
cdef class FlatNames:
    """Fields and members of enums by name, for all types of some plans, each made on first use."""

    def __init__(self, FlatPlans plans not None):
        self.plans = plans
        self.fields = [None] * plans.object_count
        self.attributes = [None] * plans.object_count
        self.members = [None] * plans.enum_count
        self.wide = any([
            field.flags & FLAT_OFFSET64
            for declared in plans.declarations.objects for field in declared.fields
        ])

    cdef dict fields_of(self, const FlatObject *plan):
        found = self.fields[plan.head.index]
        if found is None:
            declared = self.plans.declarations.objects[plan.head.index].fields
            found = {field.name: i for i, field in enumerate(declared)}
            self.fields[plan.head.index] = found
        return found

    cdef dict members_of(self, const FlatEnum *plan):
        found = self.members[plan.head.index]
        if found is None:
            declared = self.plans.declarations.enums[plan.head.index].values
            found = {value.name: value.value for value in declared}
            self.members[plan.head.index] = found
        return found

    cdef list attributes_of(self, const FlatObject *plan):
        """For each field the names that an object may have it by."""
        found = self.attributes[plan.head.index]
        if found is None:
            declared = self.plans.declarations.objects[plan.head.index].fields
            found = [_attributes(field.name) for field in declared]
            self.attributes[plan.head.index] = found
        return found


cdef tuple _attributes(str name):
    """The schema's name, that of a view, and that of flatc's object API.

    Source: google/flatbuffers ``src/util.cpp``, ConvertCase, Case::kLowerCamel.
    """
    first, *more = name.split("_")
    camel = first + "".join([part[:1].upper() + part[1:] for part in more])
    names = [name, camel]
    return tuple(dict.fromkeys([*names, *[f"{one}_" for one in names if _iskeyword(one)]]))


cdef object names_number(FlatNames self, const FlatEnum *plan, str name):
    cdef dict members = self.members_of(plan)
    found = members.get(name)
    if found is None and name.endswith("_"):       # members of IntEnums that Python's names shadow
        found = members.get(name[:len(name) - 1])
    if found is not None or not self.plans.bit_flags(plan.head.index):
        return found
    total = 0
    for part in name.replace("|", " ").split():
        number = members.get(part)
        if number is None:
            if not part.isdecimal():
                return None
            number = int(part)         # bits without a name, as IntFlag shows them
        total |= number
    return total if name.strip() else None
