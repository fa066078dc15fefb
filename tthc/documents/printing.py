"""Printed forms: data in, PDF out, typeset by Typst from the templates in ``templates/print``."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import PurePath

import pypdf
import segno
import typst

from tthc.resources import static_folder, templates_folder

#: A compiler keeps fonts and templates in memory, which makes a page a matter of milliseconds, but it can be
#: used by one thread at a time only.
_ONE_AT_A_TIME = threading.Lock()


def render_pdf(template: str, data: Mapping[str, object]) -> bytes:
    """Typeset a form, such as ``receipt``, and return the PDF; the same data give the same bytes.

    ``data`` travels as JSON beside the template and is never pasted into its markup: whatever a person typed
    stays literal. A form that does not exist raises FileNotFoundError, a template in error typst.TypstError.
    """
    source = templates_folder() / "print" / (PurePath(template).name.removesuffix(".typ") + ".typ")
    if not source.is_file():
        raise FileNotFoundError(f"no printed form {source.stem!r}")
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with _ONE_AT_A_TIME:
        # No moment of creation is written: what is printed on the form is the date that counts.
        pdf = _compiler().compile(source, format="pdf", sys_inputs=inputs)
    if not isinstance(pdf, bytes):
        raise TypeError(f"the compiler returned {type(pdf).__name__} for one PDF")
    return pdf


def join_pdfs(files: Iterable[bytes]) -> bytes:
    """Several forms as one PDF, in their order; each keeps its own size of paper and its own page numbers."""
    joined = pypdf.PdfWriter()
    for content in files:
        joined.append(io.BytesIO(content))
    written = io.BytesIO()
    joined.write(written)
    return written.getvalue()


def qr_svg(text: str) -> str:
    """The QR code of a text as an SVG picture with its quiet zone, black on nothing.

    Error correction M: a receipt is folded, stamped and photographed.
    """
    picture = io.BytesIO()
    segno.make_qr(text, error="m").save(picture, kind="svg", xmldecl=False, border=4)
    return picture.getvalue().decode("utf-8")


@cache
def _compiler() -> typst.Compiler:
    """The compiler of this process; only our own fonts, so that a form looks the same on every machine."""
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[static_folder() / "fonts"],
    )
    return typst.Compiler(root=templates_folder() / "print", font_paths=fonts, ignore_system_fonts=True)
