"""Choosing tensors by glob, regular expression or function."""

from __future__ import annotations

import re
from collections.abc import Iterable

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorwire.tensor import Tensor

    Choice = str | re.Pattern[str] | Callable[[Tensor], bool]
    Test = Callable[[str, Callable[[], Tensor]], object]

__all__ = ["matcher"]


def matcher(choice: Choice | Iterable[Choice]) -> Test:
    """A test of (name, function making the tensor) that is true where any choice picks it.

    Raises: ``TypeError`` for a choice that is no glob, pattern or function.
    """
    tests = [_test(one) for one in _choices(choice)]
    return lambda name, make: any(test(name, make) for test in tests)


def _choices(choice: object) -> list[object]:
    if isinstance(choice, (str, re.Pattern)) or not isinstance(choice, Iterable):
        return [choice]
    return list(choice)


def _test(choice: object) -> Test:
    if isinstance(choice, str):
        match = re.compile(_glob_pattern(choice), re.DOTALL).fullmatch
        return lambda name, _: match(name)
    if isinstance(choice, re.Pattern):
        search = choice.search
        return lambda name, _: search(name)
    if callable(choice):
        return lambda _, make: choice(make())
    raise TypeError(
        f"cannot select by {type(choice).__name__}; a glob, a pattern or a function can"
    )


def _glob_pattern(glob: str) -> str:
    """``glob`` as a regular expression that takes time by name times glob, whatever they are.

    What stands between two stars is found where it first occurs, and that is final: the lookahead
    is matched once and repeated by its group. Plain ``.*`` would try all places of all parts, and
    files choose their names.
    """
    first, *others = (_fixed_pattern(part) for part in re.split(r"\*+", glob))
    if not others:
        return first
    found = (f"(?=(?P<g{i}>.*?{part}))(?P=g{i})" for i, part in enumerate(others[:-1]))
    return f"{first}{''.join(found)}.*{others[-1]}"


def _fixed_pattern(part: str) -> str:
    """Of a part without stars."""
    return ".".join(map(re.escape, part.split("?")))
