"""Has the name of a library that takes long to import."""

AGAIN = False
