"""Long tests: not part of every day's run (``make soak``)."""
