"""``python -m ilk`` is the command ``ilk``."""

from ilk.cli.main import run

if __name__ == "__main__":
    run()
