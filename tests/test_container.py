"""What must hold of the container image, as far as its recipe tells; `make image` builds it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NamedTuple

import markupsafe
import pytest

from ilk.app.server import SETTINGS
from ilk.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = ROOT / "Dockerfile"
PORT = str(SETTINGS["server.port"])
COMPILERS = re.compile(r"\b(apt-get|apt|apk|dpkg|build-essential|gcc|g\+\+|clang|cargo|rustup)\b")


class Step(NamedTuple):
    """One instruction: what it is, and what it is given."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        return self.text.split()


def steps() -> list[Step]:
    """The instructions of the Dockerfile, each on one line, without comments."""
    lines = DOCKERFILE.read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    joined = text.replace("\\\n", " ").splitlines()
    return [Step(*line.split(maxsplit=1)) for line in joined if line.strip()]


def stages() -> list[list[Step]]:
    """The instructions of every stage, FROM first."""
    stages: list[list[Step]] = []
    for step in steps():
        if step.name == "FROM":
            stages.append([])
        stages[-1].append(step)
    return stages


def last(name: str) -> str:
    """What the last instruction of a name in the last stage is given."""
    return [step.text for step in stages()[-1] if step.name == name][-1]


def copied() -> list[str]:
    """What is copied out of the project's folder, in the order of the Dockerfile."""
    copies = [step.words for step in steps() if step.name == "COPY" and "--from" not in step.text]
    return [source for *sources, _ in copies for source in sources]


def health_check() -> list[str]:
    """The command of the health check."""
    command: list[str] = json.loads(last("HEALTHCHECK").partition(" CMD ")[2])
    return command


def test_hadolint_finds_nothing_and_nothing_is_hidden_from_it() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [hadolint, "--disable-ignore-pragma", DOCKERFILE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0
    assert list(ROOT.glob(".hadolint*")) == []


def test_every_stage_stands_on_the_slim_image() -> None:
    names: set[str] = set()
    bases = []
    for first, *_ in stages():
        base, *named = first.words
        bases.append(base)
        assert base == "python:3.13-slim" or base in names
        names.update(named[1:])
    assert len(bases) >= 2
    assert bases[-1] == "python:3.13-slim"


def test_nothing_installs_a_compiler_and_the_last_stage_installs_nothing() -> None:
    assert [step for step in steps() if COMPILERS.search(step.text)] == []
    runs = [step.text for step in stages()[-1] if step.name == "RUN"]
    assert runs == ["install -d -m 1777 /data"]


def test_it_runs_as_an_ordinary_user_by_number() -> None:
    user = re.fullmatch(r"(\d+):(\d+)", last("USER"))
    assert user
    assert "0" not in user.groups()


def test_it_serves_the_app_to_the_outside_unless_told_otherwise(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert json.loads(last("ENTRYPOINT")) == ["ilk"]
    command, *options = json.loads(last("CMD"))
    assert options == ["--address", "0.0.0.0"]
    assert last("EXPOSE") == PORT
    assert main([command, "--help"]) == 0
    assert options[0] in capsys.readouterr().out


def test_whatever_is_installed_is_pinned_with_hashes() -> None:
    installs = [
        command
        for step in steps()
        for command in step.text.split("&&")
        if step.name == "RUN" and re.search(r"\bpip\b.* install\b", command)
    ]
    ours = [command for command in installs if "wheels/*.whl" in command]
    assert len(installs) == 3
    assert len(ours) == 1
    assert "--no-deps" in ours[0]
    for command in set(installs) - set(ours):
        assert re.search(r"--require-hashes --requirement requirements/\w+\.txt$", command.strip())


def test_the_pinned_build_tool_is_the_one_that_the_project_asks_for() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    names = [re.split("[<>=]", requirement)[0] for requirement in wanted]
    pins = re.findall(r"^([\w-]+)==", (ROOT / "requirements/build.txt").read_text("utf-8"), re.M)
    assert pins == names


def test_only_what_is_copied_goes_into_the_build() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert rules[0] == "*"
    assert let_in == set(copied())
    assert [name for name in let_in if not (ROOT / name).exists()] == []
    assert not let_in & {".", ".git", ".venv", "tests"}
    assert "**/__pycache__" in rules


def test_a_change_of_the_source_leaves_what_was_installed_in_place() -> None:
    order = copied()
    assert order.index("requirements/app.txt") < order.index("src")
    names = [stage[0].words[-1] for stage in stages() if any(" src" in s.text for s in stage)]
    sources = [step.text for step in stages()[-1] if step.name == "COPY"]
    assert names == ["program"]
    assert sources[0] == "--from=packages /opt/ilk /opt/ilk"


def test_whatever_caches_is_sent_to_the_one_place_that_can_be_written() -> None:
    variables = last("ENV")
    assert re.search(r"\bHOME=/tmp\b", variables)
    assert "MPLCONFIGDIR=/tmp/" in variables
    assert "PYTHONDONTWRITEBYTECODE=1" in variables
    assert last("WORKDIR") == "/data"


def test_its_license_and_description_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', last("LABEL")))
    assert labels == {
        "title": project["name"],
        "description": project["description"],
        "licenses": project["license"],
    }


class Health(BaseHTTPRequestHandler):
    """A server that is well or not, as its class says."""

    port = 0
    status = 200

    def do_GET(self) -> None:
        well = self.path == "/_stcore/health"
        self.send_response(self.status if well else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[type[Health]]:
    class Mine(Health):
        pass

    with HTTPServer(("127.0.0.1", 0), Mine) as running:
        Mine.port = running.server_port
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield Mine
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "expected"), [(200, 0), (503, 1), (None, 1)])
def test_the_health_check_tells_whether_the_health_page_does(
    server: type[Health], status: int | None, expected: int
) -> None:
    program, flag, code = health_check()
    assert (program, flag) == ("python", "-c")
    assert PORT in code
    port = 1 if status is None else server.port  # nobody listens on port 1
    server.status = status or 200
    done = subprocess.run(
        [sys.executable, flag, code.replace(PORT, str(port))],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == expected


def slim(folder: Path) -> None:
    subprocess.run(
        [sys.executable, ROOT / "tools" / "slim.py", folder],
        capture_output=True,
        check=True,
        timeout=60,
    )


def test_slimming_removes_what_developers_need_and_nothing_else(tmp_path: Path) -> None:
    kept = ["a/__init__.py", "a/data.csv", "a/testing.py", "a-1.dist-info/licenses/LICENSE"]
    gone = ["a/tests/test_a.py", "a/b/tests/data.csv", "a/_a.pyx", "a/a.pyi", "a/include/a.h"]
    for name in kept + gone:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    slim(tmp_path)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(kept)
    assert all((tmp_path / name).read_text() == name for name in kept)


def test_a_slimmed_library_is_shorter_and_still_loads(tmp_path: Path) -> None:
    shutil.copytree(Path(markupsafe.__file__).parent, tmp_path / "markupsafe")
    library = next((tmp_path / "markupsafe").glob("_speedups*.so"), None)
    if library is None or not library.read_bytes().startswith(b"\x7fELF"):
        pytest.skip("libraries of this system are of another format")
    before = library.stat().st_size
    slim(tmp_path)
    code = "import markupsafe._speedups as m; print(m.__file__, m._escape_inner('<'))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == [str(library), "&lt;"]
    assert library.stat().st_size < before


def test_slimming_keeps_one_of_several_equal_libraries_and_links_the_others(
    tmp_path: Path,
) -> None:
    for name, content in (("a.so", b"one"), ("b.so.1", b"one"), ("c.so", b"two")):
        (tmp_path / name).write_bytes(content)
    slim(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_symlink()] == ["b.so.1"]
    assert (tmp_path / "b.so.1").read_bytes() == b"one"
    assert (tmp_path / "c.so").read_bytes() == b"two"
