"""Every table, enum and union of TensorFlow Lite, as rows of a shipped schema.

Source: google-ai-edge/LiteRT ``tflite/converter/schema/schema.fbs``, revision 3d, and two fields
that ai-edge-litert 2.3.0 has beyond it: ``block_shape`` of BlockwiseQuantization, ``quant_spec`` of
FullyConnectedOptions. The rows are compared with the classes of that package by
``tests/tflite/test_tflite_schema.py``.
"""

from tensorwire.formats.tflite.schema import model, operators, options, stablehlo

NAMESPACE = "tflite"
ROOT = "Model"
IDENTIFIER = "TFL3"
EXTENSION = "tflite"
TABLES = model.TABLES + options.TABLES + stablehlo.TABLES
ENUMS = model.ENUMS + operators.ENUMS + options.ENUMS + stablehlo.ENUMS
UNIONS = model.UNIONS + operators.UNIONS
