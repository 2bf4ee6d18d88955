"""What must hold of the code base as a whole, whatever it computes."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import ilk

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "ilk"
FILES = sorted(SOURCE.rglob("*.py"))
HEAVY = {"matplotlib", "numpy", "pandas", "polars", "pydantic", "rich", "scipy", "sklearn"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def where(path: Path, node: ast.AST | None = None) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def functions(path: Path) -> Iterator[Function]:
    tree = ast.parse(path.read_text("utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def body_lines(function: Function) -> int:
    """Lines of a body without its docstring."""
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    start = first.end_lineno + 1 if documented and first.end_lineno else first.lineno
    return (function.end_lineno or start) - start + 1


def parameters(function: Function) -> list[str]:
    arguments = function.args
    names = [
        argument.arg
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    ]
    return [name for name in names if name not in ("self", "cls")]


def test_rooms_import_only_what_lies_below_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == EXIT_STATUS_SUCCESS


def test_no_file_is_longer_than_600_lines() -> None:
    lengths = {where(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {place: lines for place, lines in lengths.items() if lines > 600} == {}


def test_no_function_body_is_longer_than_80_lines() -> None:
    lengths = {
        where(path, function): body_lines(function)
        for path in FILES
        for function in functions(path)
    }
    assert lengths, "no function was found"
    assert {place: lines for place, lines in lengths.items() if lines > 80} == {}


def test_no_function_takes_more_than_8_parameters() -> None:
    crowded = {
        where(path, function): parameters(function)
        for path in FILES
        for function in functions(path)
        if len(parameters(function)) > 8
    }
    assert crowded == {}


def test_public_names_are_exactly_what_can_be_imported() -> None:
    assert sorted(ilk.__all__) == list(ilk.__all__)
    assert [name for name in ilk.__all__ if not hasattr(ilk, name)] == []
    assert dir(ilk) == list(ilk.__all__)


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        ilk.no_such_name  # noqa: B018 - looking it up is the test


@pytest.mark.parametrize(
    "statement",
    [
        "import ilk",
        "import ilk.cli.main; ilk.cli.main.main(['--help'])",
        "import ilk.cli.main; ilk.cli.main.main(['--version'])",
    ],
)
def test_starting_loads_nothing_heavy(statement: str) -> None:
    code = f"{statement}\nimport sys\nprint('LOADED', *sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stderr.partition("LOADED")[2].split())
    assert "ilk" in loaded
    assert loaded & HEAVY == set()


def test_nothing_is_unpickled_or_evaluated() -> None:
    dangerous = re.compile(
        r"pickle\.loads?\b|joblib\.load\b|\byaml\b|\bmarshal\b|\bshelve\b|\b(eval|exec)\(|allow_pickle"
    )
    undefined = {
        f"{where(path)}: {match.group()}"
        for path in FILES
        for match in dangerous.finditer(path.read_text("utf-8"))
    }
    assert undefined == set()


def test_every_raises_says_which_message_it_expects() -> None:
    tests = sorted((ROOT / "tests").rglob("*.py"))
    vague = [
        where(path, node)
        for path in tests
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("pytest.raises", "pytest.warns")
        and "match" not in {keyword.arg for keyword in node.keywords}
    ]
    assert tests
    assert vague == []


def is_private(name: str) -> bool:
    """A name of one module's own; Python's and Jupyter's protocols end in an underscore."""
    return name.startswith("_") and not name.endswith("_")


def is_constant(name: str) -> bool:
    return re.fullmatch(r"_?[A-Z][A-Z0-9_]+", name) is not None


def names_defined(path: Path) -> set[str]:
    """Names of functions, classes, attributes, fields and constants that a file makes."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
    return names


def names_reached(node: ast.AST) -> Iterator[str]:
    """Names that a node takes from something else than the object it belongs to."""
    if isinstance(node, ast.ImportFrom):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.Attribute) and ast.unparse(node.value) not in ("self", "cls"):
        yield node.attr
    elif isinstance(node, ast.Call):
        yield from (keyword.arg for keyword in node.keywords if keyword.arg)
        yield from names_set(node)


def names_set(node: ast.AST) -> Iterator[str]:
    """Names that are looked up or patched by a string, as ``setattr`` takes it, or assigned."""
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func).rpartition(".")[2]
        if called in ("getattr", "setattr", "delattr"):
            texts = (text.value for text in node.args[:2] if isinstance(text, ast.Constant))
            yield from (text.rpartition(".")[2] for text in texts if isinstance(text, str))
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr


def places_of(reached: Callable[[ast.AST], Iterator[str]], names: set[str]) -> list[str]:
    """Where tests, tools, benchmarks or examples reach one of these names."""
    folders = ("tests", "tools", "benchmarks", "examples")
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    assert paths
    return [
        f"{where(path, node)}: {name}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in reached(node)
        if name in names
    ]


def test_private_names_are_used_in_their_own_module_only() -> None:
    names = {name for path in FILES for name in names_defined(path) if is_private(name)}
    assert names
    assert places_of(names_reached, names) == []


def test_limits_are_arguments_and_no_test_patches_a_constant() -> None:
    names = {name for path in FILES for name in names_defined(path) if is_constant(name)}
    assert names
    assert places_of(names_set, names | {"__defaults__", "__kwdefaults__"}) == []


PINNED = ("app", "build", "dev", "notebook", "spark")


@pytest.mark.parametrize(
    "name", ["requirements.txt", *(f"requirements/{extra}.txt" for extra in PINNED)]
)
def test_pinned_requirements_carry_versions_and_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert pins
    assert [pin for pin in pins if not re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:", pin)] == []
    assert "://" not in text
    assert "index" not in text


def test_everything_required_is_pinned_and_told_about() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = {_name(line) for lines in (project["dependencies"], *extras) for line in lines}
    wanted.discard("ilk")
    pinned = {
        _name(line)
        for name in ("dev", "notebook")
        for line in (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").splitlines()
        if "==" in line
    }
    page = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text("utf-8")
    named = set(re.findall(r"^\| `([a-z0-9-]+)`", page, flags=re.MULTILINE))
    assert wanted - pinned == set()
    assert named == wanted


def _name(requirement: str) -> str:
    """The name before a version, an extra or a marker."""
    match = re.match(r"[A-Za-z0-9_-]+", requirement)
    assert match
    return match.group().lower()
