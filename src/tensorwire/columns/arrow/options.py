"""Which of Arrow's types columns are exported as."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

__all__ = ["CHOICES", "PRESETS", "ArrowOptions"]

#: What each option may be; the first is its default.
CHOICES = {
    "layout": ("flat", "nested"),
    "strings": ("view", "string", "large_string"),
    "unsigned": ("keep", "signed"),
    "enums": ("int", "name"),
    "lists": ("large_list", "list"),
    "timestamps": ("ns", "us", "ms", "s"),
}

#: Options by what the other side can read: Spark knows no views, no unsigned integers, no large
#: lists, and times of microseconds alone (spark.apache.org, "Apache Arrow in PySpark", "Supported
#: SQL Types").
PRESETS = {
    "spark": {"strings": "string", "unsigned": "signed", "lists": "list", "timestamps": "us"},
}


@dataclass(frozen=True, slots=True)
class ArrowOptions:
    """Frozen; compares and hashes by value; pickles.

    ``layout``: ``"flat"`` has one column per path, lists around values; ``"nested"`` has structs,
    lists and maps as the messages have them.
    ``strings``: the types of strings and of bytes alike: ``string_view`` and ``binary_view``
    (longer values are not copied), ``string`` and ``binary`` (up to 2 GiB), or the large ones.
    Take ``"large_string"`` for pandas, to which pyarrow 26 converts no lists of views, for structs
    in Parquet files of pyarrow, and for nanoarrow 0.9.
    ``unsigned``: ``"signed"`` makes unsigned integers signed ones of twice the width, and reads the
    bits of uint64 as int64, as Java does. ``enums``: numbers, or names; a number without a name
    becomes its digits.
    ``lists``: the width of offsets, 64 bits or 32. ``timestamps``: the unit, of durations too.
    Raises: ``ValueError`` for a value that an option does not know.
    """

    layout: str = "flat"
    strings: str = "view"
    unsigned: str = "keep"
    enums: str = "int"
    lists: str = "large_list"
    timestamps: str = "ns"

    def __post_init__(self) -> None:
        for option in fields(self):
            value, known = getattr(self, option.name), CHOICES[option.name]
            if value not in known:
                raise ValueError(f"{option.name} must be {_either(known)}, not {value!r}")

    @classmethod
    def of(cls, arrow: str | ArrowOptions | None = None, **chosen: str | None) -> ArrowOptions:
        """The options of the preset ``arrow``, or ``arrow`` itself, with what is ``chosen``, and
        not None, instead.

        Raises: ``ValueError`` for an unknown preset or value, ``TypeError`` for an unknown option.
        """
        unknown = sorted(chosen.keys() - CHOICES.keys())
        if unknown:
            raise TypeError(f"no option {unknown[0]!r}; those of Arrow are {', '.join(CHOICES)}")
        given = {name: value for name, value in chosen.items() if value is not None}
        if isinstance(arrow, ArrowOptions):
            return replace(arrow, **given)
        if arrow is not None and arrow not in PRESETS:
            known = _either(tuple(PRESETS))
            raise ValueError(f"arrow must be None, {known} or ArrowOptions, not {arrow!r}")
        preset = PRESETS[arrow] if arrow is not None else {}
        return replace(cls(), **{**preset, **given})


def _either(known: tuple[str, ...]) -> str:
    """``'a', 'b' or 'c'``."""
    *first, last = (repr(value) for value in known)
    return f"{', '.join(first)} or {last}" if first else last
