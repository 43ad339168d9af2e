"""Reading and checking recipes: from a TOML file to steps with checked options, all problems told at once."""
