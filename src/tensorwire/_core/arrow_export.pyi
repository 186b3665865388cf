from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from typing_extensions import Buffer, CapsuleType

_Field: TypeAlias = tuple[str, str, int, Mapping[str, str] | None, Sequence[Any], Any]
_Array: TypeAlias = tuple[int, int, Sequence[Buffer | None], Sequence[Any], Any]

def export_schema(field: _Field, /) -> CapsuleType: ...
def export_array(array: _Array, /) -> CapsuleType: ...
def export_stream(field: _Field, arrays: Iterator[_Array], /) -> CapsuleType: ...
