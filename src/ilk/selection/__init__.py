"""How many segments, and why."""
