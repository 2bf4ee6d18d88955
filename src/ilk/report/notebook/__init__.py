"""What notebooks show of ilk's objects."""
