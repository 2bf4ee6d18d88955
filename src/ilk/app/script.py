"""The script that Streamlit runs at every interaction: it shows the page that is open."""

from __future__ import annotations

from ilk.app.layout import show_page

if __name__ == "__main__":
    show_page()
