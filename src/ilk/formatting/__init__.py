"""Numbers, text and colors, as people read them."""
