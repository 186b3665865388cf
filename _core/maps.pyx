"""Map fields: what was read of the bytes as a mapping, kept as a dict once it is changed."""

from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport uint32_t

from tensorwire._core.edits cimport EDIT_MAP, Edit, edits_find, edits_take
from tensorwire._core.map_reading cimport map_default, map_read
from tensorwire._core.merge cimport map_merge, message_copy_from
from tensorwire._core.message cimport Message, message_blank
from tensorwire._core.node cimport (
    NODE_OWNED, Node, children_find, children_remove, class_close, key_of_field, node_release,
)
from tensorwire._core.plan cimport PlanSet
from tensorwire._core.tree cimport container_drop, element_own, message_touch, node_attach
from tensorwire._core.values cimport scalar_checked
from wire cimport FieldPlan, MessagePlan, kind_is_message, map_key_plan, map_value_plan

cimport cython

from collections.abc import ItemsView, KeysView, Mapping, MutableMapping, ValuesView


cdef inline bint _holds_messages(const FieldPlan *field) noexcept:
    return kind_is_message(map_value_plan(field).kind)


# -- storage --------------------------------------------------------------------------------------

cdef dict map_entries(Message parent, const FieldPlan *field):
    cdef Edit *entry = edits_find(parent.edits, field.number)
    cdef dict known
    cdef PyObject *live
    if entry != NULL and entry.state == EDIT_MAP:
        return <dict> entry.value.object
    live = children_find(parent.children, key_of_field(field))
    if live != NULL and (<Map> live).known is not None:
        return (<Map> live).known
    known = {} if entry != NULL else map_read(parent, field)
    live = children_find(parent.children, key_of_field(field))
    if live != NULL:
        (<Map> live).known = known
    return known


cdef dict map_edit(Message parent, const FieldPlan *field):
    message_touch(parent)
    return map_owned(parent, field)


cdef dict map_owned(Message parent, const FieldPlan *field):
    cdef Edit *entry
    cdef dict entries = map_entries(parent, field)
    cdef PyObject *live
    entry = edits_take(&parent.edits, field)
    if entry.state == EDIT_MAP:
        return <dict> entry.value.object
    entry.state = EDIT_MAP
    entry.value.object = <PyObject *> entries
    Py_INCREF(entries)
    if _holds_messages(field):
        for value in entries.values():
            _take_over(parent, field, <Message> value)
    live = children_find(parent.children, key_of_field(field))
    if live != NULL:
        (<Map> live).known = None
    return entries


cdef void _take_over(Message parent, const FieldPlan *field, Message value) noexcept:
    """The dict holds the value, so the value may not hold the parent."""
    children_remove(parent.children, <PyObject *> value)
    element_own(parent, field, value)
    node_release(<PyObject *> parent)


cdef int map_put(Message parent, const FieldPlan *field, key, value) except -1:
    cdef dict entries = map_edit(parent, field)
    old = entries.get(key)
    entries[key] = value
    if isinstance(value, Message):
        element_own(parent, field, <Message> value)
    _let_go(old)
    return 0


cdef void _let_go(value) noexcept:
    if isinstance(value, Message):
        (<Message> value).parent = NULL
        (<Message> value).field = NULL
        (<Message> value).flags &= ~<uint32_t> NODE_OWNED


cdef object _fresh_value(Message parent, const FieldPlan *field):
    if _holds_messages(field):
        return message_blank(map_value_plan(field).message)
    return map_default(field, "value")


# -- the mapping ----------------------------------------------------------------------------------

cdef Map map_of(Message parent, const FieldPlan *field):
    cdef PyObject *live = children_find(parent.children, key_of_field(field))
    cdef Map self
    if live != NULL:
        return <Map> live
    self = Map.__new__(Map)
    self.known = None
    node_attach(self, parent, field, key_of_field(field))
    return self


cdef inline Message _parent(Map self):
    return <Message> self.parent


cdef inline dict _entries(Map self):
    return map_entries(_parent(self), self.field)


cdef inline object _key(Map self, key):
    return scalar_checked(self.field.message, map_key_plan(self.field), key)


@cython.final
@cython.no_gc
cdef class Map(Node):
    """A map field as a mapping, in wire order until it is changed; the last of equal keys wins.

    Copies: keys and scalar values are fresh objects; message values are views. All entries are
    read on first use. Reading a key that is missing adds it, as upstream does; ``get`` does not.
    """

    def __init__(self):
        raise TypeError("a map field is read from a message")

    def __dealloc__(self):
        container_drop(<PyObject *> self)

    def __len__(self):
        return len(_entries(self))

    def __getitem__(self, key):
        key = _key(self, key)
        entries = _entries(self)
        if key not in entries:
            value = _fresh_value(_parent(self), self.field)
            map_put(_parent(self), self.field, key, value)
            return value
        return entries[key]

    def __setitem__(self, key, value):
        key = _key(self, key)
        _require_scalars(self, "assign to")
        value = scalar_checked(self.field.message, map_value_plan(self.field), value)
        map_edit(_parent(self), self.field)[key] = value

    def __delitem__(self, key):
        key = _key(self, key)
        if key not in _entries(self):
            raise KeyError(key)
        _let_go(map_edit(_parent(self), self.field).pop(key))

    def __contains__(self, key):
        cdef dict entries = _entries(self)
        # Upstream does not look at the key where there is no entry.
        return len(entries) != 0 and _key(self, key) in entries

    def __iter__(self):
        return _Iterator(self, _entries(self))

    def __eq__(self, other):
        if isinstance(other, Map):
            return _equal(_entries(self), _entries(<Map> other))
        return _equal(_entries(self), other) if isinstance(other, Mapping) else NotImplemented

    def __hash__(self):
        return id(self) >> 4

    def __repr__(self):
        return repr(_entries(self))

    def get(self, key, default=None):
        """The value of ``key``, or ``default``. Adds nothing."""
        return _entries(self).get(_key(self, key), default)

    def get_or_create(self, key):
        """The message of ``key``, added if it is missing."""
        return self[key]

    def setdefault(self, key, default=None, /):
        """The value of ``key``, set to the default given if it is missing."""
        _require_scalars(self, "setdefault in", NotImplementedError)
        if default is None:
            raise ValueError("setdefault needs a value")
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key, *default):
        """Removes ``key`` and returns its value, or the default given. Raises ``KeyError``."""
        if len(default) > 1:
            raise TypeError("pop takes a key and one default")
        key = _key(self, key)
        if key not in _entries(self):
            if default:
                return default[0]
            raise KeyError(key)
        value = map_edit(_parent(self), self.field).pop(key)
        _let_go(value)
        return value

    def popitem(self):
        """Removes one entry and returns it. Raises ``KeyError`` if there is none."""
        for key in _entries(self):
            return key, self.pop(key)
        raise KeyError("the map is empty")

    def update(self, *others, **more):
        """Sets entries from mappings, pairs or keywords, in this order."""
        for key, value in dict(*others, **more).items():
            self[key] = value

    def clear(self):
        """Removes all entries."""
        cdef dict entries = map_edit(_parent(self), self.field)
        cdef list old = list(entries.values())
        entries.clear()
        for value in old:
            _let_go(value)

    def MergeFrom(self, other):
        """Copies all entries of another map of the same field type; equal keys are replaced."""
        cdef Map source
        if not isinstance(other, Map):
            raise AttributeError(f"a map field is needed, not {type(other).__name__}")
        source = <Map> other
        if (map_key_plan(source.field).kind != map_key_plan(self.field).kind
                or map_value_plan(source.field).kind != map_value_plan(self.field).kind
                or map_value_plan(source.field).message != map_value_plan(self.field).message):
            raise TypeError("the two maps hold keys or values of different types")
        map_edit(_parent(self), self.field)
        if source is not self:
            _copy_entries(self, _entries(source))

    def GetEntryClass(self):
        """The class of the messages that a map field is encoded as."""
        cdef const MessagePlan *plan = self.field.message
        return (<PlanSet> plan.head.set).class_at(plan.head.index)

    def keys(self):
        """The keys, as a set-like view: what changes shows in it."""
        return MapKeys(self)

    def values(self):
        """The values, as a view."""
        return MapValues(self)

    def items(self):
        """The ``(key, value)`` pairs, as a set-like view."""
        return MapItems(self)

    def __reduce__(self):
        raise TypeError("a map field cannot be copied or pickled alone; take dict(field)")


# The views hold the map, and look at its entries anew each time, at the speed of a dict's.

class MapKeys(KeysView):
    __slots__ = ()

    def __iter__(self):
        return iter(self._mapping)


class MapValues(ValuesView):
    __slots__ = ()

    def __contains__(self, value):
        return value in _entries(<Map> self._mapping).values()

    def __iter__(self):
        return _Iterator(self._mapping, _entries(<Map> self._mapping).values())


class MapItems(ItemsView):
    __slots__ = ()

    def __contains__(self, pair):
        return pair in _entries(<Map> self._mapping).items()

    def __iter__(self):
        return _Iterator(self._mapping, _entries(<Map> self._mapping).items())


cdef bint _equal(dict entries, other) except -1:
    """By value: a NaN, which dicts find equal to itself, is not."""
    if len(entries) != len(other):
        return False
    for key, value in entries.items():
        if key not in other or not other[key] == value:
            return False
    return True


cdef int _copy_entries(Map self, dict source) except -1:
    """A message of an equal key stays the object that it is."""
    cdef dict fresh = {}
    cdef dict entries = map_edit(_parent(self), self.field)
    for key, value in list(source.items()):
        if key in entries and isinstance(value, Message):
            message_copy_from(<Message> entries[key], <Message> value)
        else:
            fresh[key] = value
    return map_merge(_parent(self), self.field, fresh)


@cython.final
cdef class _Iterator:
    """Over its entries. Ends with RuntimeError once the map was changed or cleared."""
    cdef Map map
    cdef Message parent
    cdef object entries

    def __cinit__(self, Map map not None, entries):
        self.map = map
        self.parent = _parent(map)
        self.entries = iter(entries)

    def __iter__(self):
        return self

    def __next__(self):
        if self.map.parent != <PyObject *> self.parent:
            raise RuntimeError("the map was cleared while it was iterated over")
        return next(self.entries)


cdef int _require_scalars(Map self, str doing, error=ValueError) except -1:
    if _holds_messages(self.field):
        raise error(f"cannot {doing} a map of messages: change m[key], which adds what is missing")
    return 0


MutableMapping.register(Map)
class_close(Map)
