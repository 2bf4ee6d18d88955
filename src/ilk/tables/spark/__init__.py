"""Tables that Spark reads, and the work that its executors do."""
