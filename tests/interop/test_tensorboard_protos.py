"""tensorboard's protos and its event files, on our messages."""

import os
import subprocess
import sys
import textwrap

import pytest

pytest.importorskip("tensorboard")

WRITE = """
    import glob, sys
    from tensorwire import proto

    if sys.argv[1] == "ours":
        report = proto.install()
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
    from tensorboard.compat.proto import event_pb2, graph_pb2, summary_pb2
    from tensorboard.plugins.scalar.summary_v2 import scalar_pb
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    from tensorboard.util import tensor_util
    import numpy as np

    if sys.argv[1] == "ours":
        assert proto.message_class(event_pb2.Event) is event_pb2.Event
        assert not [name for name in report.too_late if name.startswith("tensorboard")]

    graph = graph_pb2.GraphDef()
    node = graph.node.add(name="w", op="Const")
    node.attr["dtype"].type = 1
    node.attr["value"].tensor.CopyFrom(tensor_util.make_tensor_proto(np.arange(6, dtype="f")))
    writer = EventFileWriter("logs")
    for step in range(3):
        event = event_pb2.Event(step=step, wall_time=step, summary=scalar_pb("loss", step / 2))
        writer.add_event(event)
    encoded = graph.SerializeToString(deterministic=True)
    writer.add_event(event_pb2.Event(step=3, wall_time=3, graph_def=encoded))
    writer.close()

    (path,) = glob.glob("logs/*")
    events = [event for event in LegacyEventFileLoader(path).Load() if not event.file_version]
    assert {type(event) for event in events} == {event_pb2.Event} and len(events) == 4, events
    assert [event.step for event in events] == [0, 1, 2, 3], events
    tensor = events[2].summary.value[0].tensor
    assert float(tensor_util.make_ndarray(tensor)) == 1.0
    read = graph_pb2.GraphDef.FromString(events[3].graph_def)
    assert read == graph
    array = tensor_util.make_ndarray(read.node[0].attr["value"].tensor)
    assert array.tolist() == [0, 1, 2, 3, 4, 5]
    print(*[event.SerializeToString(deterministic=True).hex() for event in events])
"""


def write(folder, whose: str) -> str:
    folder.mkdir()
    (folder / "write.py").write_text(textwrap.dedent(WRITE))
    done = subprocess.run(
        [sys.executable, "write.py", whose],
        cwd=folder, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_event_files_are_the_same_with_either_worlds_classes(tmp_path):
    ours = write(tmp_path / "ours", "ours")
    assert ours == write(tmp_path / "theirs", "theirs") and len(ours) > 100
