"""The export page: download the results, and the code that repeats the run."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import streamlit as st

from ilk.app.layout import attempt, require_run
from ilk.app.markdown import spell_label
from ilk.app.session import Session, get_session
from ilk.column_labels import LABELS_FILE
from ilk.progress import ProgressReporter
from ilk.workflow.run import Run

_DOWNLOADS = {
    "report.html": (
        "Download report",
        "the segments and the evidence on one page. It works offline.",
        "text/html",
    ),
    "customers.csv": ("Download customers", "the segment of every customer.", "text/csv"),
    "segments.csv": (
        "Download segments",
        "the figures of every segment, and what to do.",
        "text/csv",
    ),
    "model.json": (
        "Download model",
        "assigns new customers to these segments. Load it under **Predict**.",
        "application/json",
    ),
}
"""Label of the button, what the file holds and its type, by the name of the file."""


def render_page() -> None:
    """Show the export page."""
    session = get_session()
    st.title("Export", anchor=False)
    run = require_run(session)
    if run is None:
        return
    names = {str(_get_results_dir(session)): "the results folder"}
    folder = attempt(session, lambda: _get_results(session, run), names=names)
    if folder is None:
        return
    for name, (label, content, mime) in _DOWNLOADS.items():
        left, right = st.columns([1, 2], vertical_alignment="center")
        left.download_button(
            label, (folder / name).read_bytes(), name, mime, on_click="ignore", width="stretch"
        )
        right.markdown(f"`{name}`: {content}")
    left, right = st.columns([1, 2], vertical_alignment="center")
    left.download_button(
        "Download everything",
        session.memoize("archive", session.segments_key, lambda _: _zip_folder(folder)),
        "segments.zip",
        "application/zip",
        on_click="ignore",
        type="primary",
        width="stretch",
    )
    right.markdown(
        "`segments.zip`: all of these, the plots, the results for every number of segments, and a "
        "record of the run."
    )
    st.subheader("Python code", anchor=False)
    st.markdown("Paste this into a notebook to repeat the run.")
    st.code(session.make_script(run), language="python")


def _get_results_dir(session: Session) -> Path:
    return session.folder / "results"


def _get_results(session: Session, run: Run) -> Path:
    """The results folder of the run, written once."""
    return session.memoize(
        "results", session.segments_key, lambda progress: _write_results(session, run, progress)
    )


def _write_results(session: Session, run: Run, progress: ProgressReporter) -> Path:
    folder = _get_results_dir(session)
    (folder / LABELS_FILE).unlink(missing_ok=True)  # that of the last table
    summary = run.build_summary(
        command=session.make_script(run), created=date.today().isoformat(), spell=spell_label
    )
    run.write(folder, overwrite=True, summary=summary, progress=progress)
    return folder


def _zip_folder(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return buffer.getvalue()


if __name__ == "__main__":
    render_page()
