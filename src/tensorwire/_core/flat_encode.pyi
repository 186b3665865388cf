from typing import Any

from tensorwire._core.flat_names import FlatNames
from tensorwire.limits import Limits

def encode_flat(
    names: FlatNames,
    place: int,
    value: Any,
    identifier: bytes,
    prefix: int,
    limits: Limits,
    force_defaults: bool,
    sort_keys: bool,
    share_strings: bool,
) -> bytes: ...
