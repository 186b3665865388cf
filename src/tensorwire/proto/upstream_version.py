"""Which versions of upstream's protobuf `install` may change."""

from __future__ import annotations

# The first and last release that tests/proto/test_dropin_install.py and tests/upstream ran with,
# as (major, minor). Anything may have moved in another.
OLDEST = (5, 26)
NEWEST = (7, 36)


def require_tested() -> None:
    """Returns if the installed ``protobuf`` is one that the tests ran with.

    Raises: ``ImportError`` without any, ``RuntimeError`` naming its version outside the range.
    """
    try:
        from google import protobuf
    except ImportError as error:
        text = "proto.install() changes the package protobuf, which is absent: "
        raise ImportError(text + "pip install 'tensorwire[protobuf]'") from error
    version = protobuf.__version__
    if not OLDEST <= _major_minor(version) <= NEWEST:
        tested = f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
        raise RuntimeError(f"proto.install() is tested with protobuf {tested}, not {version}")


def _major_minor(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)
