"""The documents of ``--json`` as patterns: exactly these keys, exactly these types."""

from __future__ import annotations

from typing import Any

TEXT, NUMBER, WHOLE, FLAG, NOTHING = (str,), (int, float), (int,), (bool,), (type(None),)
FREE = object  # whatever the format has


class Either:
    """One pattern or another."""

    def __init__(self, *patterns: Any) -> None:
        self.patterns = patterns


class Table:
    """An object of any keys whose values fit one pattern."""

    def __init__(self, pattern: Any) -> None:
        self.pattern = pattern


def maybe(pattern: Any) -> Either:
    return Either(NOTHING, pattern)


FINDING = {
    "kind": TEXT,
    "severity": TEXT,
    "reason": TEXT,
    "path": TEXT,
    "offset": maybe(WHOLE),
    "file": maybe(TEXT),
}
HEAD = {"schema": TEXT, "file": TEXT}
FAILED = {**HEAD, "error": FINDING}
IDENTIFY = {**HEAD, "format": maybe(TEXT), "candidates": [TEXT], "looks_like": maybe(TEXT)}
VALIDATE = {**HEAD, "format": maybe(TEXT), "ok": FLAG, "findings": [FINDING]}

VALUE = {
    "name": TEXT,
    "kind": TEXT,
    "dtype": maybe(TEXT),
    "shape": maybe([Either(WHOLE, TEXT, NOTHING)]),
}
TENSOR = {"name": TEXT, "dtype": TEXT, "shape": [WHOLE]}
NODE = {
    "op_type": TEXT,
    "domain": TEXT,
    "name": TEXT,
    "inputs": [TEXT],
    "outputs": [TEXT],
    "attributes": Table(FREE),
}
GRAPH_BODY: dict[str, Any] = {
    "name": TEXT,
    "inputs": [VALUE],
    "outputs": [VALUE],
    "values": [VALUE],
    "initializers": [TENSOR],
    "sparse_initializers": [TENSOR],
    "nodes": [NODE],
    "attributes": Table(FREE),
}
GRAPH_BODY["functions"] = [GRAPH_BODY]
GRAPH = {**HEAD, "format": TEXT, "graph": maybe(GRAPH_BODY)}

INSPECT = {
    **HEAD,
    "format": TEXT,
    "info": Table(FREE),
    "metadata": Table(TEXT),
    "graph": maybe(
        {
            "name": TEXT,
            "nodes": WHOLE,
            "functions": WHOLE,
            "inputs": [VALUE],
            "initialized_inputs": WHOLE,
            "outputs": [VALUE],
            "operators": [{"op_type": TEXT, "domain": TEXT, "count": WHOLE}],
        }
    ),
    "tensors": {
        "count": WHOLE,
        "nbytes": WHOLE,
        "unavailable": WHOLE,
        "faulty": WHOLE,
        "dtypes": [{"dtype": TEXT, "count": WHOLE, "elements": WHOLE, "nbytes": WHOLE}],
        "largest": [{**TENSOR, "nbytes": WHOLE}],
    },
    "files": [{"path": TEXT, "nbytes": maybe(WHOLE)}],
}

SAVE = {
    **HEAD,
    "target": TEXT,
    "format": TEXT,
    "files": [{"path": TEXT, "nbytes": maybe(WHOLE)}],
}

STATS = {
    "elements": WHOLE,
    "min": maybe(NUMBER),
    "max": maybe(NUMBER),
    "mean": maybe(NUMBER),
    "nan": WHOLE,
    "inf": WHOLE,
    "zeros": maybe(WHOLE),
    "zero_share": maybe(NUMBER),
}
MEASURED = {"stats": maybe(STATS), "stats_error": maybe(FINDING)}
ROW = {
    "name": TEXT,
    "scope": TEXT,
    "dtype": maybe(TEXT),
    "shape": maybe([WHOLE]),
    "nbytes": maybe(WHOLE),
    "offset": maybe(WHOLE),
    "aligned": maybe(FLAG),
    "file": maybe(TEXT),
    "available": FLAG,
    "error": maybe(TEXT),
}
PATTERN = {
    "pattern": TEXT,
    "count": WHOLE,
    "dtype": maybe(TEXT),
    "shape": maybe([WHOLE]),
    "nbytes": maybe(WHOLE),
    "unavailable": WHOLE,
}
LISTED = {**HEAD, "format": TEXT, "total": WHOLE}

RUN = {
    "library": TEXT,
    "version": maybe(TEXT),
    "error": maybe(TEXT),
    "right": FLAG,
    **dict.fromkeys(("import_seconds", "open_seconds", "arrays_seconds"), maybe(NUMBER)),
    **dict.fromkeys(("private_nbytes", "mapped_nbytes", "peak_nbytes"), maybe(WHOLE)),
}
DEMO = {
    **HEAD,
    "nbytes": WHOLE,
    "tensors": WHOLE,
    "layers": WHOLE,
    "write_seconds": NUMBER,
    "runs": [RUN],
}


def misfits(value: Any, pattern: Any, at: str = "") -> list[str]:
    """Where ``value`` is not as the pattern says."""
    if pattern is FREE:
        return []
    if isinstance(pattern, Either):
        tried = [misfits(value, one, at) for one in pattern.patterns]
        return [] if [] in tried else tried[-1]
    if isinstance(pattern, tuple):
        fits = isinstance(value, pattern) and (bool in pattern or not isinstance(value, bool))
        return [] if fits else [f"{at}: {value!r} is none of {pattern}"]
    if isinstance(pattern, list):
        if not isinstance(value, list):
            return [f"{at}: {value!r} is no list"]
        return [
            line for i, item in enumerate(value) for line in misfits(item, pattern[0], f"{at}[{i}]")
        ]
    if not isinstance(value, dict):
        return [f"{at}: {value!r} is no object"]
    if isinstance(pattern, Table):
        return [
            line for key in value for line in misfits(value[key], pattern.pattern, f"{at}.{key}")
        ]
    if value.keys() != pattern.keys():
        return [f"{at}: keys differ: {sorted(value.keys() ^ pattern.keys())}"]
    return [line for key in pattern for line in misfits(value[key], pattern[key], f"{at}.{key}")]
