"""The page from which everything can be taken away."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import streamlit as st

from ilk.app.layout import attempt, require_run
from ilk.app.session import Session, get_session
from ilk.progress import ProgressReporter
from ilk.workflow.run import Run

_DOWNLOADS = {
    "report.html": ("The report", "One page for your manager; it works offline.", "text/html"),
    "customers.csv": ("The customers", "The segment of every customer.", "text/csv"),
    "segments.csv": ("The segments", "Every segment in figures, with what to do.", "text/csv"),
    "model.json": (
        "The model",
        "Labels new customers, here and with `ilk predict`.",
        "application/json",
    ),
}


def render_page() -> None:
    """Download what was made, and the code that makes it again."""
    current = get_session()
    st.title("Take it with you", anchor=False)
    run = require_run(current)
    if run is None:
        return
    names = {str(_get_results_dir(current)): "the folder of results"}
    folder = attempt(current, lambda: _get_results(current, run), names=names)
    if folder is None:
        return
    for name, (title, what, mime) in _DOWNLOADS.items():
        left, right = st.columns([1, 2], vertical_alignment="center")
        left.download_button(
            title, (folder / name).read_bytes(), name, mime, on_click="ignore", width="stretch"
        )
        right.markdown(f"`{name}`: {what}")
    left, right = st.columns([1, 2], vertical_alignment="center")
    left.download_button(
        "Everything",
        current.memoize("zipped", current.segments_key, lambda _: _zip_folder(folder)),
        "segments.zip",
        "application/zip",
        on_click="ignore",
        type="primary",
        width="stretch",
    )
    right.markdown("`segments.zip`: these and the plots, the table of K and the record of the run.")
    st.subheader("The same in Python", anchor=False)
    st.markdown("Paste it into a notebook: it makes this very run again.")
    st.code(current.make_script(run), language="python")


def _get_results_dir(session: Session) -> Path:
    return session.folder / "results"


def _get_results(session: Session, run: Run) -> Path:
    """The folder of results of the run, written once."""
    return session.memoize(
        "written", session.segments_key, lambda watch: _write_results(session, run, watch)
    )


def _write_results(session: Session, run: Run, progress: ProgressReporter) -> Path:
    folder = _get_results_dir(session)
    summary = run.build_summary(command=session.make_script(run), created=date.today().isoformat())
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
