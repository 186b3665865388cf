"""Where and with what a bench ran: every figure is printed with it."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "tensorwire",
    "numpy",
    "protobuf",
    "flatbuffers",
    "ai-edge-litert",
    "onnx",
    "safetensors",
    "ml_dtypes",
    "pyarrow",
    "ptars",
)


def processor() -> str:
    """The processor's name, where Linux tells it."""
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        for line in cpus.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_bytes() -> int | None:
    """Physical memory, None where the system does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def busy() -> float | None:
    """Processes that want a core, the mean of the last minute; None where it is not told."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None


def versions() -> dict[str, str]:
    """Version by package name, of those that are installed."""
    installed = {made.name.lower(): made.version for made in metadata.distributions()}
    found = {name: installed[name] for name in PACKAGES if name in installed}
    return {"python": platform.python_version(), **found}


def upb_backend() -> str:
    """Which of protobuf's implementations is in use; only ``upb`` is what the tables say."""
    from google.protobuf.internal import api_implementation

    return api_implementation.Type()


def facts() -> dict[str, object]:
    """Everything a reader of the table needs to know about the machine, as data."""
    from tensorwire._core import bulk

    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_bytes": memory_bytes(),
        "load_before": busy(),
        "system": platform.platform(),
        "compiler_of_python": platform.python_compiler(),
        "kernel_in_use": bulk.kernel(),
        "protobuf_backend": upb_backend(),
        "versions": versions(),
        "command": " ".join(Path(word).name for word in sys.argv),
    }


def lines(known: dict[str, object]) -> list[str]:
    """Those facts for reading."""
    memory = known["memory_bytes"]
    size = f", {memory / 2**30:.0f} GiB" if isinstance(memory, int) else ""
    load = known["load_before"]
    load_words = f"load {load:.1f} before" if isinstance(load, float) else "load unknown"
    packages = ", ".join(f"{name} {version}" for name, version in versions().items())
    return [
        f"{known['processor']}, {known['cores']} cores{size}; {known['system']}; {load_words}",
        f"{packages}",
        f"varint kernel {known['kernel_in_use']}; protobuf backend {known['protobuf_backend']}",
    ]
