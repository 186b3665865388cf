"""What one process decodes is what was encoded: the answer that every engine is held to."""

from __future__ import annotations

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")
from event_files import by_id


def test_one_process(one_process, events):
    assert by_id(one_process) == events
