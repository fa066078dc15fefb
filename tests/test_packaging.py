"""The wheel holds all that the program needs and works in an empty folder; the locks fit the project."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {level: ROOT / "scripts" / "lock" / f"{level}.txt" for level in ("run", "test")}


def neutral_environ() -> dict[str, str]:
    """Return the caller's environment without what points at another office or another Python."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TTHC_", "FLASK_", "PYTHON", "PIP_"))
    }


def run(*command: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command and return it done; a failure shows what it wrote."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**neutral_environ(), "PYTHONUTF8": "1", **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Build the source archive from the working copy and the wheel from that, as a publisher would."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    [source] = folder.glob("tthc-*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    unpacked = folder / source.name.removesuffix(".tar.gz")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=unpacked)
    [wheel] = folder.glob("tthc-*.whl")
    return source, wheel


@pytest.fixture(scope="module")
def installed(archives: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own; return its folder of programs.

    The packages that it depends on are those of this environment, named in a .pth file; the working copy is
    not among them, because .pth files that lie in a folder added in this way are not read.
    """
    folder = tmp_path_factory.mktemp("installed") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "-q",
        "--no-deps",
        archives[1],
        cwd=folder.parent,
    )
    place = run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder.parent
    ).stdout
    names = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    (Path(place.strip()) / "dependencies.pth").write_text("".join(f"{name}\n" for name in names), "utf-8")
    return python.parent


def files_below(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix()


def test_the_wheel_holds_the_package_and_the_templates_and_nothing_else(archives: tuple[Path, Path]) -> None:
    wanted = {f"tthc/{name}" for name in files_below(ROOT / "tthc")}
    wanted |= {f"tthc/templates/{name}" for name in files_below(ROOT / "templates")}
    with zipfile.ZipFile(archives[1]) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == wanted


@pytest.mark.parametrize(
    "pattern",
    [
        r"tthc/templates/base\.html",
        r"tthc/templates/print/receipt\.typ",
        r"tthc/seeds/calendar\.csv",
        r"tthc/db/migrations/versions/\w+\.py",
        r"tthc/static/fonts/Tinos-Regular\.ttf",
        r"tthc/static/vendor/bootstrap/bootstrap\.min\.css",
        r"tthc/static/vendor/htmx/LICENSE",
    ],
)
def test_the_wheel_holds(archives: tuple[Path, Path], pattern: str) -> None:
    with zipfile.ZipFile(archives[1]) as wheel:
        assert [name for name in wheel.namelist() if re.fullmatch(pattern, name)]


def test_the_source_archive_holds_the_scripts_with_their_locks(archives: tuple[Path, Path]) -> None:
    with tarfile.open(archives[0]) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    assert {
        "scripts/serve.py",
        "scripts/environment.py",
        "scripts/lock/run.txt",
        "scripts/lock/test.txt",
    } <= names
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "tests/test_packaging.py"} <= names
    assert [name for name in names if name.startswith("instance/") or name.endswith((".db", ".pyc"))] == []


def test_an_installed_copy_starts_in_an_empty_folder_and_shows_the_sign_in_page(
    installed: Path, tmp_path: Path
) -> None:
    office = tmp_path / "office"
    office.mkdir()
    where = {"TTHC_INSTANCE": str(office / "instance"), "TTHC_SECRET_KEY": "only-for-this-test"}
    run(installed / "tthc", "init", cwd=office, **where)
    program = """
import pathlib, tthc
from tthc import create_app
print(pathlib.Path(tthc.__file__).parent)
visitor = create_app().test_client()
page = visitor.get("/dang-nhap")
print(page.status_code, page.text.count("<h1"))
print(visitor.get("/static/vendor/bootstrap/bootstrap.min.css").status_code)
"""
    place, page, style = run(installed / "python", "-c", program, cwd=office, **where).stdout.splitlines()
    assert Path(place).is_relative_to(installed.parent)
    assert page == "200 1"
    assert style == "200"


def locked(level: str) -> dict[str, list[tuple[str, str]]]:
    """Return name -> [(version, marker)] of a lock file; one name may have versions for different Pythons."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in LOCKS[level].read_text("ascii").splitlines():
        if match := re.match(r"([a-z0-9.-]+)==([^ ]+)(?: ; (.+?))? \\$", line):
            found.setdefault(match[1], []).append((match[2], match[3] or ""))
    return found


def requirements() -> dict[str, list[Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    run = [*project["project"]["dependencies"], *project["dependency-groups"]["editable"]]
    test = [*run, *project["project"]["optional-dependencies"]["test"]]
    return {"run": [Requirement(text) for text in run], "test": [Requirement(text) for text in test]}


@pytest.mark.parametrize("level", LOCKS)
def test_the_lock_satisfies_what_the_project_asks_for(level: str) -> None:
    pinned = locked(level)
    assert len(pinned) > 20
    missing = [
        str(wanted)
        for wanted in requirements()[level]
        if not pinned.get(canonicalize_name(wanted.name))
        or not all(
            wanted.specifier.contains(version) for version, _ in pinned[canonicalize_name(wanted.name)]
        )
    ]
    assert missing == []


def test_whatever_the_program_imports_is_asked_for_by_name() -> None:
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for path in (ROOT / "tthc").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and not node.level)
        for alias in node.names
    }
    tops = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names - {"tthc"}
    assert {"flask", "sqlalchemy"} <= tops
    makers = packages_distributions()
    asked = {canonicalize_name(wanted.name) for wanted in requirements()["run"]}
    assert [
        top for top in sorted(tops) if not {canonicalize_name(name) for name in makers.get(top, [])} & asked
    ] == []


def test_every_dependency_has_an_upper_bound_or_a_dated_version() -> None:
    dated = {"tzdata", "hatchling", "editables", "packaging"}
    unbounded = [
        wanted.name
        for wanted in requirements()["test"]
        if wanted.name not in dated and not any(part.operator == "<" for part in wanted.specifier)
    ]
    assert unbounded == []


def test_both_locks_agree_so_that_a_test_environment_also_serves() -> None:
    run, test = locked("run"), locked("test")
    assert {name: versions for name, versions in test.items() if name in run} == run


@pytest.mark.parametrize("level", LOCKS)
def test_every_locked_package_has_hashes_and_none_has_an_address(level: str) -> None:
    text = LOCKS[level].read_text("ascii")
    packages = re.findall(
        r"^[a-z0-9.-]+==.*\\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE
    )
    assert len(packages) == sum(len(versions) for versions in locked(level).values())
    assert re.search(r"://|^ *-(?:-index-url|-find-links|e|f|i)\b| @ ", text, re.MULTILINE) is None


@pytest.mark.parametrize("python", ["3.11.0", "3.11.9", "3.12.1", "3.13.0"])
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_each_python_on_each_system_finds_one_version_of_each_package(python: str, platform: str) -> None:
    machine = {
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
        "sys_platform": platform,
    }
    for name, versions in locked("test").items():
        fitting = [version for version, marker in versions if not marker or Marker(marker).evaluate(machine)]
        only_windows = versions[0][1] == "sys_platform == 'win32'"
        assert len(fitting) == (0 if only_windows and platform != "win32" else 1), name
