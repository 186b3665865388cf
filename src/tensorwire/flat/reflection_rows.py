"""The schema of ``.bfbs`` files: schemas, as FlatBuffers.

Source: google/flatbuffers ``reflection/reflection.fbs`` of release 25.12.19;
``tests/flat/test_flat_bfbs.py`` compares the table with what flatc makes of that file where it is.
"""

NAMESPACE = "reflection"
ROOT = "Schema"
IDENTIFIER = "BFBS"
EXTENSION = "bfbs"

_KEY = {"required": True, "key": True}
_REQUIRED = {"required": True}

TABLES = (
    (
        "Type",
        (
            ("base_type", "BaseType"),
            ("element", "BaseType"),
            ("index", "int", -1),
            ("fixed_length", "uint16"),
            ("base_size", "uint", 4),
            ("element_size", "uint"),
        ),
    ),
    ("KeyValue", (("key", "string", 0, _KEY), ("value", "string"))),
    (
        "EnumVal",
        (
            ("name", "string", 0, _REQUIRED),
            ("value", "long", 0, {"key": True}),
            ("object", "Object", 0, {"deprecated": True}),
            ("union_type", "Type"),
            ("documentation", "[string]"),
            ("attributes", "[KeyValue]"),
        ),
    ),
    (
        "Enum",
        (
            ("name", "string", 0, _KEY),
            ("values", "[EnumVal]", 0, _REQUIRED),
            ("is_union", "bool"),
            ("underlying_type", "Type", 0, _REQUIRED),
            ("attributes", "[KeyValue]"),
            ("documentation", "[string]"),
            ("declaration_file", "string"),
        ),
    ),
    (
        "Field",
        (
            ("name", "string", 0, _KEY),
            ("type", "Type", 0, _REQUIRED),
            ("id", "ushort"),
            ("offset", "ushort"),
            ("default_integer", "long"),
            ("default_real", "double"),
            ("deprecated", "bool"),
            ("required", "bool"),
            ("key", "bool"),
            ("attributes", "[KeyValue]"),
            ("documentation", "[string]"),
            ("optional", "bool"),
            ("padding", "uint16"),
            ("offset64", "bool"),
        ),
    ),
    (
        "Object",
        (
            ("name", "string", 0, _KEY),
            ("fields", "[Field]", 0, _REQUIRED),
            ("is_struct", "bool"),
            ("minalign", "int"),
            ("bytesize", "int"),
            ("attributes", "[KeyValue]"),
            ("documentation", "[string]"),
            ("declaration_file", "string"),
        ),
    ),
    (
        "RPCCall",
        (
            ("name", "string", 0, _KEY),
            ("request", "Object", 0, _REQUIRED),
            ("response", "Object", 0, _REQUIRED),
            ("attributes", "[KeyValue]"),
            ("documentation", "[string]"),
        ),
    ),
    (
        "Service",
        (
            ("name", "string", 0, _KEY),
            ("calls", "[RPCCall]"),
            ("attributes", "[KeyValue]"),
            ("documentation", "[string]"),
            ("declaration_file", "string"),
        ),
    ),
    (
        "SchemaFile",
        (("filename", "string", 0, _KEY), ("included_filenames", "[string]")),
    ),
    (
        "Schema",
        (
            ("objects", "[Object]", 0, _REQUIRED),
            ("enums", "[Enum]", 0, _REQUIRED),
            ("file_ident", "string"),
            ("file_ext", "string"),
            ("root_table", "Object"),
            ("services", "[Service]"),
            ("advanced_features", "AdvancedFeatures"),
            ("fbs_files", "[SchemaFile]"),
        ),
    ),
)

ENUMS = (
    (
        "BaseType",
        "byte",
        (
            ("None", 0),
            ("UType", 1),
            ("Bool", 2),
            ("Byte", 3),
            ("UByte", 4),
            ("Short", 5),
            ("UShort", 6),
            ("Int", 7),
            ("UInt", 8),
            ("Long", 9),
            ("ULong", 10),
            ("Float", 11),
            ("Double", 12),
            ("String", 13),
            ("Vector", 14),
            ("Obj", 15),
            ("Union", 16),
            ("Array", 17),
            ("Vector64", 18),
            ("MaxBaseType", 19),
        ),
    ),
    (
        "AdvancedFeatures",
        "ulong",
        (
            ("AdvancedArrayFeatures", 1),
            ("AdvancedUnionFeatures", 2),
            ("OptionalScalars", 4),
            ("DefaultVectorsAndStrings", 8),
        ),
        {"bit_flags": True},
    ),
)
