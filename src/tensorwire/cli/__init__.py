"""The command line: ``tensorwire VERB``, see `tensorwire.cli.arguments.VERBS`.

One module per verb. Each collects a document of plain values, which ``--json`` prints as it is and
which the verb shows on a `Screen` otherwise. Importing this package imports nothing else: a whole
``inspect`` may take 80 ms, so that every module is imported by the verb that needs it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command, by default the process's own, and gives the exit code."""
    from tensorwire.cli.run import run

    return run(arguments)
