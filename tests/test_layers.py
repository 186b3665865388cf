"""Imports go downwards only, no format knows another, and NumPy waits until it is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from import_lines import Import, imports_of, module_of, sources

ROOT = Path(__file__).resolve().parent.parent

# From the top down. The package itself, "", re-exports what is below it.
LAYERS = (
    {"", "__main__", "cli", "staging", "convert"},
    {"api"},
    {"formats"},
    {"model", "reader", "report", "hints", "saving", "atomic"},
    {"graph", "listing", "sequence"},
    {"tensor", "tensors", "selection", "quantization", "elements"},
    {"external", "places", "layouts", "shapes", "text"},
    {"proto", "flat"},
    {"columns"},
    {"mapping"},
    {"_core"},
    {"dtypes", "limits", "errors", "near"},
)

# Neighbours in one layer that must not know each other.
STRANGERS = {"proto", "flat"}

# NumPy costs about 0.2 s to import, and ml_dtypes imports it. Modules that may pay at import:
HEAVY = {"numpy", "ml_dtypes"}
HEAVY_ALLOWED: set[str] = set()


def part_of(module: str) -> str:
    """The name that has a layer: ``proto`` of ``tensorwire.proto.plan``, "" of ``tensorwire``."""
    return module.partition(".")[2].partition(".")[0]


def level_of(part: str) -> int:
    """0 is the top."""
    for level, parts in enumerate(LAYERS):
        if part in parts:
            return level
    raise LookupError(f"{part!r} has no layer yet: add it to LAYERS in tests/test_layers.py")


def format_of(module: str, packages: set[str]) -> str:
    """``onnx`` of ``tensorwire.formats.onnx.reader``; "" of what all formats share."""
    names = module.split(".")
    is_format = names[1:2] == ["formats"] and ".".join(names[:3]) in packages
    return names[2] if is_format and len(names) > 2 else ""


def complaint(found: Import, packages: set[str]) -> str | None:
    """Why this import is wrong, or None."""
    if found.target.split(".")[0] in HEAVY:
        wrong = found.runs_at_import and found.importer not in HEAVY_ALLOWED
        return f"imports {found.target} before anyone asks for an array" if wrong else None
    if found.target.split(".")[0] != "tensorwire":
        return None
    above, below = part_of(found.importer), part_of(found.target)
    if above == below == "formats":
        mine, other = format_of(found.importer, packages), format_of(found.target, packages)
        return None if other in ("", mine) else f"the format {other!r} is discovered, not imported"
    if level_of(below) < level_of(above):
        return f"imports upwards: {above or 'tensorwire'} -> {below or 'tensorwire'}"
    if above != below and {above, below} <= STRANGERS:
        return f"{above} and {below} must not know each other"
    return None


def complaints(root: Path) -> list[str]:
    packages = {module_of(path.parent / "__init__.py", root) for path in sources(root)}
    lines = []
    for path in sources(root):
        for found in imports_of(path, root):
            why = complaint(found, packages)
            if why:
                lines.append(f"{path.relative_to(root).as_posix()}:{found.line}: {why}")
    return lines


def test_the_tree_obeys():
    assert complaints(ROOT) == []


def test_every_module_has_a_layer():
    found = [module_of(path, ROOT) for path in sources(ROOT)]
    assert found, "no sources found: the tests above looked at nothing"
    for module in found:
        level_of(part_of(module))


# Path below src/tensorwire (or in the compiled sources), text, what the complaint must say.
BROKEN = [
    ("errors.py", "from tensorwire import proto", "errors -> proto"),
    ("errors.py", "from . import proto", "errors -> proto"),
    ("errors.py", "from .proto.plan import Plan", "errors -> proto"),
    ("errors.py", "import tensorwire.mapping", "errors -> mapping"),
    ("mapping.py", "def f():\n    from tensorwire import open", "mapping -> tensorwire"),
    ("mapping.py", "importlib.import_module('tensorwire.cli')", "mapping -> cli"),
    ("proto/plan.py", "from .. import flat", "must not know each other"),
    ("proto/plan.py", "from ..model import Model", "proto -> model"),
    ("formats/onnx/graph.py", "from ..tflite import graph", "'tflite' is discovered"),
    ("formats/registry.py", "from .onnx import graph", "'onnx' is discovered"),
    ("tensor.py", "import numpy as np", "imports numpy"),
    ("tensor.py", "try:\n    from ml_dtypes import int4\nfinally:\n    pass", "imports ml_dtypes"),
    ("_core/wire.pxd", "from tensorwire.mapping cimport Source", "_core -> mapping"),
    ("_core/wire.pyx", "from tensorwire.proto import (\n    Schema,\n)", "_core -> proto"),
    ("_core/wire.pyx", "from libc.stdint cimport uint8_t\ncimport numpy as np", "imports numpy"),
    ("_core/wire.pyx", "def f():\n    import tensorwire.cli as cli", "_core -> cli"),
]

SOUND = [
    ("__init__.py", "from tensorwire.formats.onnx import reader\nfrom . import errors"),
    ("cli/main.py", "import tensorwire\nfrom tensorwire import report"),
    ("tensor.py", "def f():\n    import numpy as np\n    return np"),
    ("tensor.py", "if TYPE_CHECKING:\n    import numpy"),
    ("mapping.py", "from tensorwire._core.source import Source\nfrom .errors import E"),
    ("formats/onnx/graph.py", "from ..registry import register\nfrom .data import x"),
    ("proto/plan.py", '"""\nfrom tensorwire import cli\n"""'),
    ("_core/wire.pyx", "from fault cimport Fault\nfrom tensorwire.errors import DecodeError"),
    ("_core/wire.pyx", '"""\nimport numpy\n"""\n# import numpy'),
]


@pytest.fixture
def tree(tmp_path):
    for package in ("", "proto", "flat", "formats", "formats/onnx", "formats/tflite", "cli"):
        folder = tmp_path / "src/tensorwire" / package
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    return tmp_path


def write(tree: Path, name: str, text: str) -> None:
    compiled = name.endswith(".pyx")
    path = tree / name if compiled else tree / "src/tensorwire" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(("name", "text", "why"), BROKEN)
def test_a_wrong_import_is_found(tree, name, text, why):
    write(tree, name, text)
    found = complaints(tree)
    assert len(found) == 1 and why in found[0] and name in found[0]


@pytest.mark.parametrize(("name", "text"), SOUND)
def test_a_right_import_passes(tree, name, text):
    write(tree, name, text)
    assert complaints(tree) == []


def test_an_unknown_module_is_named():
    with pytest.raises(LookupError, match="'blob' has no layer"):
        level_of(part_of("tensorwire.blob"))
