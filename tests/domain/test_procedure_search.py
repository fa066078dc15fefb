"""Finding a procedure: the same query gives the same rank whatever its accents."""

from __future__ import annotations

import unicodedata

import pytest

from tthc.domain.procedure_search import initials, rank

NAME = "Cấp giấy phép xây dựng mới đối với công trình cấp I"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 3),
        ("26", 0),
        ("1.009974", 0),
        ("1.0099", 1),
        ("cgpxd", 2),
        ("CGPXD", 2),
        ("xdm", 2),
        ("xay dung moi", 3),
        ("moi xay", 3),
        (unicodedata.normalize("NFD", "xây dựng"), 3),
        ("đối với", 3),
        ("doi voi", 3),
        ("ung oi", 4),
        ("cgpxd 26", None),
        ("9974", None),
        ("di dời", None),
    ],
)
def test_a_query_ranks(query: str, expected: int | None) -> None:
    assert rank(query, local_no=26, national_code="1.009974", name=NAME) == expected


def test_initials_and_a_procedure_without_code() -> None:
    assert initials(NAME) == "cgpxdmdvctci"
    assert initials("Thủ tục đổi GCN (cũ)") == "ttdgc"
    assert rank("1.0", local_no=33, national_code=None, name=NAME) is None
