"""Every message and enum of ONNX, as a schema table.

Source: onnx/onnx ``onnx-ml.proto``, ``onnx-data.proto``, ``onnx-operators-ml.proto`` of release
1.23.2; ``onnx.proto`` and its siblings without ``-ml`` are subsets. Reserved ranges are left out:
they bind writers of ``.proto`` files only. ``tests/onnx/test_schema.py`` compares the table with
the descriptors of the installed ``onnx``.
"""

from tensorwire.formats.onnx.schema import data, graphs, operators, values

SYNTAX = "proto2"
MESSAGES = graphs.MESSAGES + values.MESSAGES + data.MESSAGES + operators.MESSAGES
ENUMS = graphs.ENUMS + values.ENUMS + data.ENUMS
