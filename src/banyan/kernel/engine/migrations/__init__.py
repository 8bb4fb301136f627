"""The kernel's own tables, step by step."""
