"""Random values as the text of Python literals, and random bytes of random fields."""

from types import SimpleNamespace
from typing import Any

from google.protobuf.descriptor import FieldDescriptor as Kind

from .contract_schemas import KINDS, RANGES
from .generate import Generator

NAMES = {getattr(Kind, f"TYPE_{name.upper()}"): name for name in KINDS}
TEXTS = ("", "a", "hé", "€😀", "nul\0", "x" * 30, "y" * 300)
BYTES = (b"", b"a", b"\xff\0", b"x" * 30, b"z" * 300)
REALS = (0.0, -0.0, 1.5, -1.0, float("inf"), float("nan"), 0.1, 1e300, 2**24 + 1, 5e-324)
WRONG = ("'x'", "1.5", "None", "b'\\xff'", "-1", "[]", "2**64", "-2**63 - 1", "True", "'\\ud800'")


class Values:
    """Texts of values. ``rng``: like `random.Random`."""

    def __init__(self, rng: Any, extensions: Any = ()) -> None:
        self.rng = rng
        self.chosen: dict[str, list[Any]] = {}
        self.extensions = tuple(extensions)

    def chance(self, of: float) -> bool:
        return self.rng.random() < of

    def fields(self, kind: Any) -> list[Any]:
        """The few fields of a type that one program works on, so that they meet."""
        if kind.full_name not in self.chosen:
            count = self.rng.choice((2, 4, 8, 16))
            extensions = [one for one in self.extensions if one.containing_type is kind]
            fields = [*kind.fields, *extensions]
            self.chosen[kind.full_name] = self.rng.sample(fields, min(count, len(fields)))
        return self.chosen[kind.full_name]

    def scalar(self, field: Any, wrong: float = 0.0) -> str:
        """A value that the field takes, but for the share of ``wrong``."""
        if self.chance(wrong) and field.type != Kind.TYPE_BOOL:
            return self.rng.choice(WRONG)
        if field.enum_type is not None:
            value = self.rng.choice(field.enum_type.values)
            return repr(value.name) if self.chance(0.3) else repr(value.number)
        name = NAMES[field.type]
        if name in RANGES:
            low, high = RANGES[name]
            near = self.rng.randrange(-3, 200) if low else self.rng.randrange(200)
            return repr(self.rng.choice((0, 1, near, near, low, high, high >> 9, low >> 9)))
        choices = {"bool": (False, True), "string": TEXTS, "bytes": BYTES}.get(name, REALS)
        return repr(self.rng.choice(choices))

    def scalars(self, field: Any, wrong: float = 0.0) -> str:
        count = self.rng.choice((0, 1, 1, 2, 3, 20))
        return f"[{', '.join([self.scalar(field, wrong) for _ in range(count)])}]"

    def key(self, entry: Any) -> str:
        """A key out of few, so that keys meet."""
        field = entry.fields_by_name["key"]
        if field.type == Kind.TYPE_STRING:
            return repr(self.rng.choice(("", "a", "b", "hé", "long" * 9)))
        if field.type == Kind.TYPE_BOOL:
            return self.rng.choice(("True", "False"))
        low, high = RANGES[NAMES[field.type]]
        return repr(self.rng.choice((0, 1, 2, 300, high, low)))

    def dictionary(self, kind: Any, depth: int = 2) -> str:
        """The text of a dict that a constructor takes as keywords."""
        fields = [field for field in self.fields(kind) if not field.is_extension]
        count = self.rng.choice((0, 1, 2, 4))
        some = self.rng.sample(fields, min(count, len(fields)))
        return f"{{{', '.join([f'{f.name!r}: {self.argument(f, depth)}' for f in some])}}}"

    def argument(self, field: Any, depth: int) -> str:
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            value = kind.fields_by_name["value"]
            pairs = [f"{self.key(kind)}: {self.argument(value, depth)}" for _ in range(2)]
            return f"{{{', '.join(pairs)}}}"
        if kind is None:
            return self.scalars(field) if field.is_repeated else self.scalar(field)
        inner = [self.dictionary(kind, depth - 1) if depth else "{}" for _ in range(2)]
        return f"[{', '.join(inner)}]" if field.is_repeated else inner[0]

    def array(self, field: Any) -> str:
        """An array of a type that the field takes, if its values fit."""
        dtype = self.rng.choice(("i1", "u1", "i4", "u4", "i8", ">i4"))
        if field.type in (Kind.TYPE_FLOAT, Kind.TYPE_DOUBLE):
            dtype = self.rng.choice(("f2", "f4", "f8", "i4"))
        numbers = [self.rng.choice((0, 1, 2, 100)) for _ in range(self.rng.choice((0, 1, 5, 40)))]
        return f"np.array({numbers}, {dtype!r})"

    def encoded(self, kind: Any) -> str:
        """Bytes of a message: sound, in odd encodings, changed, or anything."""
        if self.chance(0.03):
            return f"bytes.fromhex('{self.rng.randbytes(self.rng.randrange(9)).hex()}')"
        generator = Chosen(self, self.rng.choice((0, 0, 0.02, 0.2)))
        data = generator.message(kind, self.rng.choice((1, 3, 6)), 2)
        if self.chance(0.05):
            data = generator.corrupt(data)
        return f"bytes.fromhex('{data.hex()}')"


class Chosen(Generator):
    """Writes the fields that a program works on."""

    def __init__(self, values: Values, odd: float) -> None:
        super().__init__(values.rng, odd)
        self.values = values

    def message(self, descriptor: Any, items: int = 8, depth: int = 3) -> bytes:
        """Entries of maps are sound: an odd one becomes an unknown field, written anew upstream."""
        fields = self.values.fields(descriptor)
        if not fields:
            return b""
        if descriptor.GetOptions().map_entry and self.odd:
            return Chosen(self.values, 0).message(descriptor, items, depth)
        numbers = descriptor.fields_by_number
        chosen = SimpleNamespace(fields=fields, fields_by_number=numbers)
        return super().message(chosen, items, depth)
