"""The web app of ilk: ``streamlit run app.py`` and ``python app.py`` both start it."""

from pathlib import Path

from ilk.app.server import is_running, serve

if is_running():
    from ilk.app.layout import show_page

    show_page()
elif __name__ == "__main__":
    serve(Path(__file__))
