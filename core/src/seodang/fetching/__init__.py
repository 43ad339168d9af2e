"""Everything that a recipe needs, in one folder for a machine without a network."""
