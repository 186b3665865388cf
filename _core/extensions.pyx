"""Extension fields of a message, by descriptor."""

from tensorwire._core.access cimport field_assign, field_read
from tensorwire._core.message cimport Message, message_name
from tensorwire._core.methods cimport field_descriptor
from tensorwire._core.node cimport class_close
from tensorwire._core.present cimport field_present, fields_present
from tensorwire._core.tree cimport message_clear_field
from wire cimport FIELD_REPEATED, FieldPlan, kind_is_message, plan_field

cimport cython


cdef Extensions extensions_of(Message message):
    cdef Extensions self = Extensions.__new__(Extensions)
    self.message = message
    return self


cdef const FieldPlan *_field(Extensions self, descriptor) except NULL:
    """The field of an extension. One that was defined later than the class is added to it."""
    cdef const FieldPlan *field
    if not getattr(descriptor, "is_extension", False):
        raise KeyError(f"an extension is needed, not {descriptor!r}")
    owner = descriptor.containing_type.full_name
    if owner != message_name(self.message.plan):
        raise KeyError(f"{descriptor.full_name} extends {owner}, not "
                       f"{message_name(self.message.plan)}")
    field = plan_field(self.message.plan, descriptor.number)
    if field == NULL:
        from tensorwire._core.message import hooks

        hooks["extension"](type(self.message), descriptor)
        field = plan_field(self.message.plan, descriptor.number)
    if field == NULL:
        raise KeyError(f"{descriptor.full_name} is not known to {owner}")
    return field


@cython.final
@cython.auto_pickle(False)
cdef class Extensions:
    """``message.Extensions``: values by extension descriptor; iterates over those that are set."""

    def __init__(self):
        raise TypeError("extensions are read from a message")

    def __getitem__(self, descriptor):
        cdef const FieldPlan *field = _field(self, descriptor)
        scalar = field.flags & FIELD_REPEATED == 0 and not kind_is_message(field.kind)
        return field_read(self.message, field, descriptor.default_value if scalar else None)

    def __setitem__(self, descriptor, value):
        cdef const FieldPlan *field = _field(self, descriptor)
        if field.flags & FIELD_REPEATED or kind_is_message(field.kind):
            raise TypeError(f"{descriptor.full_name} is repeated or a message: change its content")
        field_assign(self.message, field, value)

    def __delitem__(self, descriptor):
        message_clear_field(self.message, _field(self, descriptor))

    def __contains__(self, descriptor):
        return field_present(self.message, _field(self, descriptor))

    def __iter__(self):
        return iter(_present(self))

    def __len__(self):
        return len(_present(self))

    def __eq__(self, other):
        if not isinstance(other, Extensions):
            return NotImplemented
        return (<Extensions> other).message is self.message

    __hash__ = None

    def has(self, descriptor):
        """Whether a singular extension is set. Raises ``KeyError`` for any other."""
        cdef const FieldPlan *field = _field(self, descriptor)
        if field.flags & FIELD_REPEATED:
            raise KeyError(f"{descriptor.full_name} is repeated: unset and empty are the same")
        return field_present(self.message, field)

    def drop(self, descriptor):
        """Unsets an extension."""
        message_clear_field(self.message, _field(self, descriptor))

    def _FindExtensionByName(self, name, /):
        descriptor = type(self.message).DESCRIPTOR
        try:
            found = descriptor.file.pool.FindExtensionByName(name)
        except KeyError:
            return None
        return found if found.containing_type == descriptor else None

    def _FindExtensionByNumber(self, number, /):
        descriptor = type(self.message).DESCRIPTOR
        try:
            return descriptor.file.pool.FindExtensionByNumber(descriptor, number)
        except KeyError:
            return None


cdef list _present(Extensions self):
    cdef const FieldPlan *field
    cdef list found = []
    cls = type(self.message)
    for address in fields_present(self.message):
        field = <const FieldPlan *> <size_t> address
        if field.slot >= self.message.plan.field_count:
            found.append(field_descriptor(cls, field))
    return found


class_close(Extensions)
