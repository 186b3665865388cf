"""Compiled code only: `array_over`."""
