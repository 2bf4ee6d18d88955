"""Raw columns to numbers; fitted once, kept in the model."""
