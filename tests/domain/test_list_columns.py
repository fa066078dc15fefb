"""The columns of a list: in the order of their places, and never without the code."""

from __future__ import annotations

import pytest

from tthc.domain.list_columns import USUAL, ListColumn, arranged, kept

C = ListColumn


@pytest.mark.parametrize(
    ("chosen", "columns"),
    [
        ([], [C.CODE]),
        ([(C.SECTOR, 2), (C.CODE, 1)], [C.CODE, C.SECTOR]),
        ([(C.SECTOR, 1), (C.DUE, None)], [C.SECTOR, C.DUE, C.CODE]),
        # The same place twice: as they are offered.
        ([(C.CHANNEL, 3), (C.STATE, 3), (C.CODE, 3)], [C.CODE, C.STATE, C.CHANNEL]),
        ([(C.ENDED, 0), (C.CODE, 999)], [C.ENDED, C.CODE]),
    ],
)
def test_columns_stand_where_they_were_put(chosen: list[tuple[C, int | None]], columns: list[C]) -> None:
    assert arranged(chosen) == columns


@pytest.mark.parametrize(
    ("stored", "columns"),
    [
        (None, list(USUAL)),
        (["sector", "code"], [C.SECTOR, C.CODE]),
        # A column that is no more, and a choice that cannot have been made here.
        (["code", "was-once"], [C.CODE]),
        (["sector"], list(USUAL)),
    ],
)
def test_a_stored_choice_is_read(stored: list[str] | None, columns: list[C]) -> None:
    assert kept(stored) == columns
