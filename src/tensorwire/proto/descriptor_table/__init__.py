"""Every message and enum of google/protobuf/descriptor.proto, as a schema table.

With it our own engine reads schemas that are given as descriptors. Source: protocolbuffers/protobuf
``src/google/protobuf/descriptor.proto`` of release 36.2; ``tests/proto/test_schema_table.py``
compares the table with the descriptors of the installed ``protobuf``.
"""

from tensorwire.proto.descriptor_table import declarations, features, options

NAME = "google/protobuf/descriptor.proto"
PACKAGE = "google.protobuf"
SYNTAX = "proto2"
MESSAGES = declarations.MESSAGES + options.MESSAGES + features.MESSAGES
ENUMS = declarations.ENUMS + options.ENUMS + features.ENUMS
#: Numbers set aside for extensions: half-open, by type.
RANGES: dict[str, tuple[tuple[int, int], ...]] = {
    "google.protobuf.FileDescriptorSet": ((536000000, 536000001),),
    "google.protobuf.ExtensionRangeOptions": ((990, 999), (1000, 536870912)),
    "google.protobuf.FileOptions": ((990, 999), (1000, 536870912)),
    "google.protobuf.MessageOptions": ((990, 999), (1000, 536870912)),
    "google.protobuf.FieldOptions": ((990, 999), (1000, 536870912)),
    "google.protobuf.OneofOptions": ((990, 999), (1000, 536870912)),
    "google.protobuf.EnumOptions": ((990, 999), (1000, 536870912)),
    "google.protobuf.EnumValueOptions": ((990, 999), (1000, 536870912)),
    "google.protobuf.ServiceOptions": ((990, 999), (1000, 536870912)),
    "google.protobuf.MethodOptions": ((990, 999), (1000, 536870912)),
    "google.protobuf.FeatureSet": ((1000, 9995), (9995, 10000), (10000, 10001)),
    "google.protobuf.SourceCodeInfo": ((536000000, 536000001),),
}
