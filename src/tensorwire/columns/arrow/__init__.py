"""Columns as Arrow arrays and back, through the PyCapsule interface: no Arrow library is needed.

Source: arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html.
"""
