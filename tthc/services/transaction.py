"""One use-case, one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from tthc.db.session import CONNECTION, begin_writing, pass_gate
from tthc.db.writing import settle
from tthc.domain.vocabulary import DomainError

_OPEN = "tthc_transaction_open"


class NotFound(DomainError):
    """What was asked for does not exist, or not for this unit."""


class StaleVersion(DomainError):
    """Somebody else changed the row after it was shown; ``what`` begins the sentence."""

    def __init__(self, what: str = "Hồ sơ") -> None:
        super().__init__(
            f"{what} vừa được người khác cập nhật. Xem lại nội dung mới nhất bên dưới rồi thực hiện lại."
        )


def begin_snapshot(session: Session) -> None:
    """Begin to read: until the transaction ends, every statement sees the same state of the database.

    Numbers that are set against each other come from several statements; between two of them somebody may
    enter a dossier. SQLite reads from one snapshot by itself, PostgreSQL has to be told.
    """
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def is_writing(session: Session) -> bool:
    """Whether what is read now may yet be rolled back."""
    return bool(session.info.get(_OPEN))


@contextmanager
def transaction(session: Session, *, alone: bool = False) -> Iterator[Session]:
    """Commit what the block wrote, or nothing of it; ``alone``: while nobody else writes.

    The read transaction that the caller may have begun is ended first: on SQLite the write lock has to
    be taken by ``BEGIN IMMEDIATE``, and what was read before it may be out of date. Blocks do not nest:
    a use-case that calls another would commit half of its work.
    """
    if session.info.get(_OPEN):
        raise RuntimeError("a use-case called another use-case inside its transaction")
    session.rollback()
    connection = session.info[CONNECTION] = session.connection()
    session.info[_OPEN] = True
    try:
        begin_writing(connection)
        pass_gate(session, alone=alone)
        yield session
        session.commit()
        settle(session, undone=False)
    except BaseException:
        session.rollback()
        settle(session, undone=True)
        raise
    finally:
        session.info.pop(_OPEN, None)
        session.info.pop(CONNECTION, None)
