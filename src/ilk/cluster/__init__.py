"""Array in, Partition out; every Partition can place new rows."""
