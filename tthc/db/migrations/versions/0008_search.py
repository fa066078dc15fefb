"""Search: texts as bare words, with an index of words beside them."""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

from tthc.db.triggers import fill_search_indexes

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INDEXES = (
    ("search_index", "search_entry", "dossier_id", "folded"),
    ("search_index_applicant", "applicant", "id", "search_text"),
)

#: What a dossier is found by, beside the words that its entry has already.
_MORE = """
    SELECT e.dossier_id, e.folded, p.national_code, o.phone, s.phone, s.id_number
    FROM search_entry e JOIN dossier d ON d.id = e.dossier_id JOIN procedure p ON p.id = d.procedure_id
    JOIN applicant o ON o.id = d.applicant_id LEFT JOIN applicant s ON s.id = d.submitter_id
"""
_TOLD = "SELECT dossier_id, reason, note FROM event WHERE reason <> '' OR note <> '' ORDER BY dossier_id, seq"


def upgrade() -> None:
    op.add_column("applicant", sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    _write_texts(op.get_bind())
    sqlite = op.get_bind().dialect.name == "sqlite"
    for index, source, key, column in _INDEXES:
        if sqlite:
            op.execute(
                f"CREATE VIRTUAL TABLE {index} USING fts5({column}, content='{source}', content_rowid='{key}', "
                "tokenize='ascii', prefix='1 2 3')"
            )
        else:
            op.execute(f"CREATE TABLE {index} (row_id integer PRIMARY KEY, words tsvector NOT NULL)")
            op.execute(f"CREATE INDEX ix_{index}_words ON {index} USING gin (words)")
    fill_search_indexes(op.get_bind())


def _write_texts(connection: sa.Connection) -> None:
    told: dict[int, list[str]] = {}
    for dossier_id, *texts in connection.execute(sa.text(_TOLD)):
        told.setdefault(dossier_id, []).extend(texts)
    entries = [
        {"id": key, "words": _words(folded, code, _phones(own), _phones(other), number, *told.get(key, ()))}
        for key, folded, code, own, other, number in connection.execute(sa.text(_MORE))
    ]
    people = [
        {"id": key, "words": _words(name, number, _phones(phone), email)}
        for key, name, number, phone, email in connection.execute(
            sa.text("SELECT id, name, id_number, phone, email FROM applicant")
        )
    ]
    if entries:
        connection.execute(sa.text("UPDATE search_entry SET folded = :words WHERE dossier_id = :id"), entries)
    if people:
        connection.execute(sa.text("UPDATE applicant SET search_text = :words WHERE id = :id"), people)


def _words(*parts: str | None) -> str:
    text = unicodedata.normalize("NFD", " ".join(part for part in parts if part).casefold())
    bare = "".join(sign for sign in text if not unicodedata.combining(sign)).replace("đ", "d")
    return " ".join(word[:64] for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFC", bare)))


def _phones(phone: str | None) -> str:
    digits = re.sub(r"\D", "", phone or "")
    return f"{digits} 0{digits[2:]}" if digits.startswith("84") and len(digits) >= 10 else digits


def downgrade() -> None:
    for index, *_ in _INDEXES:
        op.execute(f"DROP TABLE {index}")
    op.drop_column("applicant", "search_text")
