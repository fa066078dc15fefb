"""Filters under a name and chosen columns: one's own, shared with the unit, and followed by the file."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from tthc.domain.list_columns import USUAL, ListColumn
from tthc.domain.vocabulary import DomainError
from tthc.services import list_columns, saved_filters
from tthc.services.transaction import NotFound, StaleVersion
from tthc.services.worklists import DossierFilter


def test_a_filter_is_saved_shared_renamed_and_dropped_by_its_owner_alone(office: Any) -> None:
    session, clerk, officer = office.session, office.person("clerk"), office.person("officer")

    def names(who: Any) -> list[tuple[str, str]]:
        return [(one.name, one.owner) for one in saved_filters.list_filters(session, actor=who)]

    saved_filters.save_filter(session, actor=clerk, name=" Việc  gấp ", query="bucket=today")
    saved_filters.save_filter(session, actor=clerk, name="Ân", query="q=an", shared=True)
    saved_filters.save_filter(session, actor=clerk, name="Chờ An", query="q=an", shared=False)
    assert [name for name, _ in names(clerk)] == ["Ân", "Chờ An", "Việc gấp"], "from the first word on"
    own = saved_filters.list_filters(session, actor=clerk)[1]
    saved_filters.delete_filter(session, actor=clerk, filter_id=own.id, version=own.version)
    assert names(officer) == [("Ân", "Cán bộ một cửa 01")]
    for name, query, said in (
        ("việc gấp", "q=b", "Đã có"),
        (" ", "q=b", "Đặt tên"),
        ("x" * 65, "q=b", "64 ký tự"),
        ("Trống", "", "Lọc danh sách trước"),
        ("Dài", "q=" + "b" * 1000, "quá dài"),
    ):
        with pytest.raises(DomainError, match=said) as refused:
            saved_filters.save_filter(session, actor=clerk, name=name, query=query)
        assert refused.value.field == "name"
    saved_filters.save_filter(session, actor=officer, name="Việc gấp", query="bucket=mine")
    own = saved_filters.list_filters(session, actor=clerk)[1]
    change = {"filter_id": own.id, "version": own.version, "name": "Hôm nay", "shared": True}
    with pytest.raises(NotFound):
        saved_filters.change_filter(session, actor=officer, **change)
    saved_filters.change_filter(session, actor=clerk, **change)
    with pytest.raises(StaleVersion):
        saved_filters.delete_filter(session, actor=clerk, filter_id=own.id, version=own.version)
    assert [name for name, _ in names(officer)] == ["Việc gấp", "Ân", "Hôm nay"]
    saved_filters.delete_filter(session, actor=clerk, filter_id=own.id, version=own.version + 1)
    assert [name for name, _ in names(officer)] == ["Việc gấp", "Ân"]
    for number in range(saved_filters.MOST - 1):
        saved_filters.save_filter(session, actor=clerk, name=f"Bộ lọc {number}", query="q=c")
    with pytest.raises(DomainError, match="nhiều nhất 30"):
        saved_filters.save_filter(session, actor=clerk, name="Thêm", query="q=c")


def test_the_file_has_the_columns_that_were_chosen(sqlite_office: Any) -> None:
    office = sqlite_office
    clerk = office.person("clerk")
    codes = [office.receive(number) for number in (37, 41)]
    assert list_columns.columns_of(office.session, actor=clerk) == USUAL
    wanted = [(ListColumn.RECEIVED, 1), (ListColumn.MATTER, 2), (ListColumn.CODE, None)]
    list_columns.choose_columns(office.session, actor=clerk, chosen=wanted)
    chosen = (ListColumn.RECEIVED, ListColumn.MATTER, ListColumn.CODE)
    assert list_columns.columns_of(office.session, actor=clerk) == chosen
    assert list_columns.columns_of(office.session, actor=office.person("officer")) == USUAL
    content = list_columns.export_list(
        office.session,
        actor=clerk,
        now=office.now,
        criteria=DossierFilter(sort="code"),
        told=["Kênh: Trực tiếp"],
    )
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    head = next(row for row in rows if row[0] == "STT")
    assert head == ("STT", "Tiếp nhận", "Thủ tục", "Chủ hồ sơ", "Mã hồ sơ")
    assert [row[4] for row in rows if row[0] in (1, 2)] == codes
    assert [row[1] for row in rows if row[0] in (1, 2)] == [datetime(2024, 6, 14)] * 2
    assert any("Kênh: Trực tiếp" in str(row[0]) for row in rows)
    list_columns.choose_columns(office.session, actor=clerk, chosen=[])
    assert list_columns.columns_of(office.session, actor=clerk) == USUAL
    for column in ListColumn:
        list_columns.choose_columns(office.session, actor=clerk, chosen=[(column, 1)])
        file = list_columns.export_list(
            office.session, actor=clerk, now=office.now, criteria=DossierFilter(), told=[]
        )
        assert file[:2] == b"PK", column
