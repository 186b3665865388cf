"""One input given to the engine, to the oracle and to upstream."""

from typing import Any

from google.protobuf.message import DecodeError as TheirDecodeError

from tensorwire import DecodeError
from tensorwire._core.payload import is_canonical

from . import oracle, paths


def reason_of(error: DecodeError) -> str:
    """The reason's short name."""
    return next(name for name, text in oracle.REASONS.items() if error.reason.startswith(text))


def our_verdict(data: bytes, cls: Any, descriptor: Any) -> oracle.Verdict:
    """The engine's, its error's path checked on the way."""
    error = None
    try:
        message = cls.FromString(data)
    except DecodeError as refusal:
        error = refusal
    if error is None:
        return oracle.Verdict(None, 0, is_canonical(message))
    assert error.path == paths.path(data, descriptor, error.offset), data.hex()
    return oracle.Verdict(reason_of(error), error.offset, False)


def upstream_accepts(data: bytes, cls: Any) -> bool:
    try:
        cls.FromString(data)
    except TheirDecodeError:
        return False
    return True


def check(data: bytes, schemas: Any, name: str = "All") -> oracle.Verdict:
    """All three agree on ``data``; the verdict. What is canonical, upstream writes as it stands."""
    theirs = schemas.theirs[name]
    verdict = our_verdict(data, schemas.ours[name], theirs.DESCRIPTOR)
    expected = oracle.verify(data, theirs.DESCRIPTOR)
    assert verdict == expected, data.hex()
    assert upstream_accepts(data, theirs) == (verdict.reason is None), data.hex()
    if verdict.canonical:
        written = theirs.FromString(data).SerializePartialToString(deterministic=True)
        assert written == data, data.hex()
    return verdict
