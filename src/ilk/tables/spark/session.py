"""Session: a way into Spark, ours or the user's, quiet and with ilk on every worker."""

from __future__ import annotations

import logging
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilk.errors import InputError, UsageError, shorten

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PACKAGE = Path(__file__).resolve().parents[2]

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
    "spark.sql.session.timeZone": "UTC",
    # A task has one core: more threads in each would only wait for one another.
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
    # Results come in portions that are measured; the sum over a whole run may exceed any limit.
    "spark.driver.maxResultSize": "0",
}

_LOG_CONFIG = """\
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = Spark: %p %c{1}: %m%n
# Task by task the same failure would be told with its trace, before we tell it once.
logger.tasks.name = org.apache.spark
logger.tasks.level = off
# Otherwise it would say that it sets its own level, which it does anyway.
logger.gateway.name = org.apache.spark.api.python.PythonGatewayServer
logger.gateway.level = error
# But a person who waits should know what for.
logger.waiting.name = org.apache.spark.scheduler.TaskSchedulerImpl
logger.waiting.level = warn
logger.waiting.filter.regex.type = RegexFilter
logger.waiting.filter.regex.regex = Initial job has not accepted.*
logger.waiting.filter.regex.onMatch = ACCEPT
logger.waiting.filter.regex.onMismatch = DENY
"""

_PARALLELISM = "spark.sql.leafNodeDefaultParallelism"
_CACHE_AS_PLANNED = "spark.sql.optimizer.canChangeCachedPlanOutputPartitioning"

_shipped: dict[str, tempfile.TemporaryDirectory[str]] = {}
"""The zipped package of every application that was given one; executors fetch it on first use."""


def connect(master: str | None) -> tuple[SparkSession, bool]:
    """A session, and whether it was made here: the running one, if that fits, or a new one.

    Parameters
    ----------
    master : str or None
        Address of a Spark master, or ``local[*]``; ``None`` takes the running session, or else
        all cores of this machine.

    Raises
    ------
    UsageError
        ``E_MISSING_EXTRA`` without PySpark, ``E_JAVA`` where Java does not start, ``E_CONFLICT``
        when a session with another master runs in this process.
    """
    with _require_pyspark():
        from pyspark.sql import SparkSession

        running = SparkSession.getActiveSession()
        if running is None:
            with translate_errors(master or "local[*]"):
                return _start_session(master or "local[*]"), True
    running_master = running.sparkContext.master
    if master not in (None, running_master):
        raise UsageError(
            "E_CONFLICT",
            f"a Spark session with the master {running_master} runs in this process already",
            place="Spark master",
            way_out="Stop it first, or name no master to use it.",
        )
    return running, False


def ship_package(session: SparkSession) -> None:
    """Give every worker the package ilk as it is here; what ilk imports they must have."""
    context = session.sparkContext
    if str(context.master).partition("[")[0] == "local":
        return
    application = str(context.applicationId)
    if application in _shipped:
        return
    folder = tempfile.TemporaryDirectory(prefix="ilk-")
    archive = Path(folder.name) / "ilk.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(_PACKAGE.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                file.write(path, path.relative_to(_PACKAGE.parent))
    context.addPyFile(str(archive))
    _shipped[application] = folder


@contextmanager
def translate_errors(name: str) -> Iterator[None]:
    """Turn what Spark says when it gives up into an error of ours, and keep its warnings down.

    Raises
    ------
    InputError
        ``E_SPARK`` with the line that names the cause, or when Java is gone; ``E_BAD_ROWS`` for a
        row of a text file that does not fit.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        # It checks the version of pandas, which is not used here.
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            yield
    except ConnectionError as error:
        raise InputError(
            "E_SPARK",
            "Spark's Java process ended; mostly because its memory was full",
            place=name,
            way_out="Give it more, by spark.driver.memory in conf/spark-defaults.conf of Spark.",
        ) from error
    except (Py4JError, PySparkException) as error:
        if "MALFORMED_CSV_RECORD" in str(error):
            raise _build_bad_row_error(error, name) from error
        raise InputError(
            "E_SPARK",
            f"Spark gave up: {extract_cause(error)}",
            place=name,
            way_out="Its workers need the libraries that ilk needs (docs/spark.md); without "
            "Spark, this machine reads the table alone.",
        ) from error


@contextmanager
def fix_partitions(session: SparkSession, n_partitions: int) -> Iterator[None]:
    """Have Spark divide a table into the same partitions in every pass.

    It divides files by the number of cores that it has at the moment, and a table that it keeps
    in another way than one that it does not; but every pass over a table has to find the same rows
    in the same partitions.
    """
    settings = {_PARALLELISM: str(n_partitions), _CACHE_AS_PLANNED: "true"}
    with ExitStack() as stack:
        for name, value in settings.items():
            stack.enter_context(set_option(session, name, value))
        yield


@contextmanager
def set_option(session: SparkSession, name: str, value: str) -> Iterator[None]:
    """Set an option of a session for a while, and put back what was there."""
    before = session.conf.get(name, None)
    session.conf.set(name, value)
    try:
        yield
    finally:
        if before is None:
            session.conf.unset(name)
        else:
            session.conf.set(name, before)


def extract_cause(error: Exception) -> str:
    r"""The line of a long message of Spark that says what happened.

    Examples
    --------
    >>> extract_cause(ValueError("Aborted:\nTraceback\n  File a.py\nKeyError: 'x'\n\tat org.a"))
    "KeyError: 'x'"
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    trace = next((n for n, line in enumerate(lines) if line.startswith("Traceback")), None)
    if trace is not None:
        for line in lines[trace + 1 :]:
            name, colon, _ = line.partition(": ")
            if colon and name.replace(".", "").replace("_", "").isalnum():
                return line[:300]
    caused = [line for line in lines if line.startswith("Caused by: ")]
    return (caused[-1].removeprefix("Caused by: ") if caused else lines[0] if lines else "")[:300]


def _is_relevant(record: logging.LogRecord) -> bool:
    """Not that Ctrl-C interrupted a talk with Java, which is logged with its whole trace."""
    return "while sending command" not in record.getMessage()


def _build_bad_row_error(error: Exception, name: str) -> InputError:
    row = extract_cause(error).partition("Malformed CSV record: ")[2].partition(" SQLSTATE")[0]
    return InputError(
        "E_BAD_ROWS",
        f"a row has too few or too many cells: {shorten(row)}",
        place=name,
        way_out="Correct it; without Spark, {max_bad_rows} skips some.",
        options=("max_bad_rows",),
    )


def _start_session(master: str) -> SparkSession:
    logging.getLogger().addFilter(_is_relevant)
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory(prefix="ilk-") as folder:
        log_settings = Path(folder) / "log4j2.properties"
        log_settings.write_text(_LOG_CONFIG, encoding="utf-8")
        settings = _SETTINGS | {
            "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={log_settings.as_uri()}"
        }
        builder: Any = SparkSession.builder.master(master).appName("ilk")
        for key, value in settings.items():
            builder = builder.config(key, value)
        try:
            session: SparkSession = builder.getOrCreate()
        except PySparkRuntimeError as error:
            if error.getCondition() != "JAVA_GATEWAY_EXITED":
                raise
            raise UsageError(
                "E_JAVA",
                "Spark's Java process did not start",
                place="Spark",
                way_out="Install Java 17 or newer, and let JAVA_HOME name its folder.",
            ) from error
    context = session.sparkContext
    # Nobody named another Python: this one has everything, at least for workers on this machine.
    if context.pythonExec == "python3":
        context.pythonExec = sys.executable
    return session


@contextmanager
def _require_pyspark() -> Iterator[None]:
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            yield
    except ImportError as error:
        raise UsageError(
            "E_MISSING_EXTRA",
            "Spark needs libraries that are not installed",
            place="Spark",
            way_out="Run pip install 'ilk[spark]'.",
        ) from error
