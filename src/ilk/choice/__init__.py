"""Which K, and why."""
