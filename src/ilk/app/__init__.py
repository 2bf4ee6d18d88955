"""The web app: it asks, shows and remembers. All computing is done by the library."""
