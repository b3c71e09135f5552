"""Personal data: what it is, how it is found, and what is written in its place."""
