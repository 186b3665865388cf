from typing import Any

import numpy as np

def nested_lists(items: list[Any], offsets: np.ndarray[Any, Any]) -> list[list[Any]]: ...
