"""The inventory room's own tables, step by step."""
