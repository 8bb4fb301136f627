"""What reaches devices: the port, its drivers, and how they are found."""
