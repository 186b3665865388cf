"""Inference model files opened at the speed of ``mmap``, their tensors as NumPy arrays."""

__version__ = "0.1.0"
