"""Numbers, text, colors and HTML, as people read them."""
