"""Files of a dossier: attached, shown, taken out with a reason, and cleared away where no row names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from tthc.db.models import Attachment, Dossier
from tthc.db.queries import attachments as queries
from tthc.db.queries import catalogue as catalogue_queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.domain.attachments import (
    MAX_FILES,
    SHOWN,
    AttachmentKind,
    Copy,
    Digitisation,
    FileType,
    clean_name,
    digitisation,
    named_as,
    size_label,
)
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import DomainError
from tthc.services import audit
from tthc.services.dossiers import needed_text
from tthc.services.paper_store import GRACE, PaperStore, Received
from tthc.services.transaction import NotFound, transaction

#: So many files are looked up at once when those without a row are cleared away.
_AT_ONCE = 500


@dataclass(frozen=True)
class AttachmentView:
    """A file of a dossier; ``paper`` names the paper that it is a copy of. ``size`` in bytes."""

    id: int
    name: str
    kind: AttachmentKind
    paper: str
    type: FileType
    size: int
    sha256: str
    digitised: bool
    recorded_at: datetime
    recorded_by: str
    removed_at: datetime | None
    removed_by: str
    removal_reason: str

    @property
    def shown(self) -> bool:
        """Whether a browser shows it by itself."""
        return self.type in SHOWN

    @property
    def size_label(self) -> str:
        """Its size in words."""
        return size_label(self.size)


@dataclass(frozen=True)
class FilesView:
    """The files that stand in a dossier, those taken out, and how far its papers are digitised.

    ``papers`` are the names that a copy can be tied to.
    """

    standing: Sequence[AttachmentView]
    removed: Sequence[AttachmentView]
    papers: Sequence[str]
    digitised: Digitisation

    @property
    def all(self) -> list[AttachmentView]:
        """Every file, in the order in which they came."""
        return sorted((*self.standing, *self.removed), key=lambda one: (one.recorded_at, one.id))

    def one(self, attachment_id: int) -> AttachmentView:
        """A file, also one that was taken out."""
        for file in self.all:
            if file.id == attachment_id:
                return file
        raise NotFound("Không tìm thấy tệp này trong hồ sơ.")


@dataclass(frozen=True)
class NewFile:
    """A file as it was chosen: its name, its content, and what it is said to be.

    ``paper`` is the name of a paper of the receipt or of the catalogue; empty: of none.
    """

    name: str
    content: BinaryIO
    kind: AttachmentKind = AttachmentKind.PAPER
    paper: str = ""
    digitised: bool = True


def attach_file(
    session: Session, *, now: datetime, actor: Actor, store: PaperStore, code: str, file: NewFile
) -> AttachmentView:
    """Keep a file with a dossier; refused with a sentence that begins with the name of the file.

    The file is on the disk before its row is: what is lost in between is a file that nobody names, never a
    row without its file.
    """
    actor.require(Action.KEEP_PAPERS)
    dossier = _dossier(session, actor, code)
    name = clean_name(file.name)
    papers = _papers(session, dossier)
    if file.paper and file.paper not in papers:
        raise DomainError("Chọn giấy tờ có trong danh sách của hồ sơ.", "paper")
    try:
        with store.receiving(file.content) as received:
            name = named_as(name, received.type)
            _refuse_more(session, dossier.id, received)
            store.keep(received)
            with transaction(session):
                row = _record(session, now, actor, code, file, name, received, papers.get(file.paper))
                if not store.has(received.sha256):
                    raise DomainError("Tệp chưa được lưu: gửi lại lần nữa.", "files")
                row_id = row.id
    except DomainError as refusal:
        sentence = refusal.message
        raise DomainError(sentence if name in sentence else f"{name}: {sentence}", refusal.field)
    return next(one for one in files_of(session, _dossier(session, actor, code)).standing if one.id == row_id)


def describe_file(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    code: str,
    attachment_id: int,
    kind: AttachmentKind,
    paper: str,
    digitised: bool,
) -> str:
    """Say otherwise what a file is a copy of; the audit keeps what was said before. Its name."""
    actor.require(Action.KEEP_PAPERS)
    with transaction(session):
        row, papers = _standing(session, actor, code, attachment_id)
        if paper and paper != row.paper and paper not in papers:
            raise DomainError("Chọn giấy tờ có trong danh sách của hồ sơ.", "paper")
        before = {"kind": row.kind, "paper": row.paper, "digitised": row.digitised}
        after = {"kind": kind.value, "paper": paper, "digitised": digitised}
        if after != before:
            if paper != row.paper:
                row.requirement_id = papers.get(paper)
            row.kind, row.paper, row.digitised = kind.value, paper, digitised
            _audit(session, now, actor, row, code, "attachment_described", before=before, after=after)
        return row.name


def remove_file(
    session: Session, *, now: datetime, actor: Actor, code: str, attachment_id: int, reason: str
) -> str:
    """Take a file out of a dossier; it is kept, and the history says who took it out and why. Its name."""
    actor.require(Action.KEEP_PAPERS)
    why = needed_text(reason, "reason", "Nhập lý do bỏ tệp, ví dụ: quét nhầm hồ sơ khác.")
    with transaction(session):
        row, _ = _standing(session, actor, code, attachment_id)
        row.removed_at, row.removed_by, row.removal_reason = now, actor.account_id, why
        _audit(session, now, actor, row, code, "attachment_removed")
        return row.name


def list_files(session: Session, *, actor: Actor, code: str) -> FilesView:
    """The files of a dossier."""
    actor.require(Action.VIEW_DOSSIERS)
    return files_of(session, _dossier(session, actor, code))


def get_file(session: Session, *, actor: Actor, code: str, attachment_id: int) -> AttachmentView:
    """One file, also one that was taken out."""
    return list_files(session, actor=actor, code=code).one(attachment_id)


def open_file(store: PaperStore, file: AttachmentView) -> BinaryIO:
    """The content of a file, to be closed by the caller."""
    content = store.open(file.sha256)
    if content is None:
        raise NotFound(
            f"Tệp {file.name} không còn trên máy chủ: báo người quản trị khôi phục thư mục lưu tệp từ bản "
            "sao lưu."
        )
    return content


def files_of(session: Session, dossier: Dossier) -> FilesView:
    """The files of a dossier whose page is shown."""
    views = [_view(row) for row in queries.of_dossier(session, dossier.id)]
    standing = [one for one in views if one.removed_at is None]
    return FilesView(
        standing=standing,
        removed=[one for one in views if one.removed_at is not None],
        papers=list(_papers(session, dossier)),
        digitised=digitisation(
            [paper["name"] for paper in dossier.papers_json],
            [Copy(one.kind, one.paper, one.digitised) for one in standing],
        ),
    )


def clean_up(session: Session, *, machine_now: datetime, store: PaperStore) -> int:
    """Throw away files that no row names and that are older than a day; how many there were.

    They are left by a program that ended between file and row, or in the middle of a file. Nobody writes
    meanwhile; somebody who brings the same content again at this moment makes it young.
    """
    before = machine_now - GRACE
    gone = 0
    found = store.forgotten(before)
    while paths := list(islice(found, _AT_ONCE)):
        with transaction(session, alone=True):
            named = queries.named_contents(session, [path.name for path in paths])
            gone += sum(store.drop(path, before) for path in paths if path.name not in named)
    return gone


def _dossier(session: Session, actor: Actor, code: str, *, lock: bool = False) -> Dossier:
    dossier = dossier_queries.by_code(session, actor.unit_id, code, lock=lock)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {code}.")
    return dossier


def _standing(
    session: Session, actor: Actor, code: str, attachment_id: int
) -> tuple[Attachment, dict[str, int | None]]:
    """A file that is still in its dossier, which is locked, and the papers that it can be a copy of."""
    dossier = _dossier(session, actor, code, lock=True)
    row = queries.by_id(session, dossier.id, attachment_id)
    if row is None:
        raise NotFound("Không tìm thấy tệp này trong hồ sơ.")
    if row.removed_at is not None:
        raise DomainError("Tệp này đã được bỏ khỏi hồ sơ trước đó.")
    return row, _papers(session, dossier)


def _papers(session: Session, dossier: Dossier) -> dict[str, int | None]:
    """The papers that a copy can be of, by name: those of the receipt, then the others of the catalogue."""
    needed = {
        paper.name: paper.id for paper in catalogue_queries.requirements_of(session, [dossier.version_id])
    }
    received = {paper["name"]: paper.get("requirement_id") for paper in dossier.papers_json}
    return {**received, **{name: key for name, key in needed.items() if name not in received}}


def _refuse_more(session: Session, dossier_id: int, received: Received) -> None:
    there = queries.same_content(session, dossier_id, received.sha256)
    if there is not None:
        raise DomainError(
            f"Nội dung này đã có trong hồ sơ với tên {there.name}, đính kèm ngày "
            f"{office_time(there.recorded_at):%d/%m/%Y}; không lưu hai lần.",
            "files",
        )
    if queries.count_standing(session, dossier_id) >= MAX_FILES:
        raise DomainError(
            f"Hồ sơ đã có {MAX_FILES} tệp: gộp các trang quét vào một tệp PDF hoặc bỏ tệp thừa rồi gửi lại.",
            "files",
        )


def _record(
    session: Session,
    now: datetime,
    actor: Actor,
    code: str,
    file: NewFile,
    name: str,
    received: Received,
    requirement_id: int | None,
) -> Attachment:
    dossier = _dossier(session, actor, code, lock=True)
    # Once more, with the dossier locked: two windows may send the same file at once.
    _refuse_more(session, dossier.id, received)
    row = Attachment(
        unit_id=dossier.unit_id,
        dossier_id=dossier.id,
        requirement_id=requirement_id,
        paper=file.paper,
        kind=file.kind.value,
        sha256=received.sha256,
        size=received.size,
        media_type=received.type.value,
        name=name,
        digitised=file.digitised,
        recorded_at=now,
        recorded_by=actor.account_id,
        removal_reason="",
    )
    session.add(row)
    session.flush()
    _audit(session, now, actor, row, code, "attachment_added")
    return row


def _audit(
    session: Session, now: datetime, actor: Actor, row: Attachment, code: str, action: str, **more: Any
) -> None:
    audit.record(
        session,
        unit_id=row.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=f"dossier:{code}",
        detail={"attachment": row.id, "sha256": row.sha256, "kind": row.kind, **more},
    )


def _view(row: Any) -> AttachmentView:
    return AttachmentView(
        id=row.id,
        name=row.name,
        kind=AttachmentKind(row.kind),
        paper=row.paper,
        type=FileType(row.media_type),
        size=row.size,
        sha256=row.sha256,
        digitised=row.digitised,
        recorded_at=row.recorded_at,
        recorded_by=row.added_by or "Hệ thống",
        removed_at=row.removed_at,
        removed_by=row.taken_out_by or "Hệ thống",
        removal_reason=row.removal_reason,
    )
