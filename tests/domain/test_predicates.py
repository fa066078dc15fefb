"""Predicates over the facts of one dossier: comparisons, missing facts, unions of conjunctions."""

from __future__ import annotations

import pytest

from tests.domain.test_tallies import FROM, TO, facts
from tthc.domain.predicates import Comparison, Condition, FactRef, Parameter, holds


@pytest.mark.parametrize(
    ("comparison", "left", "right", "expected"),
    [
        (Comparison.EQ, "10/06", "10/06", True),
        (Comparison.EQ, "10/06", "11/06", False),
        (Comparison.NE, "10/06", "11/06", True),
        (Comparison.NE, "10/06", "10/06", False),
        (Comparison.LT, "10/06", "11/06", True),
        (Comparison.LT, "10/06", "10/06", False),
        (Comparison.LE, "10/06", "10/06", True),
        (Comparison.LE, "11/06", "10/06", False),
        (Comparison.GT, "11/06", "10/06", True),
        (Comparison.GT, "10/06", "10/06", False),
        (Comparison.GE, "10/06", "10/06", True),
        (Comparison.GE, "09/06", "10/06", False),
    ],
)
def test_comparisons_with_another_fact(comparison: Comparison, left: str, right: str, expected: bool) -> None:
    dossier = facts("01/06", right, left)
    predicate = ((Condition("ended_on", comparison, FactRef("due_on")),),)
    assert holds(predicate, dossier, from_on=FROM, at_on=TO) is expected


@pytest.mark.parametrize("comparison", [one for one in Comparison if one is not Comparison.IS_NULL], ids=str)
def test_a_missing_fact_is_never_true_save_for_is_null(comparison: Comparison) -> None:
    pending = facts("01/06", "10/06")
    for value in (FactRef("due_on"), Parameter.FROM, Parameter.AT):
        predicate = ((Condition("ended_on", comparison, value),),)
        assert not holds(predicate, pending, from_on=FROM, at_on=TO)
    turned = ((Condition("due_on", comparison, FactRef("ended_on")),),)
    assert not holds(turned, pending, from_on=FROM, at_on=TO)
    is_null = ((Condition("ended_on", Comparison.IS_NULL),),)
    assert holds(is_null, pending, from_on=FROM, at_on=TO)
    assert not holds(is_null, facts("01/06", "10/06", "05/06"), from_on=FROM, at_on=TO)


def test_a_predicate_is_a_union_of_conjunctions() -> None:
    due = Condition("due_on", Comparison.EQ, Parameter.AT)
    got = Condition("received_on", Comparison.EQ, Parameter.FROM)
    both, first, neither = facts("15/05", "14/06"), facts("15/05", "15/06"), facts("16/05", "15/06")
    for dossier, either, all_of in [(both, True, True), (first, True, False), (neither, False, False)]:
        assert holds(((due,), (got,)), dossier, from_on=FROM, at_on=TO) is either
        assert holds(((due, got),), dossier, from_on=FROM, at_on=TO) is all_of
    assert not holds((), both, from_on=FROM, at_on=TO)
