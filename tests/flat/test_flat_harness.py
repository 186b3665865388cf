"""The verifier's headers in a program of their own, under AddressSanitizer and UBSan."""

import os
import random
import shutil
import subprocess
from pathlib import Path

import flat_harness
import flat_verdicts
import flat_writer
import pytest
from flat_schemas import random_schema
from flat_values import random_value

from proto.effort import FACTOR, NIGHTLY

CORE = Path(__file__).resolve().parents[2] / "_core"
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-fno-sanitize-recover=undefined",
         "-fsanitize=address,undefined", "-Wall", "-Wextra", "-Werror",
         "-Wno-missing-field-initializers", "-Wno-missing-braces",
         "-Wno-unused-const-variable"]  # fmt: skip

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")


def built(schema, folder: Path) -> Path:
    (folder / "harness.c").write_text(flat_harness.source(schema))
    program = folder / "harness"
    command = ["gcc", *FLAGS, f"-I{CORE}", folder / "harness.c", "-o", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "asan" in done.stderr and "cannot find" in done.stderr:
        pytest.skip("gcc's sanitizers are not installed")
    assert done.returncode == 0, done.stderr
    return program


def run(program: Path, tries: int, seeds: list[Path]) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
    command = [program, str(tries), *seeds]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_feature(tmp_path):
    cases = [flat_verdicts.load(name) for name in ("full", "odd", "chain", "sized")]
    seeds = []
    for case in cases:
        seeds.append(tmp_path / case.name)
        seeds[-1].write_bytes(case.data[case.rules.prefix :])
    program = built(cases[0].schema, tmp_path)
    assert " 0 accepted" not in run(program, 100_000 * FACTOR, seeds)


@pytest.mark.parametrize("seed", range(30 if NIGHTLY else 1))
def test_random_schemas(tmp_path, seed):
    rng = random.Random(seed)
    schema = random_schema(rng)
    seeds = []
    for number in range(10):
        value = random_value(rng, schema, weird=True)
        seeds.append(tmp_path / str(number))
        seeds[-1].write_bytes(flat_writer.write(schema, value, rng=rng).data)
    program = built(schema, tmp_path)
    assert " 0 accepted" not in run(program, 30_000 * FACTOR, seeds)
