"""Schemas of upstream, TFLite, MNN, ...: ours and flatc's verdicts and declarations are the same.

None is in this repository. ``TENSORWIRE_FBS`` names folders of ``.fbs`` files, and those in which
their includes are looked for, as a path with separators.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flat_facts import facts
from flat_flatc import compiled, needs_flatc

from tensorwire.errors import SchemaError
from tensorwire.flat.bfbs import declarations_of_bfbs
from tensorwire.flat.fbs import parse_file

FOLDERS = tuple(Path(one) for one in os.environ.get("TENSORWIRE_FBS", "").split(os.pathsep) if one)
FILES = sorted({path for folder in FOLDERS for path in folder.rglob("*.fbs")})


@needs_flatc
@pytest.mark.skipif(not FILES, reason="TENSORWIRE_FBS names no folder of schemas")
@pytest.mark.parametrize("path", FILES, ids=str)
def test_as_flatc(path, tmp_path):
    theirs = compiled(path, tmp_path, FOLDERS)
    if isinstance(theirs, bytes):
        assert facts(parse_file(path, FOLDERS)) == facts(declarations_of_bfbs(theirs))
    else:
        with pytest.raises(SchemaError):
            parse_file(path, FOLDERS)
