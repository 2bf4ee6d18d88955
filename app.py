"""The web app of ilk: ``streamlit run app.py`` and ``python app.py`` both start it."""

from ilk.app.server import SCRIPT, build_app_arguments, serve

if __name__ == "__main__":
    serve()
else:
    from streamlit.starlette import App

    # `streamlit run` reads this file, finds the App by its name, and serves it.
    app = App(SCRIPT, **build_app_arguments())
