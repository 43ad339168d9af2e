"""A run: its directory, its plan, its steps."""
