"""``demo``: a big model, written here, opened by tensorwire and by upstream ``onnx``."""

from __future__ import annotations

import argparse

from tensorwire.cli.sizes import size

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from tensorwire.cli.screen import Screen

SCHEMA = "tensorwire.demo/1"
HEADED = "never"
JSON = """\
JSON: {schema, file: where the model was; it is removed, nbytes, tensors: number, layers,
       write_seconds, runs: [{library: "tensorwire" or "onnx", version, error: text or null,
       import_seconds: libraries, and a tiny model opened, open_seconds, arrays_seconds,
       private_nbytes: memory added that only ends with the process, mapped_nbytes: pages of
       files added, which the system may drop, peak_nbytes: the highest total on the way;
       null where the system does not tell, right: whether the arrays hold what was written}]}
"""


def add_arguments(parser: ArgumentParser) -> None:
    """How big, and where."""
    parser.set_defaults(files=["demo"])
    parser.add_argument(
        "--size",
        type=_size,
        default="256MB",
        help="of the model, such as 512MB, 3GB, 1GiB (default: %(default)s)",
    )
    parser.add_argument(
        "--folder", help="where to write it (default: the system's folder for temporary files)"
    )


def collect(name: str, options: Namespace) -> dict[str, Any]:  # noqa: ARG001
    """Raises: ``OSError`` if there is no room. Nothing that was written is left behind."""
    from tensorwire.cli.demo.trial import trial

    return trial(options.size, options.folder)


def code(document: dict[str, Any]) -> int:
    """1 if a library failed, or gave other numbers than were written."""
    ours = document["runs"][0]
    return 0 if ours["error"] is None and ours["right"] else 1


def show(document: dict[str, Any], screen: Screen, options: Namespace) -> None:  # noqa: ARG001
    """See `tensorwire.cli.demo.page`."""
    from tensorwire.cli.demo.page import show_page

    show_page(document, screen)


def _size(text: str) -> int:
    try:
        return size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
