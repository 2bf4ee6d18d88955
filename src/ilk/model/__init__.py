"""The segment model, its file, and its exports."""
