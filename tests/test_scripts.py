"""The two commands set up their own environment, whatever the caller's machine is set to."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import threading
import time
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"

sys.path.insert(0, str(SCRIPTS))
import environment  # noqa: E402 - it lies beside the scripts, which are no package

RUN, TEST = environment.RUN, environment.TEST


class RecordedEnvironment(environment.Environment):
    """An environment in which making and installing are written down instead of taking minutes."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.done: list[str] = []
        self.fails = False

    def _create(self) -> None:
        self.done.append("create")
        self.programs.mkdir(parents=True, exist_ok=True)

    def _install(self, level: str) -> None:
        self.done.append(f"install {level}")
        if self.fails:
            raise environment.Failure("Không cài được")

    def _answers(self) -> bool:
        return self.programs.is_dir()


@pytest.fixture
def copy(tmp_path: Path) -> RecordedEnvironment:
    (tmp_path / "scripts" / "lock").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "scripts" / "lock" / "run.txt").write_text("flask\n")
    (tmp_path / "scripts" / "lock" / "test.txt").write_text("flask\npytest\n")
    return RecordedEnvironment(tmp_path)


def test_a_second_start_does_nothing(copy: RecordedEnvironment) -> None:
    copy.prepare(RUN)
    assert copy.done == ["create", "install run"]
    copy.prepare(RUN)
    assert copy.done == ["create", "install run"]


def test_a_test_environment_also_serves_and_stays_one(copy: RecordedEnvironment) -> None:
    copy.prepare(RUN)
    copy.prepare(TEST)
    copy.prepare(RUN)
    assert copy.done == ["create", "install run", "install test"]
    (copy.root / "scripts" / "lock" / "run.txt").write_text("flask==4\n")
    copy.prepare(RUN)
    assert copy.done[3:] == ["install test"]
    assert copy.is_ready(TEST)


def test_a_changed_lock_is_installed_into_the_environment_that_is_there(copy: RecordedEnvironment) -> None:
    copy.prepare(RUN)
    (copy.root / "scripts" / "lock" / "test.txt").write_text("other\n")
    assert copy.is_ready(RUN)
    (copy.root / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    copy.prepare(RUN)
    assert copy.done == ["create", "install run", "install run"]


def test_an_environment_that_was_left_half_made_is_built_anew(copy: RecordedEnvironment) -> None:
    copy.fails = True
    with pytest.raises(environment.Failure):
        copy.prepare(RUN)
    assert not copy.stamp.exists()
    copy.fails = False
    copy.prepare(RUN)
    assert copy.done == ["create", "install run", "create", "install run"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("python", "3.9"), ("folder", "/elsewhere/.venv")],
    ids=["other Python", "moved folder"],
)
def test_an_environment_of_another_python_or_place_is_built_anew(
    copy: RecordedEnvironment, key: str, value: str
) -> None:
    copy.prepare(RUN)
    copy.stamp.write_text(json.dumps({**json.loads(copy.stamp.read_text()), key: value}))
    copy.prepare(RUN)
    assert copy.done == ["create", "install run", "create", "install run"]


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_spoilt_stamp_counts_as_none(copy: RecordedEnvironment, content: str) -> None:
    copy.prepare(RUN)
    copy.stamp.write_text(content)
    copy.prepare(RUN)
    assert copy.done == ["create", "install run", "create", "install run"]


def test_an_environment_whose_interpreter_is_gone_is_not_ready(tmp_path: Path) -> None:
    real = environment.Environment(tmp_path)
    real.programs.mkdir(parents=True)
    assert not real._answers()
    real.python.write_text("#!/bin/sh\nexit 3\n")
    real.python.chmod(0o755)
    assert not real._answers()


def test_the_second_of_two_starts_waits_for_the_first(
    copy: RecordedEnvironment, capsys: pytest.CaptureFixture[str]
) -> None:
    second = RecordedEnvironment(copy.root)
    with copy._only_one():
        waiting = threading.Thread(target=second.prepare, args=(RUN,))
        waiting.start()
        deadline = time.monotonic() + 10
        while "đang chờ" not in capsys.readouterr().err:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert second.done == []
        copy.programs.mkdir(parents=True)
        copy.stamp.write_text(json.dumps(copy.wanted(RUN)))
    waiting.join(timeout=10)
    assert not waiting.is_alive()
    assert second.done == [], "what the first had made was whole, so the second had nothing to do"


def test_settings_of_the_caller_do_not_reach_the_environment() -> None:
    given = {
        "PATH": "/usr/bin",
        "HOME": "/home/an",
        "VIRTUAL_ENV": "/home/an/other",
        "PYTHONPATH": "/home/an/lib",
        "PYTHONHOME": "/opt",
        "PYTHONOPTIMIZE": "2",
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PIP_USER": "1",
        "PIP_TARGET": "/tmp/t",
        "PIP_CONSTRAINT": "c.txt",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "PIP_INDEX_URL": "https://mirror.example/simple",
        "PIP_CERT": "/etc/ca.pem",
        "TTHC_DATABASE_URL": "sqlite://",
    }
    kept = environment.clean_environ(given)
    assert kept == {
        "PATH": "/usr/bin",
        "HOME": "/home/an",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PIP_INDEX_URL": "https://mirror.example/simple",
        "PIP_CERT": "/etc/ca.pem",
        "TTHC_DATABASE_URL": "sqlite://",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
    }


def test_a_python_without_venv_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(environment, "install_debian_package", lambda *packages: False)
    package = f"python3.{sys.version_info[1]}-venv"
    with pytest.raises(environment.Failure, match=f"sudo apt install {package}"):
        environment._ensure_venv_module(str(python))


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The test command as a module, on a machine whose only browser is the one that a test gives it."""
    loader = SourceFileLoader("checks", str(SCRIPTS / "test.py"))
    module = ModuleType(loader.name)
    module.__file__ = loader.path
    loader.exec_module(module)
    monkeypatch.setattr(environment, "install_debian_package", lambda *packages: False)
    monkeypatch.setattr(module, "BROWSER_NAMES", ())
    monkeypatch.setattr(module, "BROWSER_PLACES", ())
    monkeypatch.delenv("TTHC_TEST_BROWSER", raising=False)
    return module


def test_a_missing_browser_is_one_sentence_that_says_what_to_do(checks: ModuleType) -> None:
    with pytest.raises(environment.Failure, match="hãy cài một trong hai, hoặc đặt TTHC_TEST_BROWSER"):
        checks.find_browser()


def test_a_named_browser_that_does_not_start_is_refused(
    checks: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TTHC_TEST_BROWSER", str(tmp_path / "none"))
    with pytest.raises(environment.Failure, match="không phải là một trình duyệt chạy được"):
        checks.find_browser()


def test_settings_of_a_real_office_do_not_reach_the_checks(
    checks: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTHC_DATABASE_URL", "postgresql://office/real")
    monkeypatch.setenv("TTHC_TEST_DATABASE_URL", "postgresql://test/any")
    monkeypatch.setenv("TTHC_TEST_LONG", "1")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environ = checks.checking_environ("/usr/bin/chromium", long=False)
    names = {name for name in environ if name.startswith("TTHC_")}
    assert names == {"TTHC_TEST_BROWSER", "TTHC_TEST_DATABASE_URL"}
    assert "PYTHONDONTWRITEBYTECODE" not in environ
    assert checks.checking_environ("/usr/bin/chromium", long=True)["TTHC_TEST_LONG"] == "1"


def test_the_checks_end_with_pytest_and_hand_it_the_arguments(checks: ModuleType) -> None:
    names = [name for name, _ in checks.stages([])]
    assert names == ["ruff check", "ruff format", "mypy", "djlint", "pytest"]
    assert "-n" in checks.stages([])[-1][1]
    assert checks.stages(["--pdb", "tests/domain"])[-1][1] == ["-m", "pytest", "--pdb", "tests/domain"]


@pytest.mark.parametrize("name", ["serve.py", "test.py"])
def test_an_old_python_is_told_in_one_sentence(name: str) -> None:
    source = (SCRIPTS / name).read_text("utf-8")
    # The file as a whole must be readable for it, or it would show a SyntaxError instead.
    ast.parse(source, feature_version=(3, 7))
    program = f"import sys; sys.version_info = (3, 8, 10); exec(compile({source!r}, {name!r}, 'exec'))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "Cần Python 3.11 trở lên; máy đang dùng bản 3.8.\n"


@pytest.mark.parametrize("name", ["serve.py", "test.py", "environment.py"])
def test_the_scripts_need_nothing_but_the_standard_library(name: str) -> None:
    tree = ast.parse((SCRIPTS / name).read_text("utf-8"))
    imported = {
        (alias.name if isinstance(node, ast.Import) else node.module or "").partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported - sys.stdlib_module_names - {"environment"} == set()


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "python3 scripts/test.py" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert "python3 scripts/test.py" in (ROOT / "README.md").read_text("utf-8")
