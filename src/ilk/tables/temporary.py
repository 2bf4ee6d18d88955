"""Temporary: what is said when the system's folder for temporary files takes no more."""

from __future__ import annotations

from pathlib import Path

from ilk.errors import OutputError


def no_room(what: str, folder: Path | str, error: Exception) -> OutputError:
    """Build the refusal of work that needs a temporary file and gets none.

    Examples
    --------
    >>> no_room("the ids cannot be compared through", "/tmp", OSError(28, "No space left")).code
    'E_OUTPUT_WRITE'
    """
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return OutputError(
        "E_OUTPUT_WRITE",
        f"{what} a temporary file: {why.splitlines()[0]}",
        place=str(folder),
        way_out="Free space there, or name a folder on another disk in the environment variable "
        "TMPDIR; what stood in the folder for the results is untouched.",
    )
