"""(5) A small message: FromString, and a read of each kind of field."""

from __future__ import annotations

import pytest
from small_message import READS, messages, pair, plain


@pytest.mark.parametrize("side", ["ours", "upb"])
def test_from_string(benchmark, side):
    benchmark.group = "FromString of a small message"
    data = messages()["node"][1]
    message = pair("node")[side == "upb"]
    again = benchmark(type(message).FromString, data)
    assert plain(again) == data


@pytest.mark.parametrize("case", READS)
@pytest.mark.parametrize("side", ["ours", "upb"])
def test_read(benchmark, case, side):
    subject, text = READS[case]
    benchmark.group = f"read {case}"
    message = pair(subject)[side == "upb"]
    read = eval(f"lambda m: {text}")
    assert plain(benchmark(read, message)) == plain(read(pair(subject)[0]))
