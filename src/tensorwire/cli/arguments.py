"""What can be asked for. Only the verb in use is imported, and only its options are made."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from tensorwire.text import one_line

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn, Protocol

    from tensorwire.cli.screen import Screen

    class Verb(Protocol):
        """What the module of a verb has."""

        SCHEMA: str  # name and version of the documents
        HEADED: str  # whether files get a heading: "always", if "several", "never"
        JSON: str  # what the documents have

        def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
        def collect(self, name: str, options: argparse.Namespace) -> dict[str, Any]: ...
        def code(self, document: dict[str, Any]) -> int: ...
        def show(
            self, document: dict[str, Any], screen: Screen, options: argparse.Namespace
        ) -> None: ...


__all__ = ["VERBS", "add_files", "parse"]

#: verb -> (module, what it does)
VERBS: dict[str, tuple[str, str]] = {
    "identify": ("identify", "tell the format of a file, or what it looks like"),
    "inspect": ("inspect", "show what a model is: producer, inputs, operators, tensors, files"),
    "graph": ("graph", "list the graph node by node"),
    "tensors": ("tensors", "list tensors: type, shape, bytes, offset; statistics on request"),
    "columns": ("columns", "put fields of many records, or of a model, into a table"),
    "validate": ("validate", "look for everything that is wrong with a model"),
    "save": ("save", "write a model anew: weights inside, in one external file, or as they are"),
    "demo": ("demo", "write a big model, open it, and say what that took"),
}
WIDTH = 96
ENDINGS = "exit codes: 0 fine, 1 findings, 2 could not read"


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Of one width: argparse would import shutil (1 ms) to ask for that of the terminal."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "width": WIDTH})


class Parser(argparse.ArgumentParser):
    """Says a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        print(one_line(f"{self.prog}: {message} (see {self.prog} --help)"), file=sys.stderr)
        raise SystemExit(2)


def parse(arguments: Sequence[str]) -> tuple[Verb, argparse.Namespace]:
    """The module of the verb, and its options. Raises: ``SystemExit`` as argparse does."""
    first = arguments[0] if arguments else "--help"
    if first not in VERBS:
        _without_verb(first)
    module, summary = VERBS[first]
    verb: Any = import_module(f"tensorwire.cli.{module}")
    parser = Parser(
        prog=f"tensorwire {first}",
        description=summary[0].upper() + summary[1:] + ".",
        epilog=f"{verb.JSON}\n{ENDINGS}",
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    verb.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="auto: on a terminal, unless NO_COLOR is set",
    )
    return verb, parser.parse_args(arguments[1:])


def add_files(parser: argparse.ArgumentParser) -> None:
    """The files that most verbs take."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a model file; - reads stdin")


def _without_verb(first: str) -> NoReturn:
    """Raises: ``SystemExit``, always."""
    listed = "\n".join(f"  {name:10}{summary}" for name, (_, summary) in VERBS.items())
    parser = Parser(
        prog="tensorwire",
        usage="tensorwire VERB [OPTION ...] FILE ...",
        description="Looks into inference model files without loading them.",
        epilog=f"verbs:\n{listed}\n\n'tensorwire VERB --help' tells more.\n{ENDINGS}",
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    if first == "--version":
        import tensorwire

        print(f"tensorwire {tensorwire.__version__}")
        raise SystemExit(0)
    if first in ("-h", "--help"):
        parser.print_help()
        raise SystemExit(0)
    from tensorwire.near import near_names

    near = near_names(first, VERBS, most=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    parser.error(f"no verb {first!r}{hint}")
