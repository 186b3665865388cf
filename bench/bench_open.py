"""(1) Opening a model of 64 MiB and handing out all tensors."""

from __future__ import annotations

import open_models
import pytest
from open_models import FORMS, MIB, SIDES, Files
from weights import TENSORS, Weights


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return Files(tmp_path_factory.mktemp("weights") / "files", Weights(64 * MIB))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("side", SIDES)
def test_open(benchmark, files, form, side):
    benchmark.group = f"open {form}"
    arguments = files.arguments(form, side)
    arrays = benchmark.pedantic(SIDES[side], arguments, rounds=7, warmup_rounds=1)
    assert len(arrays) == TENSORS
    wanted = open_models.digests("mmap", files.arguments("inline", "mmap"))
    assert open_models.digests(side, arguments) == wanted
