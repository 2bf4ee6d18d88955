"""The web app of ilk: ``streamlit run app.py`` and ``python app.py`` both start it."""

from pathlib import Path

from ilk.app.server import running, serve

if running():
    from ilk.app.layout import show

    show()
elif __name__ == "__main__":
    serve(Path(__file__))
