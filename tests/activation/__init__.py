"""The activation room."""
