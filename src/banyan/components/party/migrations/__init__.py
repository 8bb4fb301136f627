"""The party room's own tables, step by step."""
