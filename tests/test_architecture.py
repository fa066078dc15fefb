"""The arrows between the layers, the clocks and the words that must not be in the tree are held here."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tthc"

# Files directly in the package and the folders in it are the layers; "tthc" is the package's own __init__.
# A layer may always import itself. `resources` only knows where files lie and stands below everything.
MAY_IMPORT: dict[str, set[str]] = {
    "domain": set(),
    "resources": set(),
    "db": {"domain", "resources"},
    "documents": {"domain", "resources"},
    "delivery": {"domain", "resources"},
    "services": {"db", "documents", "delivery", "domain", "resources"},
    "web": {"services", "domain", "resources"},
    "api": {"services", "domain", "resources"},
    "jobs": {"services", "domain", "resources"},
    "config": {"domain", "resources"},
    "cli": {"tthc", "app", "config", "jobs", "services", "domain", "resources"},
    "app": {
        "tthc",
        "config",
        "jobs",
        "web",
        "api",
        "services",
        "db",
        "delivery",
        "documents",
        "domain",
        "resources",
    },
    "tthc": {"app"},
}
# Only data and files lie here; nothing to import.
NO_CODE = {"static", "seeds", "templates"}

FLASK = {"flask", "werkzeug", "jinja2", "wtforms"}
# Other people's packages that a layer must not see; a name ending in "_" stands for the family.
MUST_NOT_IMPORT: dict[str, set[str]] = {
    "db": {"werkzeug", "jinja2", "wtforms", "flask_login", "flask_wtf"},
    "services": {*FLASK, "flask_"},
    "documents": {*FLASK, "flask_", "sqlalchemy", "psycopg", "alembic"},
    "delivery": {*FLASK, "flask_", "sqlalchemy", "psycopg", "alembic"},
}
# Within the database layer only these two know Flask: the session object, and Alembic's entry point.
FLASK_IN_DB = {"tthc/db/session.py", "tthc/db/migrations/env.py"}
# What the outer layers may know of SQLAlchemy: the type of the session that they pass on, and its errors.
# They may also show the version of the program, which is all that they take from the package itself.
OUTER = {"web", "api", "jobs", "cli"}
OUTER_MAY_KNOW = {"sqlalchemy.orm.Session", "sqlalchemy.orm.scoped_session"}

BELOW_THE_CLOCK = {"domain", "db", "services", "documents", "delivery"}
CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "sqlalchemy.func.current_date",
    "sqlalchemy.func.current_time",
    "sqlalchemy.func.current_timestamp",
    "sqlalchemy.func.localtime",
    "sqlalchemy.func.localtimestamp",
    "sqlalchemy.func.now",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.time",
    "time.time_ns",
}
CLOCK_IN_SQL = re.compile(
    r"\bCURRENT_(?:TIMESTAMP|DATE|TIME)\b"
    r"|\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(\s*\)"
    r"|\b(?:date|time|datetime|julianday|unixepoch)\s*\(\s*'now'"
    r"|\bstrftime\s*\([^)]*'now'",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Module:
    """One source file: its place in the tree, its dotted name and its syntax tree."""

    place: str
    tree: ast.Module

    @property
    def parts(self) -> list[str]:
        names = self.place.removesuffix(".py").split("/")
        return names[:-1] if names[-1] == "__init__" else names

    @property
    def layer(self) -> str:
        return self.parts[1] if len(self.parts) > 1 else "tthc"

    @property
    def is_package(self) -> bool:
        return self.place.endswith("/__init__.py")


def parse(place: str, source: str) -> Module:
    return Module(place, ast.parse(source, place))


def modules() -> list[Module]:
    found = sorted(PACKAGE.rglob("*.py"))
    return [parse(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in found]


def imported_names(module: Module) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of all that a module imports.

    Wherever it does so: at the top, in a function, for type checkers only, relatively, or by a name given to
    ``import_module``. ``from a import b`` yields ``a.b``, as b may be a module or a name in one.
    """
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.parts if module.is_package else module.parts[:-1]
                above = package[: len(package) - (node.level - 1)]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in {"import_module", "__import__"} and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value


def layer_of(name: str) -> str:
    """Return the layer of a dotted name in the package: ``tthc.db.session.database`` -> ``db``."""
    second = name.split(".")[1:2]
    if second and (second[0] in MAY_IMPORT or second[0] in NO_CODE):
        return second[0]
    # `from tthc import create_app` names something in the package's __init__.
    return "tthc"


def wrong_imports(module: Module) -> list[str]:
    """Return one line for each import against the arrows."""
    layer = module.layer
    if layer not in MAY_IMPORT:
        return [f"{module.place}: {layer} is no layer of this project"]
    found = []
    for line, name in imported_names(module):
        top = name.split(".")[0]
        where = f"{module.place}:{line}: {name}"
        if top == "tthc":
            target = layer_of(name)
            if name == "tthc.__version__" and layer in OUTER:
                continue
            if target != layer and target not in MAY_IMPORT[layer]:
                found.append(f"{where}: {layer} may not import {target}")
        elif top in {"tests", "scripts"}:
            found.append(f"{where}: the program may not import {top}")
        elif layer in {"domain", "resources"}:
            if top not in sys.stdlib_module_names:
                found.append(f"{where}: {layer} has nothing but the standard library")
        elif any(
            top == one or (one.endswith("_") and top.startswith(one))
            for one in MUST_NOT_IMPORT.get(layer, ())
        ):
            found.append(f"{where}: {layer} may not know {top}")
        elif (
            layer == "db" and (top == "flask" or top.startswith("flask_")) and module.place not in FLASK_IN_DB
        ):
            found.append(f"{where}: only the session and Alembic's entry point know {top}")
        elif (
            layer in OUTER
            and top == "sqlalchemy"
            and name not in OUTER_MAY_KNOW
            and not name.startswith("sqlalchemy.exc.")
        ):
            found.append(f"{where}: {layer} may not build queries")
    return found


def queries(module: Module) -> list[str]:
    """Return the places where an outer layer speaks to the database itself instead of calling a service."""
    if module.layer not in OUTER:
        return []
    return [
        f"{module.place}:{node.lineno}: {ast.unparse(node.func)}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"execute", "query", "scalar", "scalars"}
        and ast.unparse(node.func.value).rpartition(".")[2] in {"session", "connection", "session()"}
    ]


def clock_reads(module: Module) -> list[str]:
    """Return the places below the outer layers where a clock is read, in Python or in SQL."""
    if module.layer not in BELOW_THE_CLOCK:
        return []
    known = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            known.update({alias.asname or alias.name.split(".")[0]: alias.name for alias in node.names})
        elif isinstance(node, ast.ImportFrom) and not node.level:
            known.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, dot, rest = ast.unparse(node).partition(".")
            if known.get(first, first) + dot + rest in CLOCKS and first in known:
                found.append(f"{module.place}:{node.lineno}: {ast.unparse(node)}")
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and (match := CLOCK_IN_SQL.search(node.value))
        ):
            found.append(f"{module.place}:{node.lineno}: {match.group()}")
    return found


def test_no_import_goes_against_the_arrows() -> None:
    assert [line for module in modules() for line in wrong_imports(module)] == []


def test_no_clock_is_read_below_the_outer_layers() -> None:
    assert [line for module in modules() for line in clock_reads(module)] == []


def test_pages_commands_and_jobs_leave_queries_to_the_services() -> None:
    assert [line for module in modules() for line in queries(module)] == []


def test_every_part_of_the_package_is_a_layer() -> None:
    parts = {
        path.stem if path.is_file() else path.name
        for path in PACKAGE.iterdir()
        if (path.is_dir() and path.name != "__pycache__") or path.suffix == ".py"
    }
    assert parts - {"__init__"} <= MAY_IMPORT.keys() | NO_CODE
    assert [path for folder in NO_CODE for path in (PACKAGE / folder).rglob("*.py")] == []


@pytest.mark.parametrize(
    ("place", "source", "target"),
    [
        ("tthc/domain/calendar.py", "import flask", "flask"),
        ("tthc/domain/calendar.py", "from sqlalchemy import select", "sqlalchemy.select"),
        ("tthc/domain/calendar.py", "from tthc.db.session import database", "tthc.db.session.database"),
        ("tthc/domain/calendar.py", "def f():\n    import tthc.services.dossiers", "tthc.services.dossiers"),
        ("tthc/domain/calendar.py", "from ..db import session", "tthc.db.session"),
        ("tthc/domain/__init__.py", "from ..db import session", "tthc.db.session"),
        ("tthc/domain/calendar.py", "from tthc import db", "tthc.db"),
        (
            "tthc/db/queries/search.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from tthc.services.views import Page",
            "tthc.services.views.Page",
        ),
        ("tthc/db/queries/search.py", "from flask import current_app", "flask.current_app"),
        ("tthc/db/queries/search.py", "from ...web import context", "tthc.web.context"),
        ("tthc/documents/printing.py", "from tthc.db.models import Dossier", "tthc.db.models.Dossier"),
        ("tthc/documents/printing.py", "from sqlalchemy.orm import Session", "sqlalchemy.orm.Session"),
        ("tthc/delivery/mail.py", "import tthc.db.session as s", "tthc.db.session"),
        ("tthc/services/dossiers.py", "from flask_login import current_user", "flask_login.current_user"),
        ("tthc/services/dossiers.py", "from tthc.web import context", "tthc.web.context"),
        ("tthc/web/dossiers.py", "from tthc.db.models import Dossier", "tthc.db.models.Dossier"),
        (
            "tthc/web/dossiers.py",
            "from tthc.documents.printing import qr_svg",
            "tthc.documents.printing.qr_svg",
        ),
        ("tthc/web/dossiers.py", "from sqlalchemy import select", "sqlalchemy.select"),
        (
            "tthc/web/forms/intake.py",
            "from importlib import import_module\nimport_module('tthc.db')",
            "tthc.db",
        ),
        ("tthc/api/dossiers.py", "from tthc.web import filters", "tthc.web.filters"),
        ("tthc/jobs.py", "from tthc.cli import main", "tthc.cli.main"),
        ("tthc/cli.py", "from .db.session import database", "tthc.db.session.database"),
        ("tthc/services/dossiers.py", "from tests.conftest import app", "tests.conftest.app"),
    ],
)
def test_a_planted_wrong_import_is_seen(place: str, source: str, target: str) -> None:
    found = wrong_imports(parse(place, source))
    assert len(found) == 1
    assert found[0].startswith(f"{place}:{source.count(chr(10)) + 1}: {target}: ")


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("tthc/domain/due_dates.py", "from tthc.domain.calendar import WorkingCalendar\nimport datetime"),
        ("tthc/db/session.py", "from flask_sqlalchemy import SQLAlchemy"),
        ("tthc/db/queries/search.py", "from sqlalchemy import select"),
        ("tthc/services/dossiers.py", "from sqlalchemy.orm import Session\nfrom tthc.db import models"),
        (
            "tthc/web/context.py",
            "from sqlalchemy.orm import Session\nfrom sqlalchemy.exc import OperationalError",
        ),
        ("tthc/cli.py", "from tthc import __version__, create_app\nfrom tthc.jobs import run"),
        ("tthc/app.py", "from tthc.db.session import database\nfrom tthc.web import dossiers"),
    ],
)
def test_imports_along_the_arrows_are_let_be(place: str, source: str) -> None:
    assert wrong_imports(parse(place, source)) == []


def test_a_stray_part_of_the_package_is_seen() -> None:
    assert wrong_imports(parse("tthc/utils.py", "")) == ["tthc/utils.py: utils is no layer of this project"]


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\nx = datetime.now(zone)",
        "from datetime import datetime as dt\nx = dt.utcnow()",
        "import datetime\nx = datetime.date.today()",
        "from datetime import date\nx = column(default=date.today)",
        "import time\nx = time.time()",
        "from time import time\nx = time()",
        "from sqlalchemy import func\nx = func.now()",
        "import sqlalchemy as sa\nx = sa.func.current_timestamp()",
        "x = text('CURRENT_TIMESTAMP')",
        "x = \"INSERT INTO event VALUES (datetime('now'))\"",
        "x = f'SELECT now() FROM {table}'",
    ],
)
def test_a_planted_clock_is_seen(source: str) -> None:
    assert len(clock_reads(parse("tthc/services/dossiers.py", source))) == 1
    assert clock_reads(parse("tthc/web/context.py", source)) == []


def test_a_moment_that_is_given_is_no_clock() -> None:
    source = (
        '"""Never calls now()."""\n'
        "from datetime import datetime\nimport time\n"
        "x = datetime.combine(day, opens)\ny = now.date()\nz = time.monotonic()\n"
        "message = 'Ngày tiếp nhận không được sau hôm nay'\n"
    )
    assert clock_reads(parse("tthc/domain/due_dates.py", source)) == []


def test_a_planted_query_is_seen() -> None:
    source = "def f():\n    return current_app.extensions['sqlalchemy'].session.execute(statement)"
    assert len(queries(parse("tthc/web/dossiers.py", source))) == 1
    assert queries(parse("tthc/services/dossiers.py", source)) == []


def test_the_domain_loads_neither_flask_nor_sqlalchemy() -> None:
    program = """
import importlib, pkgutil, sys
import tthc.domain
names = [m.name for m in pkgutil.walk_packages(tthc.domain.__path__, "tthc.domain.")]
for name in names:
    importlib.import_module(name)
print(len(names))
print(sorted(name for name in sys.modules if name.split(".")[0] in {"flask", "sqlalchemy", "werkzeug"}))
print(sorted(name for name in sys.modules if name.startswith("tthc.") and not name.startswith("tthc.domain")))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.stderr == ""
    count, foreign, other_layers = done.stdout.splitlines()
    assert int(count) >= 8
    assert foreign == "[]"
    assert other_layers == "[]"


def kept_files() -> list[Path]:
    """Return the files that belong to the project, whether or not it lies in a Git repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, cwd=ROOT
    )
    if listed.returncode == 0:
        return [
            ROOT / name
            for name in listed.stdout.decode("utf-8").split("\0")
            if name and (ROOT / name).is_file()
        ]
    folders = [ROOT / name for name in ("tthc", "templates", "scripts", "tests")]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_no_file_points_outside_the_project() -> None:
    # Put together here, so that this file does not hold the words itself.
    foreign = re.compile(
        "|".join([r"\.\./" + "shared", r"(?<![\w.%-])/" + r"work/", r"(?<![\w.%-])/" + r"root/"])
    )
    assert foreign.search("see ../" + "shared/domain.md")
    found = []
    for path in kept_files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        if foreign.search(text):
            found.append(path.relative_to(ROOT).as_posix())
    assert found == []


def test_every_module_that_annotates_postpones_it() -> None:
    def annotates(module: Module) -> bool:
        return any(
            isinstance(node, ast.AnnAssign | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            for node in ast.walk(module.tree)
        )

    def postpones(module: Module) -> bool:
        return any(name == "__future__.annotations" for _, name in imported_names(module))

    assert [module.place for module in modules() if annotates(module) and not postpones(module)] == []
