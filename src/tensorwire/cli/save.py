"""``save``: the same model in other files."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError

from tensorwire import api
from tensorwire.cli.models import opened
from tensorwire.cli.progress import Progress
from tensorwire.cli.screen import LEFT, RIGHT
from tensorwire.cli.text import nbytes_text
from tensorwire.errors import ModelError
from tensorwire.saving import INLINE, SaveOptions

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from tensorwire.cli.screen import Screen

SCHEMA = "tensorwire.save/1"
HEADED = "never"
JSON = """\
JSON: {schema, file, target, format,
       files: [{path, nbytes: or null where the file is missing}], all that the saved model
              needs, its own first}
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Where from, where to, and what goes where."""
    parser.add_argument("files", nargs=1, metavar="FILE", help="a model file; - reads stdin")
    parser.add_argument("target", metavar="TARGET", help="what to write; replaced if it is there")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--external",
        type=_external,
        metavar="NAME",
        help="put weights into a file of that name beside TARGET (default: where they are)",
    )
    where.add_argument(
        "--inline", action="store_true", help="put all weights into the model file itself"
    )
    defaults = SaveOptions()
    parser.add_argument(
        "--threshold",
        type=_size,
        default=defaults.threshold,
        metavar="SIZE",
        help="weights of fewer bytes stay in the model (default: %(default)s)",
    )
    parser.add_argument(
        "--align",
        type=_size,
        default=defaults.align,
        metavar="SIZE",
        help="external weights begin at its multiples (default: %(default)s)",
    )
    parser.add_argument(
        "--large",
        action="store_true",
        help="also write a model file over 2 GiB, which few programs read",
    )


def collect(name: str, options: Namespace) -> dict[str, Any]:
    """Raises: ``ModelError``, ``OSError``, with old files as they were."""
    with opened(name) as model, Progress("saving", 0) as bar:
        try:
            model.save(
                options.target,
                external=INLINE if options.inline else options.external,
                threshold=options.threshold,
                align=options.align,
                large=options.large,
                progress=bar.set,
            )
        except ValueError as error:  # of names that do not go together
            raise error if isinstance(error, ModelError) else ModelError(str(error)) from error
    with api.open(options.target) as saved:
        files = [{"path": path, "nbytes": _size_of(path)} for path in api.file_names(saved)]
        return {"file": name, "target": options.target, "format": saved.format, "files": files}


def code(document: dict[str, Any]) -> int:  # noqa: ARG001
    """What could not be saved has been said."""
    return 0


def show(document: dict[str, Any], screen: Screen, options: Namespace) -> None:  # noqa: ARG001
    """The files there are now."""
    rows = [(each["path"], nbytes_text(each["nbytes"])) for each in document["files"]]
    screen.table({"file": LEFT, "size": RIGHT}, rows)


def _external(text: str) -> str:
    """The name as it is: only that of a file beside the model will do."""
    if text == INLINE:
        raise ArgumentTypeError("for one file there is --inline")
    try:
        SaveOptions(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
    return text


def _size(text: str) -> int:
    from tensorwire.cli.sizes import size

    if text.strip() == "0":  # `size` wants a byte at least
        return 0
    try:
        return size(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def _size_of(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except OSError:  # missing before and after
        return None
