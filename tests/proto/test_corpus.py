"""Each file of the corpus: the engine, the oracle, upstream give the verdict it is filed under."""

import re
from pathlib import Path

import pytest

from tensorwire import DecodeError

from . import oracle, schemas, verdicts
from .corpus_files import FOLDER, cases

CASES = cases()
REFUSED = [case for case in CASES if case.reason]
FAULTS = Path(__file__).parents[2] / "_core" / "fault.h"


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_verdict(case):
    expected = oracle.Verdict(case.reason, case.offset, case.canonical)
    for name in case.schemas:
        assert verdicts.check(case.data, schemas.BY_NAME[name]) == expected


@pytest.mark.parametrize("reason", oracle.REASONS)
def test_every_reason_has_a_file(reason):
    assert list((FOLDER / "reject" / reason).glob("*.txt"))


def test_no_folder_is_named_for_a_reason_that_does_not_exist():
    assert {folder.name for folder in (FOLDER / "reject").iterdir()} == set(oracle.REASONS)


@pytest.mark.skipif(not FAULTS.exists(), reason="away from the source tree")
def test_the_engine_has_no_other_reasons():
    before = FAULTS.read_text().partition("[FAULT_SHORT]")[0]  # from there on, FlatBuffers'
    texts = re.findall(r'\[FAULT_(\w+)\] = \{"([^"%]+)', before)
    known = {name.lower().replace("_", "-"): text.strip() for name, text in texts}
    for not_of_verification in ("none", "changed", "no-memory"):
        del known[not_of_verification]
    assert known.keys() == oracle.REASONS.keys()
    for name, text in oracle.REASONS.items():
        assert known[name].startswith(text)


@pytest.mark.parametrize("case", REFUSED, ids=[case.name for case in REFUSED])
def test_every_prefix_is_judged_alike(case):
    for name in case.schemas:
        for stop in range(min(len(case.data), 60)):
            verdicts.check(case.data[:stop], schemas.BY_NAME[name])


def test_the_path_names_the_enclosing_fields():
    cls = schemas.PROTO2.ours["All"]
    good = b"\xaa\x01\x02\x28\x05"  # subs { s_int32: 5 }
    with pytest.raises(DecodeError) as caught:
        cls.FromString(good + good + b"\xaa\x01\x04\xa2\x01\x01\x2d")
    assert (caught.value.path, caught.value.offset) == ("subs[2].sub.s_int32", 16)
