"""Random lines that read and change repeated fields and maps."""

from typing import Any


def step(steps: Any, variable: Any) -> Any:
    """One line for a container."""
    made = steps.rng.choice(STEPS[variable.shape])(steps, variable)
    if made.new is not None:
        return made
    return made._replace(line=f"trying({variable.name}, lambda: {made.line})")


def _line(text: str) -> Any:
    from .edit_steps import Step

    return Step(text)


def _length(steps: Any, variable: Any) -> int:
    return len(steps.world.names.get(variable.name, ()))


def _slice(steps: Any, length: int, stepped: bool = True) -> str:
    bounds = [None, *range(-length - 1, length + 2)]
    by = steps.rng.choice((None, 1, 2, -1, 3)) if stepped else None
    return f"slice({steps.rng.choice(bounds)}, {steps.rng.choice(bounds)}, {by})"


# -- all lists -----------------------------------------------------------------------------------


def observe(steps: Any, variable: Any) -> Any:
    return _line(steps.rng.choice(("list({})", "len({})", "list(reversed({}))", "{} == list({})"))
                 .replace("{}", variable.name))  # fmt: skip


def get(steps: Any, variable: Any) -> Any:
    length = _length(steps, variable)
    if steps.rng.random() < 0.5:
        return _line(f"{variable.name}[{_slice(steps, length)}]")
    return _line(f"{variable.name}[{steps.rng.randrange(-length - 1, length + 1)}]")


def pop(steps: Any, variable: Any) -> Any:
    length = _length(steps, variable)
    at = steps.rng.choice((-1, steps.rng.randrange(-length - 1, length + 1)))
    return _line(f"take({variable.name}, {at})")


def delete(steps: Any, variable: Any) -> Any:
    length = _length(steps, variable)
    if steps.rng.random() < 0.4:
        return _line(f"cut({variable.name}, {_slice(steps, length)})")
    return _line(f"{variable.name}.__delitem__({steps.rng.randrange(-length - 1, length + 1)})")


def clear(steps: Any, variable: Any) -> Any:
    return _line(f"{variable.name}.clear()" if steps.rng.random() < 0.5
                 else f"{variable.name}.__delitem__(slice(None))")  # fmt: skip


def reverse(steps: Any, variable: Any) -> Any:
    return _line(f"{variable.name}.reverse()")


# -- lists of scalars ----------------------------------------------------------------------------


def append(steps: Any, variable: Any) -> Any:
    return _line(f"{variable.name}.append({steps.values.scalar(variable.type, 0.1)})")


def extend(steps: Any, variable: Any) -> Any:
    method = steps.rng.choice(("extend", "extend", "MergeFrom"))
    values = steps.values.scalars(variable.type, 0.02)
    kind = variable.type.cpp_type
    if kind not in (variable.type.CPPTYPE_STRING, variable.type.CPPTYPE_BOOL,
                    variable.type.CPPTYPE_ENUM) and steps.rng.random() < 0.3:  # fmt: skip
        values = steps.values.array(variable.type)
    elif steps.rng.random() < 0.1:
        values = variable.name
    return _line(f"{variable.name}.{method}({values})")


def insert(steps: Any, variable: Any) -> Any:
    length = _length(steps, variable)
    at = steps.rng.randrange(-length - 2, length + 3)
    return _line(f"{variable.name}.insert({at}, {steps.values.scalar(variable.type, 0.1)})")


def assign(steps: Any, variable: Any) -> Any:
    length = _length(steps, variable)
    at = steps.rng.randrange(-length - 1, length + 1)
    return _line(f"{variable.name}.__setitem__({at}, {steps.values.scalar(variable.type, 0.1)})")


def assign_slice(steps: Any, variable: Any) -> Any:
    part = _slice(steps, _length(steps, variable), steps.rng.random() < 0.3)
    return _line(f"{variable.name}.__setitem__({part}, {steps.values.scalars(variable.type)})")


def remove(steps: Any, variable: Any) -> Any:
    return _line(f"{variable.name}.remove({steps.values.scalar(variable.type)})")


def sort(steps: Any, variable: Any) -> Any:
    """Not of bytes: upstream, asked to sort texts that are no UTF-8, does not take them back."""
    name, reverse = variable.name, steps.rng.random() < 0.5
    sortable = f"not any(isinstance(value, bytes) for value in {name})"
    return _line(f"{sortable} and {name}.sort(key=repr, reverse={reverse})")


def array(steps: Any, variable: Any) -> Any:
    if variable.type.cpp_type == variable.type.CPPTYPE_STRING:
        return observe(steps, variable)
    return _line(f"np.asarray({variable.name})")


# -- lists of messages ---------------------------------------------------------------------------


def hold(steps: Any, variable: Any) -> Any:
    length = _length(steps, variable)
    kind = variable.type.message_type
    if length and steps.rng.random() < 0.7:
        at = steps.rng.randrange(-length, length)
        return steps.child(variable, f"{variable.name}[{at}]", "message", kind)
    arguments = steps.values.dictionary(kind) if steps.rng.random() < 0.5 else "{}"
    return steps.child(variable, f"{variable.name}.add(**{arguments})", "message", kind)


def append_message(steps: Any, variable: Any) -> Any:
    source = steps.other(variable, variable.type.message_type)
    length = _length(steps, variable)
    at = steps.rng.randrange(-length - 2, length + 3)
    return _line(steps.rng.choice((
        f"none({variable.name}.append({source}))", f"{variable.name}.extend([{source}, {source}])",
        f"{variable.name}.insert({at}, {source})", f"{variable.name}.MergeFrom([{source}])",
        f"{variable.name}.extend([])",
    )))  # fmt: skip


def remove_message(steps: Any, variable: Any) -> Any:
    return _line(f"{variable.name}.remove({steps.other(variable, variable.type.message_type)})")


def sort_messages(steps: Any, variable: Any) -> Any:
    return _line(f"{variable.name}.sort(key=by_content, reverse={steps.rng.random() < 0.5})")


def write_element(steps: Any, variable: Any) -> Any:
    """Through an element that nobody holds on to."""
    fields = [f for f in steps.values.fields(variable.type.message_type)
              if f.message_type is None and not f.is_repeated]  # fmt: skip
    if not fields or not _length(steps, variable):
        return hold(steps, variable)
    field, at = steps.rng.choice(fields), steps.rng.randrange(_length(steps, variable))
    return _line(f"setattr({variable.name}[{at}], {field.name!r}, {steps.values.scalar(field)})")


# -- maps ----------------------------------------------------------------------------------------


def _entry(variable: Any) -> Any:
    return variable.type.message_type


def observe_map(steps: Any, variable: Any) -> Any:
    key = steps.values.key(_entry(variable))
    return _line(steps.rng.choice((
        f"items({variable.name})", f"len({variable.name})", f"{key} in {variable.name}",
        f"{variable.name}.get({key})", f"{variable.name} == dict({variable.name}.items())",
    )))  # fmt: skip


def look_up(steps: Any, variable: Any) -> Any:
    return _line(f"{variable.name}[{steps.values.key(_entry(variable))}]")


def put(steps: Any, variable: Any) -> Any:
    entry = _entry(variable)
    value = steps.values.scalar(entry.fields_by_name["value"], 0.1)
    key, name = steps.values.key(entry), variable.name
    return _line(steps.rng.choice((
        f"{name}.__setitem__({key}, {value})", f"{name}.update({{{key}: {value}}})",
        f"none({name}.setdefault({key}, {value}))",
    )))  # fmt: skip


def drop(steps: Any, variable: Any) -> Any:
    key = steps.values.key(_entry(variable))
    return _line(steps.rng.choice((
        f"{variable.name}.__delitem__({key})", f"take_key({variable.name}, {key})",
    )))  # fmt: skip


def clear_map(steps: Any, variable: Any) -> Any:
    return _line(f"{variable.name}.clear()")


def merge_map(steps: Any, variable: Any) -> Any:
    others = [one for one in steps.variables
              if one.type is variable.type and (one is variable or one.tree != variable.tree)]
    line = _line(f"{variable.name}.MergeFrom({steps.rng.choice(others).name})")
    return line._replace(forget=steps.emptied(variable))


def hold_value(steps: Any, variable: Any) -> Any:
    key, kind = steps.values.key(_entry(variable)), _entry(variable).fields_by_name["value"]
    how = steps.rng.choice(("[{}]", ".get_or_create({})")).format(key)
    return steps.child(variable, f"{variable.name}{how}", "message", kind.message_type)


LISTS = [observe, get, pop, delete, delete, reverse]
STEPS = {
    "repeated": [*LISTS, append, append, extend, extend, insert, assign, assign_slice, remove, sort,
                 array, clear],
    "elements": [*LISTS, hold, hold, hold, append_message, append_message, remove_message,
                 sort_messages, write_element, clear],
    "map": [observe_map, observe_map, look_up, put, put, put, drop, clear_map, merge_map],
    "messages": [observe_map, look_up, hold_value, hold_value, hold_value, drop, clear_map,
                 merge_map],
}  # fmt: skip
