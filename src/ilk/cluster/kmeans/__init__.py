"""K-means: from many starts, improved by search, independent of row order and threads."""
