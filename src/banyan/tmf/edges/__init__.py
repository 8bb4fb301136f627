"""Tables and machinery of the generation edge."""
