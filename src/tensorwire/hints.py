"""What a file is when it is none of ours, in words that help its user on."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire._core.source import Source

__all__ = ["described", "unrecognised"]

HEAD = 4096  # bytes looked at
SHOWN = 16  # bytes quoted from a file that nothing is known about

#: (position, bytes there, what has them); the first match wins. Source: each format's own document
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"version https://git-lfs", "a Git LFS pointer, not the file; run `git lfs pull`"),
    (0, b"PK\x03\x04", "a zip archive (PyTorch .pt, .npz, .mlpackage.zip, ...)"),
    (0, b"PK\x05\x06", "an empty zip archive"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file (Keras .h5, ...)"),
    (0, b"GGUF", "a GGUF file"),
    (4, b"MSL", "a MindSpore Lite model"),
    (0, b"\x93NUMPY", "a NumPy .npy array"),
    (0, b"\x1f\x8b", "gzip data; unpack it first"),
    (0, b"\xfd7zXZ\x00", "xz data; unpack it first"),
    (0, b"BZh", "bzip2 data; unpack it first"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard data; unpack it first"),
    (257, b"ustar", "a tar archive; unpack it first"),
    (0, b"RDX", "an R data file"),
    (0, b"X\n\x00\x00\x00", "an R serialization"),
    (0, b"\x7fELF", "an executable or shared library"),
    (0, b"\x89PNG", "a PNG image"),
    (0, b"%PDF", "a PDF document"),
)

#: (how the text begins once blanks are gone, what it is). Lower case.
_TEXT: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "an HTML page; a download may have answered with an error or a login form"),
    (b"<html", "an HTML page; a download may have answered with an error or a login form"),
    (b"<?xml", "an XML document"),
    (b"<net", "an OpenVINO model description"),
    (
        b"ir_version",
        "an ONNX model in text form; convert it with onnx.load(..., format='textproto')",
    ),
    (b"<\n   ir_version", "an ONNX model in onnxtxt form; convert it with onnx.parser"),
    (b"{", "a JSON document"),
)


def described(source: Source) -> str | None:
    """What the bytes plainly are, None where they tell nothing."""
    head = bytes(source.span(0, min(HEAD, source.size)))
    if not head:
        return "an empty file"
    return _by_magic(head) or _safetensors(head, source.size) or _by_text(head) or _pickle(head)


def unrecognised(source: Source) -> str:
    """Why the file cannot be opened: what it is, or how it begins."""
    found = described(source)
    if found is not None:
        return f"not a model this version reads: it is {found}"
    head = bytes(source.span(0, min(SHOWN, source.size)))
    return f"not a model this version reads: {source.size} bytes that begin with {head.hex(' ')}"


def _by_magic(head: bytes) -> str | None:
    return next((what for at, magic, what in _MAGIC if head.startswith(magic, at)), None)


def _by_text(head: bytes) -> str | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"{") and b"irversion" in text:
        return "an ONNX model in JSON form; convert it with onnx.load(..., format='json')"
    if text.startswith(b"<") and b"ir_version" in text[:64]:
        return "an ONNX model in onnxtxt form; convert it with onnx.load(..., format='onnxtxt')"
    return next((what for start, what in _TEXT if text.startswith(start)), None)


def _safetensors(head: bytes, size: int) -> str | None:
    """Source: safetensors README, "Format": 8 bytes of header length, then a JSON object."""
    length = int.from_bytes(head[:8], "little")
    is_one = head[8:9] == b"{" and 2 <= length <= size - 8
    return "a safetensors file" if is_one else None


def _pickle(head: bytes) -> str | None:
    """Source: CPython Lib/pickletools.py, opcode PROTO: 0x80 and the protocol, from 2 on."""
    is_one = head[:1] == b"\x80" and 2 <= head[1] <= 5 if len(head) > 1 else False
    return "a Python pickle (joblib, scikit-learn, old PyTorch, ...)" if is_one else None
