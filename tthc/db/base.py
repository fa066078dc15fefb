"""The declarative base, its naming convention, and the column types that both databases share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    Numeric,
    String,
    Text,
)
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.orm import DeclarativeBase, Mapped, class_mapper, mapped_column, registry
from sqlalchemy.orm.attributes import instance_dict
from sqlalchemy.types import TypeDecorator

from tthc.domain.amounts import PLACES

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
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite gives back naive UTC; PostgreSQL an instant in the connection's zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Amount(TypeDecorator[Decimal]):
    """An exact amount with nine decimals, and exact sums of it, on both databases.

    SQLite has no decimal numbers, only binary ones that round; there the column holds whole billionths.
    """

    impl = Numeric(24, PLACES).with_variant(BigInteger(), "sqlite")
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | int | None:
        """Decimal -> whole billionths on SQLite; more decimals than the column has are refused."""
        if value is None:
            return None
        scaled = value.scaleb(PLACES)
        if scaled != int(scaled):
            raise ValueError(f"{value} has more than {PLACES} decimals")
        return int(scaled) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Decimal | int | None, dialect: Dialect) -> Decimal | None:
        """Whole billionths -> Decimal, without the zeros at its end."""
        if value is None:
            return None
        amount = Decimal(value).scaleb(-PLACES) if dialect.name == "sqlite" else Decimal(value)
        bare = amount.normalize()
        exponent = bare.as_tuple().exponent
        return bare.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else bare


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


def _given(row: Base, **values: Any) -> None:
    """Make a new row of a model; a name that is no column of it is refused.

    The values are put down as they are. The library's own constructor tells everybody who listens to an
    attribute of each, and takes five times as long; nobody listens, and models have no relationships.
    """
    if not values.keys() <= _columns(type(row)):
        raise TypeError(f"{type(row).__name__} has no {', '.join(values.keys() - _columns(type(row)))}")
    instance_dict(row).update(values)


@cache
def _columns(kind: type[Base]) -> frozenset[str]:
    return frozenset(class_mapper(kind).column_attrs.keys())


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
        constructor=_given,
    )


Key = Annotated[int, mapped_column(Integer, primary_key=True)]
Hash = Annotated[str, mapped_column(String(64))]
Version = Annotated[int, mapped_column(Integer, default=1, nullable=False)]

__all__ = ["Amount", "Base", "Hash", "Key", "Mapped", "UtcDateTime", "Version", "mapped_column", "text_enum"]
