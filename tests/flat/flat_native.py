"""The native verifier, with options and verdicts as `flat_oracle` has them."""

from __future__ import annotations

import re

from flat_oracle import DEFAULT, Rules, Verdict

from tensorwire._core.flat_plan import FlatPlans
from tensorwire._core.flat_verify import verify_flat
from tensorwire._core.source import Source
from tensorwire.errors import DecodeError, LimitError
from tensorwire.flat import declarations as d
from tensorwire.limits import Limits

#: The oracle's reasons by what errors say.
REASONS = {
    r"a buffer has at least": "short",
    r"file identifier is": "identifier",
    r"\d+ bytes leave the buffer": "range",
    r"not at a multiple": "align",
    r"offset is 0": "self",
    r"offset \d+ leads out": "offset",
    r"vtable has a size": "vtable",
    r"required field": "required",
    r"string is not followed": "nul",
    r"vector of unions has": "union_count",
    r"union has type \d+, and": "union_pair",
    r"union has type \d+, which": "union_type",
    r"\d+ bytes leave the table": "outside",
    r"FlexBuffer": "flex",
    r"nested deeper": "depth",
    r"more than \d+ tables": "tables",
    r"items are shared": "work",
    r".*UTF-8": "utf8",
}


def limits_of(rules: Rules) -> Limits:
    """As `Limits`."""
    return Limits(flat_depth=rules.max_depth, flat_tables=rules.max_tables or 0)


def reason_of(error: DecodeError | LimitError) -> str:
    """What the oracle calls it."""
    return next(name for text, name in REASONS.items() if re.match(text, error.reason))


class Native:
    """The plans of one schema."""

    def __init__(self, schema: d.Declarations) -> None:
        self.schema = schema
        self.plans = FlatPlans(schema)

    def verify(
        self, data: object, root: str | None = None, rules: Rules = DEFAULT, **changes: int
    ) -> Verdict:
        """``changes``: of limits. Every error has a place in the data."""
        source = Source(data)
        place = self.plans.object_place(root or self.schema.root)
        identifier = rules.identifier.encode() if rules.identifier else None
        limits = limits_of(rules).replace(**changes)
        try:
            _, tables, _, depth = verify_flat(
                self.plans, place, source, 0, source.size, limits=limits, strict=rules.strict,
                prefix=rules.prefix, identifier=identifier,
            )  # fmt: skip
        except (DecodeError, LimitError) as error:
            if not 0 <= error.offset <= source.size:
                raise AssertionError(f"byte {error.offset} of {source.size}") from error
            return Verdict(reason_of(error), error.offset, error.path)
        return Verdict(tables=tables, depth=depth)
