"""Columns: many records as flat arrays with offsets, whatever format the records have.

This layer knows paths, arrays and Arrow, and no wire format: an engine walks the bytes and hands
over the tree of `tensorwire.columns.data`.
"""
