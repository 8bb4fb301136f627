"""The ordering room's own tables, step by step."""
