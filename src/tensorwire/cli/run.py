"""From arguments to an exit code: files one by one, every error in one line.

=====  ===================================================
code   meaning
=====  ===================================================
0      fine
1      findings: something about a file is not as it should be
2      a file could not be read, or the command not understood
130    interrupted
141    the reader of our output went away
=====  ===================================================
"""

from __future__ import annotations

import os
import sys

from tensorwire.cli.arguments import parse
from tensorwire.cli.failures import failed, line
from tensorwire.errors import ModelError
from tensorwire.text import one_line

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from tensorwire.cli.arguments import Verb

__all__ = ["run"]

COULD_NOT_READ = 2
# Codes as shells give them to processes ended by a signal: 128 + SIGINT, 128 + SIGPIPE.
INTERRUPTED = 130
NOBODY_READS = 141


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and gives its exit code; raises nothing but what is a fault of ours."""
    try:
        code = _command(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _say_last("")  # the terminal has "^C" in this line
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return NOBODY_READS
    except OSError as error:  # of our own output: those of files have been dealt with
        _discard_output()
        _say_last(f"tensorwire: cannot write the output: {error.strerror or error}")
        return COULD_NOT_READ
    return code


def _command(arguments: Sequence[str] | None) -> int:
    _prepare_streams()
    try:
        verb, options = parse(sys.argv[1:] if arguments is None else arguments)
    except SystemExit as done:  # how argparse ends --help, --version and mistakes
        return done.code if isinstance(done.code, int) else COULD_NOT_READ
    documents, code = _documents(verb, options)
    if options.json:
        from tensorwire.cli.json_output import write

        write(documents[0] if len(documents) == 1 else documents)
    return code


def _documents(verb: Verb, options: Namespace) -> tuple[list[dict[str, object]], int]:
    """Every file's document, shown at once unless they are to be one of JSON; the highest code."""
    documents, codes = [], [0]
    for i, name in enumerate(options.files):
        try:
            document = verb.collect(name, options)
            code = verb.code(document)
        except BrokenPipeError:  # of our own output, which `columns` writes to meanwhile
            raise
        except (ModelError, OSError) as error:
            print(one_line(f"tensorwire: {line(error, name)}"), file=sys.stderr)
            document, code = failed(error, name), COULD_NOT_READ
        codes.append(code)
        if options.json:
            documents.append({"schema": verb.SCHEMA, **document})
        elif "error" not in document:
            _show(verb, document, options, i)
    return documents, max(codes)


def _show(verb: Verb, document: dict[str, object], options: Namespace, number: int) -> None:
    from tensorwire.cli.screen import screen

    shown = screen(options.color)
    if verb.HEADED == "always" or (verb.HEADED == "several" and len(options.files) > 1):
        shown.gap(number > 0)
        shown.heading(str(document["file"]))
    verb.show(document, shown, options)
    sys.stdout.flush()  # what is shown and what is said on the other stream stay in order


def _prepare_streams() -> None:
    """Text that the terminal's encoding lacks is escaped; a closed stream takes what we say."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """Nothing is left that the interpreter could complain about when it flushes at exit."""
    descriptor = os.open(os.devnull, os.O_WRONLY)
    os.dup2(descriptor, sys.stdout.fileno())
    os.close(descriptor)


def _say_last(text: str) -> None:
    try:
        print(one_line(text), file=sys.stderr, flush=True)
    except OSError:  # nobody hears
        return
