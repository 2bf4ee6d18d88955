"""What a segment is to a marketer: exact figures, a name, and what to do."""
