"""Theo dõi hồ sơ thủ tục hành chính: the case tracking system of a one-stop shop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

__version__ = "0.1.0"


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """Build the Flask application; see :func:`tthc.app.create_app`.

    The import stands inside so that ``import tthc.domain`` loads neither Flask nor SQLAlchemy.
    """
    from tthc.app import create_app as build

    return build(settings)
