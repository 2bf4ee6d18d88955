"""Tables: the only room that opens files, and everything that is read from or written to them."""
