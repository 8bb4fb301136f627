"""Plans across rooms, in a whole house built by wiring."""
