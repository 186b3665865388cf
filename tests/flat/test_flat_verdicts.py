"""Verdicts of the generated C++ verifier: small buffers, any byte changed in any way, all cuts."""

import flat_oracle
import flat_verdicts
import pytest
from flat_native import Native

from proto.effort import NIGHTLY


@pytest.fixture(scope="module", params=flat_verdicts.names())
def case(request):
    return flat_verdicts.load(request.param)


def every(case, step):
    """Each ``step``th mutant; all of them where there is time."""
    for number, (data, verdict) in enumerate(case.mutants()):
        if number % step == 0 or NIGHTLY:
            yield data, verdict


def test_the_buffer_itself_is_accepted(case):
    assert case.cuts[-1]
    assert all(case.changes[place, value] for place, value in enumerate(case.data))


def test_native_agrees(case):
    native = Native(case.schema)
    wrong = []
    for data, verdict in every(case, 3 if len(case.data) > 500 else 1):
        found = native.verify(data, case.root, case.rules)
        if found.ok != verdict:
            wrong.append((data, verdict, found))
    assert not wrong, (len(wrong), wrong[0])


def test_the_oracle_agrees(case):
    for data, verdict in every(case, 29):
        found = flat_oracle.verify(case.schema, data, case.root, case.rules)
        assert found.ok == verdict, (data, verdict, found)
