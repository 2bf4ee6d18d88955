"""A real cluster on this machine: two workers in processes of their own, which know no ilk."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def java() -> None:
    """Java 17 or newer, without which there is no Spark."""
    program = shutil.which("java", path=f"{os.environ.get('JAVA_HOME', '')}/bin") or shutil.which(
        "java"
    )
    answer = program and subprocess.run([program, "-version"], capture_output=True, check=False)
    version = re.search(r'version "(\d+)', answer.stderr.decode()) if answer else None
    if version is None or int(version[1]) < 17:
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
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Surroundings in which Java starts fast and optimizes little, and nothing is tried twice."""
    folder = tmp_path_factory.mktemp("conf")
    settings = {
        "spark.task.maxFailures": "1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": folder.as_uri(),
    }
    lines = [f"{key} {value}\n" for key, value in settings.items()]
    (folder / "spark-defaults.conf").write_text("".join(lines))
    return {
        "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "SPARK_CONF_DIR": str(folder),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


@pytest.fixture(scope="session")
def master(java: None) -> str:
    """A cluster of Spark's own making: two workers, one core and a gigabyte each."""
    return "local-cluster[2,1,1024]"


@pytest.fixture(scope="session")
def spark(master: str, quick: dict[str, str], bare_python: Path) -> Iterator[SparkSession]:
    """A session of ours on that cluster."""
    from ilk.tables.spark.session import connect

    with pytest.MonkeyPatch.context() as patch:
        for name, value in (quick | {"PYSPARK_PYTHON": str(bare_python)}).items():
            patch.setenv(name, value)
        session, made = connect(master)
        assert made
        yield session
        session.stop()
