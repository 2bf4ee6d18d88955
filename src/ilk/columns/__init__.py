"""One pass over a table; what each column is and what it is used for."""
