"""Text files: CSV and its relatives."""
