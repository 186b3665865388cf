"""Random lines that read and change messages; what upstream cannot do without harm is left out.

Left out: a message copied into its own descendant, a list extended by itself, an element of a wrong
type, a slice given wrong values, missing required fields (upstream tells no size then). The
contract's tests have all of these.
"""

from typing import Any, NamedTuple

from . import edit_containers
from .edit_values import Values
from .edit_world import World, wire


class Variable(NamedTuple):
    """What a name stands for."""

    name: str
    shape: str  # "message", "repeated", "elements", "map", "messages"
    type: Any  # a message's descriptor, else the container's field
    tree: int  # of the message that it was read from, directly or not
    parents: tuple[str, ...] = ()  # the names it was read from, the root's first


class Step(NamedTuple):
    line: str
    new: Variable | None = None
    forget: tuple[str, ...] = ()  # names that nobody knows anything about afterwards
    ends: bool = False  # if it fails, nothing is known about anything


def shape_of(field: Any) -> str:
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        return "map" if kind.fields_by_name["value"].message_type is None else "messages"
    if field.is_repeated:
        return "repeated" if kind is None else "elements"
    return "scalar" if kind is None else "message"


def read_of(path: str, field: Any) -> str:
    """The expression that reads a field of the message that ``path`` stands for."""
    if field.is_extension:
        return f"{path}.Extensions[ext[{field.name!r}]]"
    return f"getattr({path}, {field.name!r})"


def write_of(path: str, field: Any, value: str) -> str:
    if field.is_extension:
        return f"{path}.Extensions.__setitem__(ext[{field.name!r}], {value})"
    return f"setattr({path}, {field.name!r}, {value})"


class Steps:
    """Writes lines for the variables it knows. ``world`` is upstream's, and tells lengths only."""

    def __init__(self, rng: Any, world: World) -> None:
        self.rng, self.world = rng, world
        extensions = [one for one in world.names["ext"].values() if one.name != "s_required"]
        self.values = Values(rng, extensions)
        self.variables: list[Variable] = []
        self.count = 0
        self.kinds = {
            value.DESCRIPTOR.full_name: name
            for name, value in world.names.items()
            if hasattr(value, "FromString")
        }
        left_out = ("Empty", "Required", "Keeper", "Set")  # of a set, upstream replaces the members
        others = [one for one in self.kinds.values() if one not in left_out]
        usual = ["All"] * 8 + ["Sub", "Extended", "Extended", *sorted(others)]
        usual = [one for one in usual if one in world.names]
        self.root = world.names[rng.choice(usual)].DESCRIPTOR

    def name(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def next(self) -> Step:
        """One step. It becomes known by `done`."""
        if not self.variables:
            return self.start(self.root)
        variable = self.rng.choice(self.variables[-12:] if self.rng.random() < 0.6
                                   else self.variables)  # fmt: skip
        if self.rng.random() < 0.05:
            return Step(f"del {variable.name}", forget=(variable.name,))
        if variable.shape == "message":
            return self.rng.choice(MESSAGE_STEPS)(self, variable)
        return edit_containers.step(self, variable)

    def done(self, step: Step, outcome: tuple[str, Any]) -> None:
        """Remembers what a step has made, forgets what it has spoilt."""
        failed = outcome[0] == "error"
        if step.ends and failed:
            self.variables = []
            return
        self.variables = [one for one in self.variables if one.name not in step.forget]
        if step.new is not None and not failed:
            self.variables.append(step.new)

    # -- new messages ------------------------------------------------------------------------

    def start(self, kind: Any) -> Step:
        """A message of its own."""
        name, cls = self.name(), self.kinds[kind.full_name]
        new = Variable(name, "message", kind, self.count)
        if self.rng.random() < 0.5:
            return Step(f"{name} := {cls}.FromString({self.values.encoded(kind)})", new)
        return Step(f"{name} := {cls}(**{self.values.dictionary(kind)})", new)

    def other(self, variable: Variable, kind: Any) -> str:
        """An expression for a message of a type that may be copied into ``variable``."""
        safe = [
            one.name
            for one in self.variables
            if one.shape == "message" and one.type.full_name == kind.full_name
            and (one.tree != variable.tree or variable.name in one.parents)
        ]  # fmt: skip
        if safe and self.rng.random() < 0.8:
            return self.rng.choice(safe)
        return f"{self.kinds[kind.full_name]}(**{self.values.dictionary(kind)})"

    def child(self, variable: Variable, expression: str, shape: str, kind: Any) -> Step:
        """Holds on to a part of a variable."""
        name = self.name()
        parents = (*variable.parents, variable.name)
        new = Variable(name, shape, kind, variable.tree, parents)
        return Step(f"{name} := {expression}", new)

    def absent(self, variable: Variable) -> tuple[str, ...]:
        """Parts that are held, though absent, and that upstream may or may not fill by merging."""
        below = self.below(variable)
        values = [(one, self.world.names.get(one.name, ())) for one in below]
        absent = [one for one, value in values
                  if not (wire(value) if one.shape == "message" else len(value))]  # fmt: skip
        alone = [one.name for one in absent
                 if one.shape == "message" and one.parents[-1] == variable.name]  # fmt: skip
        return () if len(alone) == len(absent) == 1 else tuple([one.name for one in absent])

    def below(self, variable: Variable) -> list[Variable]:
        """Parts of what a variable stands for, by whatever name they were read, and some more."""
        above = (variable.name, *variable.parents)
        return [one for one in self.variables
                if one.tree == variable.tree and one.parents and one.name not in above]  # fmt: skip

    def emptied(self, variable: Variable) -> tuple[str, ...]:
        """Containers below that have nothing in them, whatever had them changed."""
        return tuple([one.name for one in self.below(variable) if one.shape != "message"
                      and not len(self.world.names.get(one.name, ()))])  # fmt: skip

    def field(self, variable: Variable, *shapes: str) -> Any:
        """One of the chosen fields of these shapes, or None."""
        fields = [f for f in self.values.fields(variable.type) if shape_of(f) in shapes]
        return self.rng.choice(fields) if fields else None


# -- steps on messages ---------------------------------------------------------------------------


def observe(steps: Steps, variable: Variable) -> Step:
    what = steps.rng.choice(("wire", "size", "fields", "text", "presence", "extensions"))
    return Step(f"{what}({variable.name})")


def read(steps: Steps, variable: Variable) -> Step:
    field = steps.field(variable, "scalar", "message", "repeated", "elements", "map", "messages")
    if field is None:
        return observe(steps, variable)
    return Step(read_of(variable.name, field))


def assign(steps: Steps, variable: Variable) -> Step:
    field = steps.field(variable, "scalar")
    if field is None:
        return grow(steps, variable)
    line = write_of(variable.name, field, steps.values.scalar(field, 0.1))
    return Step(f"trying({variable.name}, lambda: {line})")


def grow(steps: Steps, variable: Variable) -> Step:
    """Writes something far below, through parts that nobody holds on to."""
    path, kind = variable.name, variable.type
    for _ in range(3):
        fields = [f for f in steps.values.fields(kind) if shape_of(f) == "message"]
        if not fields:
            break
        field = steps.rng.choice(fields)
        path, kind = read_of(path, field), field.message_type
        if steps.rng.random() < 0.4:
            break
    fields = [f for f in steps.values.fields(kind) if shape_of(f) in ("scalar", "repeated")]
    if not fields or steps.rng.random() < 0.2:
        return Step(f"{path}.SetInParent()")
    field = steps.rng.choice(fields)
    if field.is_repeated:
        return Step(f"{read_of(path, field)}.extend({steps.values.scalars(field)})")
    return Step(write_of(path, field, steps.values.scalar(field)))


def hold(steps: Steps, variable: Variable) -> Step:
    field = steps.field(variable, "message", "repeated", "elements", "map", "messages")
    if field is None:
        return assign(steps, variable)
    shape = shape_of(field)
    kind = field.message_type if shape == "message" else field
    return steps.child(variable, read_of(variable.name, field), shape, kind)


def clear_field(steps: Steps, variable: Variable) -> Step:
    fields = steps.values.fields(variable.type)
    if not fields:
        return observe(steps, variable)
    field = steps.rng.choice(fields)
    if field.is_extension:
        return Step(f"{variable.name}.ClearExtension(ext[{field.name!r}])")
    return Step(f"clear_field({variable.name}, {field.name!r})")


def clear(steps: Steps, variable: Variable) -> Step:
    return Step(f"empty({variable.name})")


def copy_from(steps: Steps, variable: Variable) -> Step:
    source = steps.other(variable, variable.type)
    line = f"(lambda other: (empty({variable.name}), {variable.name}.CopyFrom(other)))"
    return Step(f"{line}({source})")


def merge_from(steps: Steps, variable: Variable) -> Step:
    source = steps.other(variable, variable.type)
    source = variable.name if steps.rng.random() < 0.1 else source
    return Step(f"{variable.name}.MergeFrom({source})", forget=steps.absent(variable))


def merge_string(steps: Steps, variable: Variable) -> Step:
    data = steps.values.encoded(variable.type)
    line = f"{variable.name}.MergeFromString({data})"
    return Step(line, forget=steps.absent(variable), ends=True)


def parse_string(steps: Steps, variable: Variable) -> Step:
    data = steps.values.encoded(variable.type)
    line = f"(empty({variable.name}), {variable.name}.ParseFromString({data}))[1]"
    return Step(line, ends=True)


def set_in_parent(steps: Steps, variable: Variable) -> Step:
    return Step(f"{variable.name}.SetInParent()")


def discard(steps: Steps, variable: Variable) -> Step:
    return Step(f"{variable.name}.DiscardUnknownFields()")


def duplicate(steps: Steps, variable: Variable) -> Step:
    name = steps.name()
    how = steps.rng.choice(("copy.deepcopy({})", "again({})"))
    new = Variable(name, "message", variable.type, steps.count)
    return Step(f"{name} := {how.format(variable.name)}", new)


def set_state(steps: Steps, variable: Variable) -> Step:
    state = f"{steps.other(variable, variable.type)}.__getstate__()"
    line = f"(lambda state: (empty({variable.name}), {variable.name}.__setstate__(state))[1])"
    return Step(f"{line}({state})", ends=True)


def start_another(steps: Steps, variable: Variable) -> Step:
    return steps.start(variable.type)


def compare(steps: Steps, variable: Variable) -> Step:
    other = steps.rng.choice(steps.variables)
    if variable.type.is_extendable:  # an extension that was emptied makes upstream's unequal
        return observe(steps, variable)
    if variable.parents and steps.rng.random() < 0.4:
        return identity(steps, variable)
    return Step(f"{variable.name} == {other.name}")


def identity(steps: Steps, variable: Variable) -> Step:
    """Whether a held part is still its parent's."""
    parent = next((one for one in steps.variables if one.name == variable.parents[-1]), None)
    if parent is None or parent.shape != "message":
        return observe(steps, variable)
    names = [f.name for f in parent.type.fields
             if shape_of(f) == "message" and f.message_type is variable.type]  # fmt: skip
    return Step(f"[getattr({parent.name}, name) is {variable.name} for name in {names}]")


MESSAGE_STEPS = (
    [assign, hold] * 5 + [observe, grow] * 3 + [clear_field, read, merge_string, merge_from] * 2
    + [clear, copy_from, parse_string, set_in_parent, discard, duplicate, set_state, compare,
       start_another]
)  # fmt: skip
