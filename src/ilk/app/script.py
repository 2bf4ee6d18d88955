"""The script that Streamlit runs at every interaction: the pages, and the way through them."""

from __future__ import annotations

from ilk.app.layout import show_page

if __name__ == "__main__":
    show_page()
