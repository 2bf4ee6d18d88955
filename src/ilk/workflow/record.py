"""``run.json``: the record of what was done, written last, which lists the files it stands for."""

from __future__ import annotations

import json
import platform
from collections.abc import Collection, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ilk.errors import Notice
from ilk.progress import ProgressReporter
from ilk.recipe import Recipe
from ilk.report.facts import RowCounts, RunMetadata
from ilk.report.summary_types import InputSummary
from ilk.tables.base import Source
from ilk.tables.output_dir import OutputDir
from ilk.version import __version__

RECORD_FILE = "run.json"
"""Name of the record in its folder."""

RUN_FORMAT = "ilk run"
COMPARISON_FORMAT = "ilk comparison"
"""What a record says that it is: of a run, or of a comparison."""

_VERSIONED_PACKAGES = ("numpy", "polars", "scikit-learn", "matplotlib")


def make_metadata(
    source: Source,
    recipe: Recipe,
    rows: RowCounts,
    notices: tuple[Notice, ...],
    command: str,
    created: str | None,
) -> RunMetadata:
    """What is known of every run, whatever was done: what was read, and how to make it again."""
    return RunMetadata(
        source=source.name,
        rows=rows,
        command=command,
        seed=recipe.seed,
        data_hash=source.fingerprint(),
        source_facts=source.read_details,
        notices=notices,
        versions=_collect_versions(),
        created=created,
    )


def make_record(
    record_format: str,
    summary: InputSummary,
    notices: Iterable[Notice],
    progress: ProgressReporter,
) -> dict[str, Any]:
    """What every record holds, whatever was done: the input, the options and what it took.

    Parameters
    ----------
    record_format : str
        :data:`RUN_FORMAT` or :data:`COMPARISON_FORMAT`.
    summary : InputSummary
        Holds the options as ``reproduce.recipe``.
    notices : iterable of Notice
        Those of the summary. Programs find the options that they name by field.
    progress : ProgressReporter
        Timed the steps.
    """
    return {
        "format": record_format,
        "created": summary["created"],
        "command": summary["reproduce"]["command"],
        "source": summary["source"],
        "data_sha256": summary["reproduce"]["data_hash"],
        "rows": summary["rows"],
        "columns": summary["columns"],
        "seed": summary["reproduce"]["seed"],
        "warnings": [
            {**shown, "options": notice.suggestions}
            for notice, shown in zip(notices, summary["notices"], strict=True)
        ],
        "timings": {name: round(seconds, 4) for name, seconds in progress.timings.items()},
        "versions": summary["reproduce"]["versions"],
    }


def write_record(output_dir: OutputDir, record: dict[str, Any], summary: InputSummary) -> None:
    """Write the record, the summary and the names of all files of the folder to ``run.json``."""
    files = sorted({*output_dir.staged_names, RECORD_FILE})
    content = {**record, "summary": summary, "files": files}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    output_dir.stage_path(RECORD_FILE).write_text(text, encoding="utf-8")


def list_recorded_files(
    directory: Path, record_format: str, default: Collection[str]
) -> Collection[str]:
    """The files that a finished run of this kind left in a folder, by its record; none without it.

    Parameters
    ----------
    directory : Path
    record_format : str
        Of the kind of run; the files of another kind do not count.
    default : collection of str
        What runs of the first drafts left, which do not list their files.
    """
    try:
        record = json.loads((directory / RECORD_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    if not isinstance(record, dict) or record.get("format") != record_format:
        return ()
    files = record.get("files")
    return files if isinstance(files, list) else default


def _collect_versions() -> dict[str, str]:
    """Versions of everything that computes the figures."""
    return {
        "ilk": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _VERSIONED_PACKAGES},
    }
