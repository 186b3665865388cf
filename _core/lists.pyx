"""Changed repeated fields: lists of native numbers, or of words for strings, bytes and messages.

A list never expands what it was made from: an element that was not changed stays eight bytes, the
place of its item.
"""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport uint64_t
from libc.string cimport memcpy, memmove

from cursor cimport Item, item_read
from elements cimport Elements, element_bits, elements_begin, elements_next
from scalar cimport item_object
from tensorwire._core.children cimport message_child_at
from tensorwire._core.coerce cimport message_copied
from tensorwire._core.edits cimport (
    EDIT_LIST, Edit, List, edits_find, edits_take, list_free, list_new, list_reserve, list_width,
    word_is_item, word_item, word_object, word_of_item, word_of_object, word_release,
)
from tensorwire._core.index cimport Scan, scan_next
from tensorwire._core.find cimport Found, message_find, message_scan_found
from tensorwire._core.message cimport Message, message_changed, message_fault
from tensorwire._core.node cimport children_find, key_of_item
from tensorwire._core.bulk_numbers cimport numbers_from_array
from tensorwire._core.starts cimport field_length
from tensorwire._core.tree cimport element_own, message_touch, node_detach
from tensorwire._core.values cimport (
    bits_object, native_load, native_store, number_bits, text_object,
)
from wire cimport Fault, FieldPlan, MessagePlan, kind_is_message, kind_packable


cdef inline uint64_t *_words(List *values) noexcept:
    return <uint64_t *> values.values


cdef List *list_known(Message parent, const FieldPlan *field) noexcept:
    cdef Edit *entry = edits_find(parent.edits, field.number)
    return entry.value.list if entry != NULL and entry.state == EDIT_LIST else NULL


cdef Py_ssize_t list_length(Message parent, const FieldPlan *field) except -1:
    cdef Edit *entry = edits_find(parent.edits, field.number)
    if entry == NULL:
        return field_length(parent, field)
    return entry.value.list.count if entry.state == EDIT_LIST else 0


cdef List *_edit(Message parent, const FieldPlan *field) except NULL:
    """The list to be changed by the caller, made from the bytes if need be."""
    cdef Edit *entry
    cdef List *values
    message_touch(parent)
    entry = edits_find(parent.edits, field.number)
    if entry != NULL and entry.state == EDIT_LIST:
        return entry.value.list
    values = list_new(field.kind, 0)
    try:
        if entry == NULL and parent.owner != NULL:
            _read_elements(parent, field, values)
        entry = edits_take(&parent.edits, field)
    except BaseException:
        list_free(values, field.kind)
        raise
    entry.state = EDIT_LIST
    entry.value.list = values
    return values


cdef List *list_numbers(Message parent, const FieldPlan *field) except NULL:
    cdef List *known = list_known(parent, field)
    cdef List *copy = list_new(field.kind, 0 if known == NULL else known.count)
    try:
        if known == NULL:
            _read_numbers(parent, field, copy)
        elif known.count:
            memcpy(copy.values, known.values, known.count * list_width(field.kind))
            copy.count = known.count
    except BaseException:
        list_free(copy, field.kind)
        raise
    return copy


cdef int _read_elements(Message parent, const FieldPlan *field, List *values) except -1:
    """What the bytes say. A list of words holds items only, which need not be let go of."""
    if kind_packable(field.kind):
        return _read_numbers(parent, field, values)
    return _read_items(parent, field, values)


cdef int _read_numbers(Message parent, const FieldPlan *field, List *values) except -1:
    cdef size_t length = field_length(parent, field)
    cdef Elements walk
    cdef Found found
    cdef Fault fault
    cdef int status = elements_begin(&walk, parent, field, &found)
    list_reserve(values, field.kind, length)
    while status > 0 and values.count < length:  # progress: elements_next advances
        status = elements_next(&walk, parent.plan, &fault)
        if status == 1:
            native_store(field.kind, values.values, values.count,
                         element_bits(field.kind, parent.base + walk.place, walk.value))
            values.count += 1
    if status < 0:
        raise message_fault(parent, &fault)
    return 0


cdef int _read_items(Message parent, const FieldPlan *field, List *values) except -1:
    cdef Found found
    cdef Scan scan
    cdef Item item
    cdef Fault fault
    cdef int status = 1
    message_find(parent, field, &found)
    if found.count == 0:
        return 0
    list_reserve(values, field.kind, found.count)
    message_scan_found(parent, &found, &scan)
    while values.count < found.count:      # progress: scan_next advances
        status = scan_next(&scan, &item, &fault)
        if status < 0:
            raise message_fault(parent, &fault)
        if status == 0:
            break
        if item.tag == field.tag:
            _words(values)[values.count] = word_of_item(item.at)
            values.count += 1
    return 0


cdef object list_element(Message parent, const FieldPlan *field, List *values, size_t place):
    cdef Item item
    cdef Fault fault
    cdef uint64_t word
    if kind_packable(field.kind):
        return bits_object(field.kind, native_load(field.kind, values.values, place))
    word = _words(values)[place]
    if not word_is_item(word):
        return <object> word_object(word)
    if item_read(parent.base, word_item(word), parent.whole.stop, &item, &fault) < 0:
        raise message_fault(parent, &fault)
    if item.tag != field.tag:
        raise message_changed(parent, item.at)
    if kind_is_message(field.kind):
        return message_child_at(parent, field, &item)
    return item_object(field.kind, parent.base, &item)


# -- new elements ---------------------------------------------------------------------------------

cdef int element_checked(const MessagePlan *plan, const FieldPlan *field, value, Taking taking,
                         uint64_t *element) except -1:
    if kind_packable(field.kind):
        return number_bits(plan, field, value, element)
    if kind_is_message(field.kind):
        value = message_copied(field.message, value, taking == TAKE_DICTS)
    elif taking != TAKE_AS_IS:
        value = text_object(field, value)
    Py_INCREF(value)
    element[0] = word_of_object(<PyObject *> value)
    return 0


cdef inline void _store(List *values, const FieldPlan *field, uint64_t element) noexcept:
    """REQUIRES: room for it."""
    if kind_packable(field.kind):
        native_store(field.kind, values.values, values.count, element)
    else:
        _words(values)[values.count] = element
    values.count += 1


cdef List *list_checked(Message parent, const FieldPlan *field, values,
                        Taking taking=TAKE_CHECKED) except NULL:
    """Raises what the first unfit value raises; nothing of the message is changed before."""
    cdef List *fresh = list_new(field.kind, 0)
    cdef uint64_t element = 0
    cdef object value
    try:
        if type(values) is list or type(values) is tuple:
            list_reserve(fresh, field.kind, len(values))
        elif kind_packable(field.kind) and numbers_from_array(parent.plan, field, values, fresh):
            return fresh
        for value in values:
            if fresh.count == fresh.room:
                list_reserve(fresh, field.kind, fresh.count + 1)
            element_checked(parent.plan, field, value, taking, &element)
            _store(fresh, field, element)
    except BaseException:
        list_free(fresh, field.kind)
        raise
    return fresh


cdef int list_add(Message parent, const FieldPlan *field, uint64_t element) except -1:
    cdef List *values
    try:
        values = _edit(parent, field)
        list_reserve(values, field.kind, values.count + 1)
    except BaseException:
        if not kind_packable(field.kind):
            word_release(element, field.kind)
        raise
    _store(values, field, element)
    if kind_is_message(field.kind):
        element_own(parent, field, <Message> word_object(element))
    return 0


cdef int list_splice(Message parent, const FieldPlan *field, size_t start, size_t stop,
                     List *fresh) except -1:
    """``[start, stop)`` is cut down to what is there: checking the elements may run any code."""
    cdef size_t width = list_width(field.kind), i, taken
    cdef List *values
    cdef list gone                         # dropped at the end: that may run code
    cdef char *place
    try:
        gone = []                          # before the list is looked at, for the same reason
        message_touch(parent)
        if parent.owner == NULL and edits_find(parent.edits, field.number) == NULL:
            return _put_first(parent, field, fresh)
        values = _edit(parent, field)
        stop = min(stop, values.count)
        start = min(start, stop)
        list_reserve(values, field.kind, values.count - (stop - start) + fresh.count)
        _hold(parent, field, values, start, stop, gone)
    except BaseException:
        list_free(fresh, field.kind)
        raise
    taken = stop - start
    _take_out(parent, field, values, start, stop)
    place = <char *> values.values + start * width
    if values.count > stop:
        memmove(place + fresh.count * width, place + taken * width, (values.count - stop) * width)
    if fresh.count:
        memcpy(place, fresh.values, fresh.count * width)
    values.count += fresh.count - taken
    if kind_is_message(field.kind):
        for i in range(start, start + fresh.count):
            element_own(parent, field, <Message> word_object(_words(values)[i]))
    fresh.count = 0
    list_free(fresh, field.kind)
    return 0


cdef int _put_first(Message parent, const FieldPlan *field, List *fresh) except -1:
    """The list itself is the field's: there was none, and there are no bytes."""
    cdef Edit *entry
    cdef size_t i
    entry = edits_take(&parent.edits, field)
    entry.state = EDIT_LIST
    entry.value.list = fresh
    if kind_is_message(field.kind):
        for i in range(fresh.count):
            element_own(parent, field, <Message> word_object(_words(fresh)[i]))
    return 0


cdef int _hold(Message parent, const FieldPlan *field, List *values, size_t start, size_t stop,
               list gone) except -1:
    """Puts the objects that those words stand for into ``gone``."""
    cdef PyObject *live
    cdef size_t i
    if kind_packable(field.kind):
        return 0
    for i in range(start, stop):
        if not word_is_item(_words(values)[i]):
            gone.append(<object> word_object(_words(values)[i]))
        elif kind_is_message(field.kind):
            live = children_find(parent.children, key_of_item(word_item(_words(values)[i])))
            if live != NULL:
                gone.append(<object> live)
    return 0


cdef void _take_out(Message parent, const FieldPlan *field, List *values, size_t start,
                    size_t stop) noexcept:
    """Lets go of them. An element that somebody holds stands alone from then on."""
    cdef PyObject *live
    cdef size_t i
    if kind_packable(field.kind):
        return
    for i in range(start, stop):
        if not word_is_item(_words(values)[i]):
            word_release(_words(values)[i], field.kind)
        elif kind_is_message(field.kind):
            live = children_find(parent.children, key_of_item(word_item(_words(values)[i])))
            if live != NULL:
                node_detach(parent, live)


cdef int list_permute(Message parent, const FieldPlan *field, list order) except -1:
    cdef List *values = _edit(parent, field)
    cdef size_t width = list_width(field.kind), count = values.count, i, place
    cdef char *old
    if <size_t> len(order) != count:
        raise ValueError("the repeated field was changed while it was being sorted")
    if count == 0:
        return 0
    old = <char *> PyMem_Malloc(count * width)
    if old == NULL:
        raise MemoryError
    memcpy(old, values.values, count * width)
    for i in range(count):
        place = order[i]
        memcpy(<char *> values.values + i * width, old + place * width, width)
    PyMem_Free(old)
    return 0
