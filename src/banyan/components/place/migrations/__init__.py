"""Place's own tables, step by step."""
