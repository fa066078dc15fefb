"""The first set-up: what it makes, that it makes it once, and that two at once do no harm."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tthc.services import setup


def test_a_second_setup_changes_nothing(session: Session, now) -> None:
    assert not setup.initialise(session, now=now).changed
