"""A real cluster on this machine: a master and two workers, which know no ilk of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PATIENCE = 120.0


@pytest.fixture(scope="session")
def java() -> None:
    """Java 17 or newer, without which there is no Spark."""
    program = shutil.which("java", path=f"{os.environ.get('JAVA_HOME', '')}/bin") or shutil.which(
        "java"
    )
    told = program and subprocess.run([program, "-version"], capture_output=True, check=False)
    found = re.search(r'version "(\d+)', told.stderr.decode()) if told else None
    if found is None or int(found[1]) < 17:
        missing = "there is no Java 17 or newer on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing} (with CI=true, the tests of Spark have to run)")
        pytest.skip(missing)


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has every library but ilk."""
    folder = tmp_path_factory.mktemp("python")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    site = next(folder.glob("lib/python*/site-packages"), folder / "Lib" / "site-packages")
    # A folder named in a .pth file is searched, but the .pth files in it, which lead to ilk where
    # it is installed for development, are not read.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def master(
    java: None, bare_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a master with two workers of one core each."""
    import pyspark

    home = Path(pyspark.__file__).parent
    folder = tmp_path_factory.mktemp("cluster")
    surroundings = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    surroundings |= {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}

    @contextmanager
    def running(name: str, *arguments: str, until: str) -> Iterator[str]:
        log = folder / f"{name}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [home / "bin" / "spark-class", *arguments],
                stdout=file,
                stderr=subprocess.STDOUT,
                env=surroundings,
                cwd=folder,
            )
        try:
            yield _awaited(log, until, process)
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE)

    deploy = "org.apache.spark.deploy"
    local = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
    with ExitStack() as stack:
        address = stack.enter_context(
            running("master", f"{deploy}.master.Master", *local, until=r"master at (spark://\S+)")
        )
        for name in ("one", "two"):
            room = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / name))
            worker = (f"{deploy}.worker.Worker", *local, *room, address)
            stack.enter_context(running(name, *worker, until=r"(registered with master)"))
        yield address


@pytest.fixture(scope="session")
def spark(master: str, bare_python: Path) -> Iterator[SparkSession]:
    """A session of ours on that cluster."""
    from ilk.tables.sparksession import connect

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", str(bare_python))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        session, made = connect(master)
        assert made
        yield session
        session.stop()


def _awaited(log: Path, until: str, process: subprocess.Popen[bytes]) -> str:
    """What a log says where ``until`` matches; a process that ends before is an error."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(until, log.read_text("utf-8")):
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"this did not start:\n{log.read_text('utf-8')}")
