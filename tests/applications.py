"""The application for the tests of its pages, which passes from test to test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine

from tests.clock import StandingClock
from tests.sessions import ENGINES
from tthc.db.session import database


class CompiledTemplates(BytecodeCache):
    """Templates that one application has compiled are ready for the next ones of this test process."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, Any]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the bucket its code, unless its template has changed."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the bucket's code."""
        self._kept[bucket.key] = (bucket.checksum, bucket.code)


_compiled_templates = CompiledTemplates()


class Applications:
    """Applications that pass from test to test: building one costs more than most tests need it for.

    Each test gets one with settings, a folder and a database of its own, in the state of a new one.
    """

    def __init__(self) -> None:
        self._idle: list[tuple[Flask, dict[str, Any], dict[str, Any], int]] = []

    @contextmanager
    def lent(self, url: str, clock: StandingClock, folder: Path) -> Iterator[Flask]:
        """The application on the database at ``url``; what the test does to its settings ends with it."""
        from tthc import config
        from tthc.app import create_app

        settings: dict[str, Any] = {
            "INSTANCE_PATH": str(folder / "instance"),
            "SQLALCHEMY_DATABASE_URI": url,
            "SECRET_KEY": "a-key-for-tests-only-and-nothing-else",
            "CLOCK": clock,
            "MACHINE_CLOCK": clock,
            # Each look at once: nothing is left to a thread that outlives the test.
            "ACCESS_LOG_SECONDS": 0,
            "TESTING": True,
        }
        if self._idle:
            application, kept, extensions, rules = self._idle.pop()
            application.config.clear()
            application.config.update({**kept, **config.load(settings)})
            application.instance_path = application.config["INSTANCE_PATH"]
            application.extensions.clear()
            application.extensions.update(extensions)
            # Some tests add a page of their own, which is refused once a request was answered.
            application._got_first_request = False
        else:
            application = create_app(settings)
            application.jinja_env.bytecode_cache = _compiled_templates
            kept, extensions = dict(application.config), dict(application.extensions)
            rules = len(application.url_map._rules)
        with ENGINES.lent(url) as engine:
            with application.app_context():
                engines = cast("dict[str | None, Engine]", database.engines)
                engines[None].dispose()
                engines[None] = engine
            yield application
            with application.app_context():
                database.session.remove()
        if len(application.url_map._rules) == rules:
            self._idle.append((application, kept, extensions, rules))


_applications = Applications()


@pytest.fixture
def app(sqlite_url: str, clock: StandingClock, tmp_path: Path) -> Iterator[Flask]:
    """The application on a seeded SQLite database."""
    with _applications.lent(sqlite_url, clock, tmp_path) as application:
        yield application


@pytest.fixture
def app_on_both(database_url: str, clock: StandingClock, tmp_path: Path) -> Iterator[Flask]:
    """The application on a seeded database; the test runs on both."""
    with _applications.lent(database_url, clock, tmp_path) as application:
        yield application
