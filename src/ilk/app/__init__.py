"""The web app: it asks, shows and remembers; everything that is computed, the library computes."""
