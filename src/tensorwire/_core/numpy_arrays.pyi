"""No names for Python."""
