"""Run the notebooks and write them back with fresh outputs: `make notebooks`.

What changes from run to run or from machine to machine (times, ids, the name of the kernel) is left
out, so that a notebook that tells nothing new stays the same file, byte for byte.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import matplotlib.font_manager  # noqa: F401 - fills its cache, or the kernel would say so
import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class ThisPython(KernelSpecManager):
    """Knows one kernel: the Python that runs now, whatever else is installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        argv = [*launch, "--log-level=ERROR"]  # else it warns that it is not encrypted
        return KernelSpec(argv=argv, display_name=kernel_name, language="python")


class OwnKernel(AsyncKernelManager):
    """Starts that kernel; the client that makes it shuts it down too."""

    def __init__(self, **settings: object) -> None:
        super().__init__(kernel_spec_manager=ThisPython(), **settings)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def executed(notebook: NotebookNode) -> NotebookNode:
    """The notebook with fresh outputs, run in an empty folder and without anybody's settings."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        client = NotebookClient(
            cleaned(notebook),
            kernel_manager_class=OwnKernel,
            timeout=600,
            # On a busy machine outputs come late, and are not to be done without.
            iopub_timeout=120,
            raise_on_iopub_timeout=True,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": folder}},
        )
        # Scikit-learn by itself takes all cores; its threads, when they wait, leave them to others.
        # Plots go into the notebook, whatever this process was told to do with its own.
        settings = {
            "IPYTHONDIR": folder,
            "OMP_WAIT_POLICY": "PASSIVE",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
        return cleaned(client.execute(env={**os.environ, **settings}))


def cleaned(notebook: NotebookNode) -> NotebookNode:
    """A copy with ids by position, and without metadata that come and go."""
    copy = nbformat.from_dict({**notebook, "metadata": METADATA, "nbformat_minor": 5})
    for position, cell in enumerate(copy.cells, start=1):
        cell.id = f"cell-{position:02}"
        cell.metadata = NotebookNode()
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = NotebookNode()
    return copy


def written(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"


def main() -> None:
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        path.write_text(written(executed(read(path))), encoding="utf-8")
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
