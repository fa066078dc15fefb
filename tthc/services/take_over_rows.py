"""The rows of a paper list of pending dossiers, checked as far as that goes without the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tthc.documents.sheets import SheetRow
from tthc.services.imported_files import RowError, RowReader, place_headings
from tthc.services.register_columns import FIELDS_BY_HEADING, UNUSED_HEADINGS, Field


def read_rows(
    heading: SheetRow, body: Sequence[SheetRow], sectors: Mapping[str, int]
) -> tuple[list[dict[str, Any]], list[RowError]]:
    """The rows of the list, and everything that is wrong in it; ``sectors`` by the key of their names."""
    places, errors = place_headings(
        heading, FIELDS_BY_HEADING, unused=UNUSED_HEADINGS, needed=(Field.CODE, Field.SECTOR)
    )
    if errors:
        return [], errors
    rows: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for one in body:
        reader = RowReader(one, places)
        code = reader.text(Field.CODE)
        if not code and not reader.is_wrong(Field.CODE):
            reader.error(Field.CODE, "Thiếu mã hồ sơ.")
        elif len(code) > 64:
            reader.error(Field.CODE, "Mã hồ sơ dài quá 64 ký tự.")
        elif code in seen:
            reader.error(Field.CODE, f"Hồ sơ này đã có ở dòng {seen[code]}.")
        seen.setdefault(code, one.number)
        sector_id = reader.word(Field.SECTOR, sectors, "tên lĩnh vực như trong danh mục")
        note = reader.text(Field.NOTE) if Field.NOTE in places else ""
        errors += reader.errors
        if sector_id is not None:
            rows.append({"code": code, "sector_id": sector_id, "note": note})
    return rows, errors
