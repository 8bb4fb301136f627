"""Real programs that end in the middle, and what those that come after them find."""
