"""The command line: it asks and shows; the library computes."""
