"""Predicates as data: unions of conjunctions of comparisons over the facts of one dossier or petition.

This module evaluates a predicate for one; ``tthc/db/queries/tallies.py`` compiles the very same data to SQL,
for the count and for the list, so a number and its list cannot differ.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Comparison(StrEnum):
    """How a fact is compared."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IS_NULL = "is_null"


class Parameter(StrEnum):
    """A value that the period gives: its first day, and the day on which pending is judged."""

    FROM = "from"
    AT = "at"


@dataclass(frozen=True)
class FactRef:
    """Another fact of the same dossier, on the right-hand side of a comparison."""

    name: str


@dataclass(frozen=True)
class Condition:
    """``field comparison value``; never true when the fact is missing, save for IS_NULL."""

    field: str
    comparison: Comparison
    value: Parameter | FactRef | str | bool | date | None = None


#: A union (outer) of conjunctions (inner).
Predicate = tuple[tuple[Condition, ...], ...]

_OPERATORS: Mapping[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.EQ: operator.eq,
    Comparison.NE: operator.ne,
    Comparison.LT: operator.lt,
    Comparison.LE: operator.le,
    Comparison.GT: operator.gt,
    Comparison.GE: operator.ge,
}


def when(*conditions: Condition) -> Predicate:
    """All of the conditions; predicates add up (``+``) to "one or the other"."""
    return (conditions,)


def both(left: Predicate, right: Predicate) -> Predicate:
    """What both predicates admit."""
    return tuple((*a, *b) for a in left for b in right)


def holds(predicate: Predicate, facts: object, *, from_on: date, at_on: date) -> bool:
    """Whether something is in the cell, judged on ``at_on``; ``facts`` has every fact that is compared."""
    parameters = {Parameter.FROM: from_on, Parameter.AT: at_on}
    return any(all(_true(condition, facts, parameters) for condition in every) for every in predicate)


def _true(condition: Condition, facts: object, parameters: Mapping[Parameter, date]) -> bool:
    left = getattr(facts, condition.field)
    if condition.comparison is Comparison.IS_NULL:
        return left is None
    value = condition.value
    right: Any
    if isinstance(value, Parameter):
        right = parameters[value]
    elif isinstance(value, FactRef):
        right = getattr(facts, value.name)
    else:
        right = value
    if left is None or right is None:
        return False
    return _OPERATORS[condition.comparison](left, right)
