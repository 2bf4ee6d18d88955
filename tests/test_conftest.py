"""What the tests do where something they need is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("ci", "outcome"), [("true", "1 error in"), ("", "1 skipped in"), ("false", "1 skipped in")]
)
def test_figures_count_as_checked_only_where_the_published_files_are(
    tmp_path: Path, ci: str, outcome: str
) -> None:
    (tmp_path / "test_figures.py").write_text("def test_figures(data_dir): pass\n", "utf-8")
    (tmp_path / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_figures.py"],
        cwd=tmp_path,
        env=os.environ | {"CI": ci, "ILK_DATA": str(tmp_path / "nowhere")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert outcome in done.stdout
    assert f"there are no published files in {tmp_path / 'nowhere'}" in done.stdout
    assert ("NOT TESTED ON PUBLISHED FILES" in done.stdout) == (ci != "true")
    assert done.returncode == (1 if ci == "true" else 0)
