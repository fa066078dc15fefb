"""Where the files that travel with the program lie; standard library only, so that every layer may ask."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def templates_folder() -> Path:
    """The templates: inside the package when installed from a wheel, else beside ``pyproject.toml``."""
    installed = _PACKAGE / "templates"
    return installed if installed.is_dir() else _PACKAGE.parent / "templates"


def static_folder() -> Path:
    """Style sheets, scripts and fonts; always inside the package."""
    return _PACKAGE / "static"


def seeds_folder() -> Path:
    """The catalogue and the calendar as data files; always inside the package."""
    return _PACKAGE / "seeds"
