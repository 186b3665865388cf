"""(10) Columns of many records, beside a loop over upb's messages, ptars, protarrow and memcpy.

One core's work is timed by what the process used of a processor; what two threads do, by the wall.
Every column was compared before it was timed. Strings and bytes are spans on our side and lists of
objects on upb's side: the row "to a pyarrow table" is what either needs for a whole table.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Iterator
from typing import Any

import column_tensorflow
import fresh
import memory
import onnx
from clock import WALL, in_turns
from column_sides import Side, Work, check, check_tables, values_of
from column_threads import behind, together
from graph_model import NODES, QUICK_NODES, encoded_graph
from record_sets import SETS
from rows import Row, paired_row

from tensorwire import proto

ROUNDS, QUICK_ROUNDS = 7, 3
FAST_ROUNDS = 21
RECORDS_A_SECOND, RECORDS_AIM = 15e6, 20e6
PTARS_AIM, TF_AIM, GRAPH_AIM, SCALING_AIM = 2.0, 2.0, 50.0, 1.8
MODEL = proto.message_class(onnx.ModelProto)

Times = dict[str, list[float]]


def rows(quick: bool, _: str) -> Iterator[Row]:
    rounds = QUICK_ROUNDS if quick else ROUNDS
    sets = {name: Work(chosen, quick) for name, chosen in SETS.items()}
    for work in sets.values():
        yield from _loop_rows(work, rounds)
    sample = sets["sample"]
    yield from _arrow_rows(sample, rounds)
    yield from _input_rows(sample, rounds if quick else FAST_ROUNDS)
    yield from _some_fields_rows(sample, rounds)
    yield from _thread_rows(sample, rounds if quick else FAST_ROUNDS)
    for name in ("event", "feed"):
        yield from _scaling_rows(sets[name], ("offsets",), rounds if quick else FAST_ROUNDS)
    yield from _graph_rows(QUICK_NODES if quick else NODES, rounds)
    yield from _tensorflow_rows(quick, rounds)
    if memory.is_known():
        yield from _memory_rows(quick)


def timed(calls: dict[str, Side], rounds: int) -> Times:
    return in_turns(calls, rounds, clock=time.process_time)


def _rates(work: Work, values: int, seconds: list[float]) -> str:
    middle = statistics.median(seconds)
    return (
        f"{work.nbytes / middle / 1e6:.0f} MB/s, {values / middle / 1e6:.0f} M values/s, "
        f"{len(work.records) / middle / 1e6:.3g} M records/s"
    )


def _loop_rows(work: Work, rounds: int) -> Iterator[Row]:
    """One set: all that is asked of it, from a list and from one buffer, against upb's loop."""
    calls = {"list": work.ours(), "offsets": work.ours("offsets"), "upb": work.upb()}
    columns = calls["list"]()
    check(work, columns, calls["upb"]())
    check(work, calls["offsets"](), calls["upb"]())
    values = values_of(columns)
    taken = timed(calls, rounds)
    size = f"{len(work.records)} of {work.nbytes / len(work.records):.0f} B"
    for form in ("list", "offsets"):
        title = f"{work.set.name}, {size}, {form}: {_rates(work, values, taken[form])}"
        yield paired_row(title, "upb loop", taken[form], taken["upb"], aim=work.set.aim)


def _arrow_rows(work: Work, rounds: int) -> Iterator[Row]:
    import pyarrow as pa

    ours = work.ours()
    taken = timed({"ours": lambda: pa.table(ours()), "upb": work.upb_arrow()}, rounds)
    yield paired_row(f"{work.set.name}: to a pyarrow table", "upb loop", *taken.values())


def _input_rows(work: Work, rounds: int) -> Iterator[Row]:
    """The record of 59 bytes by each kind of input, per record."""
    forms = ("list", "offsets", "arrow")
    ours = {f"ours {form}": work.ours(form) for form in forms}
    others = _others(work)
    for form in forms[1:]:
        check_tables(ours[f"ours {form}"](), work.ptars(form)()) if _has("ptars") else None
    taken = timed({**ours, **others}, rounds)
    one = 1 / len(work.records)
    for form in forms:
        against = "ptars list" if form == "list" else "ptars arrow"
        mine, wanted = taken[f"ours {form}"], None if form == "list" else PTARS_AIM
        title = f"{work.set.name}, one record, {form}"
        if against in taken:
            yield paired_row(title, against, mine, taken[against], share=one, aim=wanted)
        yield paired_row(title, "memcpy of input", mine, taken["memcpy"], share=one)
        if form != "list":
            yield from _speed_rows(title, statistics.median(mine) * one)
    slow = timed({"ours": work.ours(), **_slow_others(work)}, QUICK_ROUNDS)
    for name in list(slow)[1:]:
        title = f"{work.set.name}, one record, list"
        yield paired_row(title, name, slow["ours"], slow[name], share=one)


def _speed_rows(title: str, seconds: float) -> Iterator[Row]:
    """What a record may cost, so that a core makes as many a second as are asked for."""
    for asked in (RECORDS_A_SECOND, RECORDS_AIM):
        against = f"{asked / 1e6:.0f} M records/s"
        yield Row(title, against, seconds, 1 / asked, most=1 / asked)


def _has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _others(work: Work) -> dict[str, Side]:
    """The other ways that are installed."""
    found: dict[str, Side] = {"memcpy": work.memcpy()}
    if _has("ptars"):
        found |= {"ptars list": work.ptars(), "ptars arrow": work.ptars("arrow")}
    return found


def _slow_others(work: Work) -> dict[str, Side]:
    found = {"upb parse": work.upb_parse()}
    if _has("protarrow"):
        found["protarrow"] = work.protarrow()
    return found


def _some_fields_rows(work: Work, rounds: int) -> Iterator[Row]:
    """What fields that nobody asked for cost."""
    for paths in (("id",), ("embedding",), ("id", "name", "score")):
        calls = {"ours": work.ours("offsets", paths), "upb": work.upb(paths)}
        columns = calls["ours"]()
        check(work, columns, calls["upb"]())
        taken = timed(calls, rounds)
        rates = _rates(work, values_of(columns), taken["ours"])
        title = f"{work.set.name}, only {', '.join(paths)}, offsets: {rates}"
        yield paired_row(title, "upb loop", taken["ours"], taken["upb"])


def _thread_rows(work: Work, rounds: int) -> Iterator[Row]:
    yield from _scaling_rows(work, ("offsets", "arrow", "list"), rounds)
    sides = {"tensorwire": work.ours("arrow")}
    if _has("ptars"):
        sides["ptars"] = work.ptars("arrow")
    for name, side in sides.items():
        calls = {"at once": together([side, side]), "in turn": behind([side, side])}
        taken = in_turns(calls, rounds, clock=WALL)
        title = f"{name}: two Python threads, a decode each, at once"
        yield paired_row(title, "one after the other", taken["at once"], taken["in turn"])


def _scaling_rows(work: Work, forms: tuple[str, ...], rounds: int) -> Iterator[Row]:
    """Ours is the shorter side: the ratio is how many times faster two threads are."""
    for form in forms:
        calls = {f"{n}": work.ours(form, threads=n) for n in (1, 2)}
        taken = in_turns(calls, rounds, clock=WALL)
        title = f"{work.set.name}, {form}, threads=2"
        yield paired_row(title, "threads=1", taken["2"], taken["1"], aim=SCALING_AIM)


def _graph_rows(nodes: int, rounds: int) -> Iterator[Row]:
    """The op types of a graph: from bytes, and of a message that was parsed before."""
    data, path = encoded_graph(nodes), ["graph.node.op_type"]
    parse = onnx.ModelProto.FromString
    ours, upb = MODEL.FromString(data), parse(data)

    def op_types(message: Any) -> Any:
        return proto.columns(message, path)[path[0]]

    def names(model: Any) -> list[str]:
        return [node.op_type for node in model.graph.node]

    assert op_types(ours).to_pylist() == [names(upb)], "op types differ"
    calls: dict[str, Side] = {
        "bytes": lambda: op_types(MODEL.FromString(data)),
        "upb bytes": lambda: names(parse(data)),
        "parsed": lambda: op_types(ours),
        "upb parsed": lambda: names(upb),
        "strings": lambda: op_types(ours).to_pylist(),
        "decode": lambda: proto.decode_batch([data], MODEL, path),
    }
    taken = timed(calls, rounds)
    title = f"op_type of {nodes} nodes"
    bytes_too, parsed = taken["upb bytes"], taken["upb parsed"]
    yield paired_row(
        f"{title}: decode_batch", "upb loop", taken["decode"], bytes_too, aim=GRAPH_AIM
    )
    yield paired_row(f"{title}: FromString, columns", "upb loop", taken["bytes"], bytes_too)
    yield paired_row(f"{title}: columns of a message", "upb, parsed", taken["parsed"], parsed)
    yield paired_row(f"{title}: the same, list of str", "upb, parsed", taken["strings"], parsed)


def _tensorflow_rows(quick: bool, rounds: int) -> Iterator[Row]:
    if not column_tensorflow.is_there():
        return
    found = fresh.call("column_tensorflow.times", quick, rounds)
    taken, share = found["times"], 1 / found["records"]
    against = f"TensorFlow {found['version']}"
    for case in ("columns", "dense"):
        title = f"sample, one record: {case}"
        other = taken["tensorflow"]
        yield paired_row(title, against, taken[case], other, share=share, aim=TF_AIM)


def _memory_rows(quick: bool) -> Iterator[Row]:
    for name, form in (("sample", ""), ("sample", ", Arrow input"), ("event, all", "")):
        rivals = ["upb"] if not form else []
        if name == "sample" and _has("ptars"):
            rivals.append("ptars")
        ours = fresh.call("column_memory.peak", name, f"ours{form}", quick)["peak"]
        for rival in rivals:
            side = f"{rival}{form}"
            theirs = fresh.call("column_memory.peak", name, side, quick)["peak"]
            yield Row(f"{name}: peak memory of a decode{form}", rival, ours, theirs, "B")
