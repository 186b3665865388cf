"""Descriptions: what a schema declares, as read-only objects with upstream's attribute names.

They are what ``DESCRIPTOR`` is on classes of our own schemas, so that code written for upstream's
descriptors, its ``json_format`` and ``text_format`` among it, can walk them. Source of the names:
``google.protobuf.descriptor``.
"""

from tensorwire.proto.description.enums import EnumDescription, EnumValueDescription
from tensorwire.proto.description.fields import FieldDescription
from tensorwire.proto.description.files import FileDescription
from tensorwire.proto.description.messages import MessageDescription, OneofDescription
from tensorwire.proto.description.services import MethodDescription, ServiceDescription

__all__ = [
    "EnumDescription",
    "EnumValueDescription",
    "FieldDescription",
    "FileDescription",
    "MessageDescription",
    "MethodDescription",
    "OneofDescription",
    "ServiceDescription",
]
