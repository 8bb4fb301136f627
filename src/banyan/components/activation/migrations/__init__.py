"""The activation room's own tables, step by step."""
