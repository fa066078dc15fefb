"""Settings of the process: where they come from, and that nonsense is refused with a sentence."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tthc import config


def _load(folder: Path, **environ: str) -> dict[str, object]:
    return config.load({}, {"TTHC_INSTANCE": str(folder), **environ})


def test_defaults_live_in_the_instance_folder(tmp_path: Path) -> None:
    values = _load(tmp_path / "new")
    assert values["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path / 'new' / 'tthc.db'}"
    assert values["PERMANENT_SESSION_LIFETIME"] == timedelta(hours=10)
    assert values["DEMO"] is False


def test_the_secret_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = _load(tmp_path)["SECRET_KEY"]
    assert _load(tmp_path)["SECRET_KEY"] == first
    assert len(str(first)) >= 32
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["secret_key"]


def test_two_starts_at_once_agree_on_the_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: _load(tmp_path)["SECRET_KEY"], range(64)))
    assert len(keys) == 1


def test_the_environment_stands_above_the_file_and_what_is_given_above_both(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text(
        "TTHC_SESSION_HOURS = 2\nTTHC_UPLOAD_MB = '7'\nTTHC_ALLOWED_HOSTS = ['a.example', 'b.example']\n",
        "utf-8",
    )
    values = _load(tmp_path, TTHC_SESSION_HOURS="3", TTHC_SECRET_KEY="a-key-from-the-environment")
    assert values["PERMANENT_SESSION_LIFETIME"] == timedelta(hours=3)
    assert values["MAX_CONTENT_LENGTH"] == 7 * 1024 * 1024
    assert values["TRUSTED_HOSTS"] == ["a.example", "b.example"]
    assert values["SECRET_KEY"] == "a-key-from-the-environment"
    given = config.load({"SECRET_KEY": "given-to-create-app", "INSTANCE_PATH": str(tmp_path)}, {})
    assert given["SECRET_KEY"] == "given-to-create-app"


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("postgresql://a:b@c/d", "postgresql+psycopg://a:b@c/d"),
        ("postgres://a:b@c/d", "postgresql+psycopg://a:b@c/d"),
        ("postgresql+psycopg://a@c/d", "postgresql+psycopg://a@c/d"),
        ("sqlite:////var/lib/tthc.db", "sqlite:////var/lib/tthc.db"),
    ],
)
def test_a_database_address_is_taken_as_people_write_it(url: str, read: str) -> None:
    assert config.database_url(url) == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TTHC_DATABASE_URL", "mysql://a/b"),
        ("TTHC_DATABASE_URL", "khong phai dia chi"),
        ("TTHC_SESSION_HOURS", "0"),
        ("TTHC_SESSION_HOURS", "mười"),
        ("TTHC_UPLOAD_MB", "-1"),
        ("TTHC_SECURE_COOKIES", "có"),
        ("TTHC_TRUSTED_PROXIES", "99"),
        ("TTHC_SECRET_KEY", "ngắn"),
    ],
)
def test_nonsense_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(config.SettingsError) as refused:
        _load(tmp_path, **{name: value})
    assert refused.value.field == name
    assert name in refused.value.message


def test_a_broken_config_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("TTHC_UPLOAD_MB = (", "utf-8")
    with pytest.raises(config.SettingsError, match=r"config\.py có lỗi"):
        _load(tmp_path)


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(config.SettingsError, match="TTHC_INSTANCE"):
        _load(tmp_path / "file" / "below")
