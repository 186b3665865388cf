"""Models of any weight, written in three forms without ever holding the weights.

Each tensor is one block of random numbers, repeated, from another place in it; ``sparse`` leaves
the weights out and lets the file have a hole there, which reads as zeros and takes no space.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import onnx

from kernels import varint

TENSORS = 128
BLOCK = 1 << 20
ITEM = 4  # bytes of a float32
ALIGNMENT = 4096
# onnx.proto: ModelProto.graph, GraphProto.initializer, TensorProto.raw_data, as tags.
GRAPH, INITIALIZER, RAW_DATA = b"\x3a", b"\x2a", b"\x4a"


@dataclass(frozen=True)
class Weights:
    """``TENSORS`` float32 tensors of the same shape."""

    nbytes: int
    sparse: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        return self.nbytes // TENSORS // ITEM // 256, 256

    @property
    def tensor_nbytes(self) -> int:
        rows, width = self.shape
        return rows * width * ITEM

    def name(self, place: int) -> str:
        return f"model.layers.{place}.weight"

    def write(self, file: BinaryIO, place: int) -> int:
        """Appends a tensor's bytes; the offset where they start."""
        start = file.tell()
        if self.sparse:
            file.seek(self.tensor_nbytes, os.SEEK_CUR)
            file.truncate()
            return start
        block = np.random.default_rng(1).standard_normal(BLOCK // ITEM, dtype=np.float32)
        turned = np.roll(block, place).tobytes()
        file.writelines(turned[: min(left, BLOCK)] for left in range(self.tensor_nbytes, 0, -BLOCK))
        return start


def require_space(folder: Path, nbytes: int) -> None:
    """Raises ``SystemExit`` that says how much is missing."""
    free = shutil.disk_usage(folder).free
    if free < nbytes:
        wanted = f"this bench writes {nbytes / 1e9:.1f} GB"
        raise SystemExit(f"{folder} has {free / 1e9:.1f} GB free; {wanted}")


def settled(file: BinaryIO) -> None:
    """On the disk, so that writing it does not go on while something is timed."""
    file.flush()
    os.fsync(file.fileno())


def write_inline(path: Path, weights: Weights) -> list[int]:
    """One ``.onnx`` with everything in it; where each tensor's bytes are."""
    tail = RAW_DATA + varint(weights.tensor_nbytes)
    heads = [
        onnx.TensorProto(
            name=weights.name(i), data_type=onnx.TensorProto.FLOAT, dims=weights.shape
        ).SerializeToString()
        + tail
        for i in range(TENSORS)
    ]
    heads = [INITIALIZER + varint(len(head) + weights.tensor_nbytes) + head for head in heads]
    name = onnx.GraphProto(name="main_graph").SerializeToString()
    size = len(name) + sum(map(len, heads)) + TENSORS * weights.tensor_nbytes
    with path.open("wb") as file:
        file.write(onnx.ModelProto(ir_version=10).SerializeToString())
        file.write(GRAPH + varint(size) + name)
        offsets = []
        for place, head in enumerate(heads):
            file.write(head)
            offsets.append(weights.write(file, place))
        opset = onnx.OperatorSetIdProto(version=21)
        file.write(onnx.ModelProto(opset_import=[opset]).SerializeToString())
        settled(file)
    return offsets


def write_external(path: Path, weights: Weights) -> None:
    """An ``.onnx`` whose tensors all lie in one file beside it, each at a page's start."""
    model = onnx.ModelProto(ir_version=10)
    model.opset_import.add(version=21)
    model.graph.name = "main_graph"
    data_path = path.with_suffix(".weights")
    with data_path.open("wb") as file:
        for place in range(TENSORS):
            file.seek(-file.tell() % ALIGNMENT, os.SEEK_CUR)
            offset = weights.write(file, place)
            tensor = model.graph.initializer.add(
                name=weights.name(place), data_type=onnx.TensorProto.FLOAT, dims=weights.shape
            )
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value=data_path.name)
            tensor.external_data.add(key="offset", value=str(offset))
            tensor.external_data.add(key="length", value=str(weights.tensor_nbytes))
        settled(file)
    path.write_bytes(model.SerializeToString())


def write_safetensors(path: Path, weights: Weights) -> None:
    """Source: github.com/huggingface/safetensors, README.md, "Format"."""
    size = weights.tensor_nbytes
    table = {
        weights.name(i): {
            "dtype": "F32",
            "shape": weights.shape,
            "data_offsets": [i * size, (i + 1) * size],
        }
        for i in range(TENSORS)
    }
    header = json.dumps(table).encode()
    header += b" " * (-len(header) % 8)
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        for place in range(TENSORS):
            weights.write(file, place)
        settled(file)
