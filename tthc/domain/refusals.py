"""Refusals that are told together, so that whoever typed mends everything at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from tthc.domain.vocabulary import DomainError

T = TypeVar("T")


def refuse_all(found: Iterable[DomainError]) -> None:
    """Refuse with the first of some refusals, and the others beside it; without any do nothing."""
    refused = list(found)
    if refused:
        refused[0].also = refused[1:]
        raise refused[0]


def check_all(*checks: Callable[[], T]) -> list[T]:
    """The results of all checks; where some refuse, the first refusal with the others beside it."""
    results: list[T] = []
    refused: list[DomainError] = []
    for check in checks:
        try:
            results.append(check())
        except DomainError as error:
            refused.append(error)
    refuse_all(refused)
    return results
