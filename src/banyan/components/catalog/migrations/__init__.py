"""The catalog room's own tables, step by step."""
