"""What is measured: programs that do a job when told to on standard input, each its own process."""
