from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data: the variable ILK_DATA, or a folder beside the project."""
    root = Path(__file__).resolve().parents[1]
    folder = Path(os.environ.get("ILK_DATA", root.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}; set ILK_DATA to run this test")
    return folder
