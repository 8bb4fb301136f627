"""The party room."""
