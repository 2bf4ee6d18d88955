"""Reading and writing tables: the only package that opens files, databases and engines."""
