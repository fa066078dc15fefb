"""A few paragraphs as a DOCX file, in the type of official papers (Decree 30/2020/NĐ-CP, appendix I)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

#: Written into every file instead of the moment of its making: the same text gives the same bytes.
_MOMENT = datetime(2020, 1, 1, tzinfo=UTC)
_FACE = "Times New Roman"
_SIZE = Pt(14)


def write_docx(title: Sequence[str], paragraphs: Sequence[str], *, author: str) -> bytes:
    """A4 with the lines of a title in bold and the paragraphs justified; what was typed stays literal."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(20)
    style = document.styles["Normal"]
    style.font.name, style.font.size = _FACE, _SIZE
    # Word takes the face of Vietnamese letters with several marks from these as well.
    fonts = style.element.rPr.rFonts
    for script in ("w:eastAsia", "w:cs", "w:hAnsi"):
        fonts.set(qn(script), _FACE)
    for number, line in enumerate(title, start=1):
        head = document.add_paragraph()
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        head.paragraph_format.space_after = Pt(12) if number == len(title) else Pt(0)
        head.add_run(line).bold = True
    for text in paragraphs:
        body = document.add_paragraph(text)
        body.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        body.paragraph_format.first_line_indent = Mm(10)
        body.paragraph_format.space_after = Pt(6)
    about = document.core_properties
    about.title, about.author, about.last_modified_by = " ".join(title), author, author
    about.comments, about.language = "", "vi-VN"
    about.created = about.modified = _MOMENT
    written = io.BytesIO()
    document.save(written)
    return _without_moments(written.getvalue())


def _without_moments(content: bytes) -> bytes:
    """The same archive, its entries dated alike: the library dates them by the clock."""
    plain = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for entry in archive.infolist():
            dated = zipfile.ZipInfo(entry.filename, _MOMENT.timetuple()[:6])
            dated.compress_type = zipfile.ZIP_DEFLATED
            # Neither may the system on which it was written tell.
            dated.create_system = 0
            copy.writestr(dated, archive.read(entry))
    return plain.getvalue()
