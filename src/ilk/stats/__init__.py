"""Exact sums, which merge in any order."""
