"""The table on screen, on the spreadsheet and on paper: the same cells, read by three other libraries."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from openpyxl import load_workbook

from tthc.domain.settings import TALLY_ENDS
from tthc.domain.vocabulary import Channel, Outcome
from tthc.services import dossiers, settings

HALF = "from_on=15/12/2023&to_on=14/06/2024"


@pytest.fixture
def half_year(received: Any, done_to: Any, now: Any) -> None:
    """Nine dossiers of four sectors: three resolved (one late), one withdrawn, one stopped, four pending."""
    old = now - timedelta(days=60)
    codes = [received(number, old, channel=Channel.ONLINE) for number in (1, 2, 26, 27, 37, 36)]
    received(38, now)
    received(41, now - timedelta(days=200))
    received(30, now - timedelta(days=9), channel=Channel.POST)
    for code, days in zip(codes[:3], (3, 4, 59), strict=True):
        done_to(code, 1, dossiers.resolve_dossier, old + timedelta(days=days), outcome=Outcome.GRANTED)
    done_to(codes[3], 1, dossiers.withdraw_dossier, old + timedelta(days=1), reason="Rút")
    done_to(codes[5], 1, dossiers.stop_dossier, old + timedelta(days=2), reason="Dừng")


def on_screen(reader: Any) -> list[tuple[str, list[int]]]:
    """Label and numbers of every row, the last included."""
    rows = reader.soup.select(".official tbody tr, .official tfoot tr")
    return [
        (
            " ".join(row.select_one("th").get_text(" ", strip=True).split()),
            [int(link.get_text().replace(".", "")) for link in row.select("td a")],
        )
        for row in rows
    ]


def on_the_sheet(content: bytes, columns: int) -> list[tuple[str, list[int]]]:
    """The same of the spreadsheet: what stands under the row of column numbers."""
    rows = list(load_workbook(BytesIO(content), data_only=True).active.iter_rows(values_only=True))
    start = next(number for number, row in enumerate(rows) if row[:2] == ("(1)", "(2)"))
    found = []
    for row in rows[start + 1 :]:
        last = row[0] in ("TỔNG CỘNG", "CẢ KỲ")
        found.append((str(row[0] if last else row[1]), [int(cell) for cell in row[2 : 2 + columns]]))
        if last:
            break
    return found


def on_paper(content: bytes, columns: int) -> list[list[int]]:
    """The numbers of each row of the table by where they stand on the page, without the first (STT)."""
    found: list[list[int]] = []
    document = pypdfium2.PdfDocument(content)
    for page in document:
        text = page.get_textpage()
        lines: dict[int, list[tuple[float, str]]] = defaultdict(list)
        word, left, bottom, right = "", 0.0, 0.0, 0.0
        for index in range(text.count_chars()):
            char = text.get_text_range(index, 1)
            box = text.get_charbox(index)
            if word and (not char.strip() or box[0] - right > 2 or abs(box[1] - bottom) > 4):
                lines[round(bottom / 3)].append((left, word))
                word = ""
            if char.strip():
                if not word:
                    left, bottom = box[0], box[1]
                word, right = word + char, box[2]
        for _, words in sorted(lines.items(), reverse=True):
            numbers = [
                int(one.replace(".", "")) for _, one in sorted(words) if re.fullmatch(r"\d[\d.]*", one)
            ]
            if len(numbers) >= columns:
                found.append(numbers[-columns:])
    document.close()
    return found


@pytest.mark.parametrize(
    ("by", "apart"),
    [("sector", False), ("sector", True), ("procedure", False), ("officer", False), ("month", True)],
)
def test_screen_spreadsheet_and_paper_say_the_same(
    supervisor_reader: Any, half_year: None, in_session: Any, now: Any, admin: Any, by: str, apart: bool
) -> None:
    if apart:
        in_session(
            lambda session: settings.change_setting(
                session,
                now=now,
                actor=admin,
                setting=TALLY_ENDS,
                value="separate",
                valid_from=now.date(),
                reason="Theo quy chế mới",
            )
        )
    supervisor_reader.get(f"/bao-cao?{HALF}&by={by}")
    columns = 13 if apart else 11
    numbers = [one.get_text() for one in supervisor_reader.soup.select(".columns-no th")]
    assert len(numbers) == columns + 2
    screen = on_screen(supervisor_reader)
    assert len(screen) > 1
    assert all(len(cells) == columns for _, cells in screen)
    assert screen[-1][1][:1] == [9]
    if apart:
        assert screen[-1][1][-2:] == [1, 1]
        assert "(3) = (7) + (11) + (14) + (15)" in supervisor_reader.text(".checks")
    assert "lệch" not in supervisor_reader.text(".checks")
    files = {
        kind: supervisor_reader.client.get(
            supervisor_reader.soup.select_one(f'a[href*="ii06a.{kind}"]')["href"]
        ).data
        for kind in ("xlsx", "pdf")
    }
    sheet = on_the_sheet(files["xlsx"], columns)
    assert [cells for _, cells in sheet] == [cells for _, cells in screen]
    assert on_paper(files["pdf"], columns) == [cells for _, cells in screen]
    for (shown, _), (written, _) in zip(screen, sheet, strict=True):
        assert unicodedata.normalize("NFC", written).split(" (")[0] in shown
    if by != "sector":
        words = " ".join(
            str(cell)
            for row in load_workbook(BytesIO(files["xlsx"])).active.iter_rows(max_row=6, values_only=True)
            for cell in row
            if cell
        )
        assert "THEO " in words
