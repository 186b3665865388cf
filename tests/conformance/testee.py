"""Answers the conformance runner with our messages, over its pipes.

``testee.py DESCRIPTORS`` answers what goes from binary to binary, without upstream's package;
``testee.py DESCRIPTORS --text`` the rest as well, by upstream's own json_format and text_format on
our messages. Protocol: conformance/conformance.proto, each message behind its length in four bytes.

Only what the package raises for bad input is answered as such. Anything else ends the process, and
the runner counts it as a failure.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PROTOBUF, JSON, TEXT = 1, 2, 4  # WireFormat of conformance.proto
IGNORE_UNKNOWN = 3  # JSON_IGNORE_UNKNOWN_PARSING_TEST of its TestCategory


class BinaryTestee:
    """Parses and serialises; skips whatever has another format on either side."""

    def __init__(self, class_of: Callable[[str], Any]) -> None:
        self.class_of = class_of
        self.Response = class_of("conformance.ConformanceResponse")

    def answer(self, request: Any) -> Any:
        if request.message_type == "conformance.FailureSet":
            failures = self.class_of("conformance.FailureSet")()
            return self.Response(protobuf_payload=failures.SerializeToString())
        if not self.reads(request):
            return self.Response(skipped="from binary to binary only")
        message = self.class_of(request.message_type)()
        parse_error = self.parse(request, message)
        if parse_error is not None:
            return self.Response(parse_error=parse_error)
        return self.serialize(request, message)

    def reads(self, request: Any) -> bool:
        binary = request.WhichOneof("payload") == "protobuf_payload"
        return binary and request.requested_output_format == PROTOBUF

    def parse(self, request: Any, message: Any) -> str | None:
        from tensorwire import DecodeError

        try:
            message.ParseFromString(request.protobuf_payload)
        except DecodeError as error:
            return str(error)
        return None

    def serialize(self, request: Any, message: Any) -> Any:
        return self.Response(protobuf_payload=message.SerializeToString())


class TextTestee(BinaryTestee):
    """JSON and text too, by upstream's modules."""

    def reads(self, request: Any) -> bool:
        return request.requested_output_format in {PROTOBUF, JSON, TEXT}

    def parse(self, request: Any, message: Any) -> str | None:
        from google.protobuf import json_format, text_format

        payload = request.WhichOneof("payload")
        if payload == "protobuf_payload":
            return super().parse(request, message)
        try:
            if payload == "json_payload":
                lenient = request.test_category == IGNORE_UNKNOWN
                json_format.Parse(request.json_payload, message, ignore_unknown_fields=lenient)
            else:
                text_format.Parse(request.text_payload, message)
        except (json_format.ParseError, text_format.ParseError) as error:
            return str(error)
        return None

    def serialize(self, request: Any, message: Any) -> Any:
        from google.protobuf import json_format, text_format

        if request.requested_output_format == PROTOBUF:
            return super().serialize(request, message)
        if request.requested_output_format == TEXT:
            unknown = request.print_unknown_fields
            text = text_format.MessageToString(message, print_unknown_fields=unknown)
            return self.Response(text_payload=text)
        try:
            return self.Response(json_payload=json_format.MessageToJson(message))
        except (json_format.SerializeToJsonError, ValueError, TypeError) as error:
            return self.Response(serialize_error=str(error))


def binary_testee(descriptors: bytes) -> BinaryTestee:
    from tensorwire import proto

    schema = proto.Schema.from_descriptor_set(descriptors)
    testee = BinaryTestee(schema.__getitem__)
    if "google.protobuf" in sys.modules:
        raise SystemExit("upstream's package was imported: it is not what is tested")
    return testee


def text_testee(descriptors: bytes) -> TextTestee:
    """Everything in upstream's default pool, where its modules look, with our classes for it."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    from tensorwire import proto

    proto.install()
    pool = descriptor_pool.Default()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors).file:
        pool.AddSerializedFile(file.SerializeToString())

    def class_of(name: str) -> Any:
        return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))

    return TextTestee(class_of)


def serve(testee: BinaryTestee) -> None:
    request_class = testee.class_of("conformance.ConformanceRequest")
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(4)) == 4:
        request = request_class.FromString(source.read(struct.unpack("<I", head)[0]))
        answer = testee.answer(request).SerializeToString()
        target.write(struct.pack("<I", len(answer)) + answer)
        target.flush()


if __name__ == "__main__":
    descriptors = Path(sys.argv[1]).read_bytes()
    make = text_testee if "--text" in sys.argv[2:] else binary_testee
    serve(make(descriptors))
