"""Report: a finished run as one plain dict, and that dict as page, pictures and terminal."""
