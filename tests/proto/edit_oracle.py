"""Programs that run on upstream's messages and on ours in step, until they differ.

A program is a list of lines; where the two worlds differ, it is made as short as it goes.
"""

import re
from typing import Any, NamedTuple

from .edit_steps import Steps
from .edit_world import World

SYNTAXES = ("proto2", "proto3", "editions")


class Difference(Exception):
    """The two worlds do not agree on the last line."""

    def __init__(
        self, syntax: str, lines: list[str], refused: int, expected: Any, got: Any
    ) -> None:
        super().__init__(syntax, lines, refused, expected, got)
        self.syntax, self.lines, self.refused = syntax, lines, refused
        self.expected, self.got = expected, got

    @property
    def kind(self) -> str:
        """What it is about: the function of the last line, and what came out of either world."""
        line = self.lines[-1].partition("lambda: ")[2] or self.lines[-1]
        called = re.findall(r"(?:\.|^|:= )([a-zA-Z_]+)\(", line)
        outcomes = [side[1] if side[0] == "error" else "a value" for side in
                    (self.expected, self.got)]  # fmt: skip
        name = called[0] if called else re.sub(r"\W.*", "[]", line)
        return f"{name}: {outcomes[0]}, {str(outcomes[1])[:200]}"

    def __str__(self) -> str:
        """A program that can be run as it stands."""
        lines = "\n".join(f"    {line!r}," for line in self.lines)
        return (
            f"\nfrom tests.proto.edit_oracle import replay\nreplay({self.syntax!r}, [\n{lines}\n])"
            f"\nexpected: {self.expected}\n     got: {self.got}"
        )


class Pair:
    """Both worlds, and the lines they ran."""

    def __init__(self, syntax: str, second: str = "ours") -> None:
        self.syntax = syntax
        self.theirs, self.ours = World("upb", syntax), World(second, syntax)
        self.lines: list[str] = []
        self.refused = 0  # lines with bytes that are no message

    def run(self, line: str) -> tuple[str, Any]:
        """The outcome of a line. Raises ``Difference``."""
        self.lines.append(line)
        expected = self.theirs.run(line)
        got = self.ours.run(line)
        self.refused += expected == ("error", "DecodeError")
        if expected != got and not _may_differ(line, expected, got):
            raise Difference(self.syntax, list(self.lines), self.refused, expected, got)
        return expected


def _may_differ(line: str, expected: Any, got: Any) -> bool:
    """Upstream cannot read the keys and texts of a map of proto2 that are not UTF-8; ours can."""
    of_maps = ("items(", "dict(", ".MergeFrom(v", "map")
    return expected == ("error", "ValueError") and got[0] == "value" and (
        any(one in line for one in of_maps)
    )


class Program(NamedTuple):
    """A random program while it is written."""

    pair: Pair
    steps: Steps

    @classmethod
    def start(cls, rng: Any, second: str = "ours") -> "Program":
        pair = Pair(rng.choice(SYNTAXES), second)
        return cls(pair, Steps(rng, pair.theirs))

    def step(self) -> None:
        """One more line. Raises ``Difference``."""
        step = self.steps.next()
        self.steps.done(step, self.pair.run(step.line))

    def finish(self) -> None:
        """Compares all that is held. Raises ``Difference``."""
        for variable in self.steps.variables:
            if variable.shape == "message":
                for what in ("size", "wire", "presence", "fields", "text"):
                    self.pair.run(f"{what}({variable.name})")
            else:
                self.pair.run(variable.name)


def random_program(rng: Any, steps: int, second: str = "ours") -> int:
    """Runs one; how many lines it had. Raises ``Difference``, as short as it goes."""
    program = Program.start(rng, second)
    try:
        for _ in range(steps):
            program.step()
        program.finish()
    except Difference as difference:
        raise shortest(difference) from None
    return len(program.pair.lines)


def replay(syntax: str, lines: list[str]) -> None:
    """Runs a program. Raises ``Difference``."""
    pair = Pair(syntax)
    for line in lines:
        pair.run(line)


def alike(difference: Difference, lines: list[str]) -> Difference | None:
    """The difference that these lines come to, if it is of the same kind.

    What a refused parse leaves behind is no contract, so that none may be added.
    """
    try:
        replay(difference.syntax, lines)
    except Difference as found:
        same = found.kind == difference.kind and found.refused <= difference.refused
        return found if same else None
    return None


def shortest(difference: Difference) -> Difference:
    """A difference of the same kind, of which no line can be left out."""
    size = len(difference.lines) // 2
    while size:
        at = 0
        while at < len(difference.lines):
            fewer = difference.lines[:at] + difference.lines[at + size :]
            found = alike(difference, fewer)
            if found is None:
                at += size
            else:
                difference = found
        size //= 2
    return difference
