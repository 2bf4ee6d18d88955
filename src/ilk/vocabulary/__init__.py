"""Words that show what a column holds, in many languages."""
