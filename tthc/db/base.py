"""The declarative base, its naming convention, and the column types that both databases share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, TypeVar

from sqlalchemy import JSON, Boolean, Date, DateTime, Dialect, Integer, MetaData, String, Text
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept as UTC on both databases; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware instant -> UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite gives back naive UTC; PostgreSQL an instant in the connection's zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


E = TypeVar("E", bound=Enum)


def text_enum(kind: type[E]) -> SqlEnum:
    """A text column with a CHECK that admits the values of ``kind`` only."""
    return SqlEnum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=f"{kind.__name__.lower()}_known",
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


class Base(DeclarativeBase):
    """The base of all models.

    The registry is given explicitly because Flask-SQLAlchemy 3.1 cannot take a base whose
    ``type_annotation_map`` is a class attribute.
    """

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UtcDateTime(),
            date: Date(),
            str: Text(),
            int: Integer(),
            bool: Boolean(),
            dict[str, Any]: JSON(),
            list[Any]: JSON(),
        },
    )


Key = Annotated[int, mapped_column(Integer, primary_key=True)]
Hash = Annotated[str, mapped_column(String(64))]
Version = Annotated[int, mapped_column(Integer, default=1, nullable=False)]

__all__ = ["Base", "Hash", "Key", "Mapped", "UtcDateTime", "Version", "mapped_column", "text_enum"]
