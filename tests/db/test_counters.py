"""Counters give every number once, without a gap, to however many ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy.orm import Session, sessionmaker

from tthc.db.queries.counters import raise_to, take_next
from tthc.services.transaction import transaction

SERIES = (1, "code", "2024-06-14")


def test_a_series_begins_after_its_start(session: Session) -> None:
    with transaction(session):
        assert [take_next(session, *SERIES) for _ in range(3)] == [1, 2, 3]
        assert take_next(session, 1, "code", "2024-06-17", start=500) == 501
        assert take_next(session, 1, "register", "2024-06-14") == 1


def test_raising_never_lowers(session: Session) -> None:
    with transaction(session):
        raise_to(session, *SERIES, 7)
        raise_to(session, *SERIES, 3)
        assert take_next(session, *SERIES) == 8
        raise_to(session, *SERIES, 20)
        assert take_next(session, *SERIES) == 21


def test_a_number_that_is_rolled_back_is_given_out_again(session: Session) -> None:
    with transaction(session):
        take_next(session, *SERIES)
    session.connection()
    assert take_next(session, *SERIES) == 2
    session.rollback()
    with transaction(session):
        assert take_next(session, *SERIES) == 2


def test_sessions_at_once_get_all_numbers_once(sessions: sessionmaker[Session]) -> None:
    together = Barrier(4)

    def take(_: int) -> list[int]:
        with sessions() as session:
            together.wait()
            numbers = []
            for _ in range(25):
                with transaction(session):
                    numbers.append(take_next(session, *SERIES))
            return numbers

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, range(4)))
    assert sorted(number for numbers in taken for number in numbers) == list(range(1, 101))
    # Each one saw the series go up, so none was handed an older number late.
    assert all(numbers == sorted(numbers) for numbers in taken)
