"""Files that pages give out: what each kind is called, and which of them the browser shows."""

from __future__ import annotations

from io import BytesIO

from flask import Response, send_file

FILE_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ics": "text/calendar; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def download(content: bytes, name: str) -> Response:
    """A file under a name, whose ending says what it is: a PDF is shown, anything else is saved."""
    kind = name.rpartition(".")[2]
    return send_file(BytesIO(content), FILE_TYPES[kind], as_attachment=kind != "pdf", download_name=name)
