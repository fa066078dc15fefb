"""What the further papers of a dossier say: refusal, notice of a stop, transfer slip, control sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Document, Dossier, EventRow, Procedure, ProcedureVersion
from tthc.db.queries import consultations as consultation_queries
from tthc.db.queries import documents as queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import hand_overs as hand_over_queries
from tthc.db.queries import steps as step_queries
from tthc.domain.calendar import office_time
from tthc.domain.letters import LetterKind, written
from tthc.domain.text import written_date
from tthc.domain.timeliness import timeliness
from tthc.domain.vocabulary import Channel, EndKind, EventKind, MoveKind, Outcome
from tthc.services import delegations, hand_over_views, letters, units
from tthc.services.documents import moment_line
from tthc.services.extension_papers import told_line
from tthc.services.transaction import NotFound

#: What a paper says, the event that it is about, and the one issued last about the same.
Content = tuple[dict[str, Any], int | None, Document | None]


def _refusal(session: Session, dossier: Dossier, on: date) -> Content:
    """Mẫu số 03: why nothing is granted; inside the time limit (Decree 61/2018/NĐ-CP art. 19.8)."""
    if dossier.outcome is not Outcome.REFUSED:
        raise NotFound(f"Hồ sơ {dossier.code} không bị từ chối giải quyết.")
    event = _last_event(session, dossier, EventKind.RESOLVE)
    last = queries.last_for_event(session, queries.REFUSAL, event.id)
    content = _letter(session, dossier, LetterKind.REFUSAL, last, on, {"ly_do": event.reason})
    owner = session.get_one(Applicant, dossier.applicant_id)
    submitter = session.get_one(Applicant, dossier.submitter_id) if dossier.submitter_id else owner
    content |= {
        "title": "Phiếu từ chối tiếp nhận\ngiải quyết hồ sơ",
        "facts": [
            ["Tiếp nhận hồ sơ của", owner.name],
            ["Địa chỉ", owner.address],
            ["Số điện thoại", submitter.phone or owner.phone],
            ["Email", owner.email],
            ["Nội dung yêu cầu giải quyết", content["matter"]],
            ["Thời gian nhận hồ sơ", moment_line(dossier.received_at)],
        ],
        "roles": [
            ["NGƯỜI NỘP HỒ SƠ", submitter.name],
            ["NGƯỜI TIẾP NHẬN HỒ SƠ", _who(session, event.actor_id)],
        ],
    }
    return content, event.id, last


def _stop(session: Session, dossier: Dossier, on: date) -> Content:
    """Mẫu số 05 of the 2025 set, before 15/9/2025 a letter: the dossier is stopped for good."""
    if dossier.end_kind is not EndKind.STOPPED:
        raise NotFound(f"Hồ sơ {dossier.code} không bị dừng giải quyết.")
    event = _last_event(session, dossier, EventKind.STOP)
    last = queries.last_for_event(session, queries.STOP, event.id)
    content = _letter(session, dossier, LetterKind.STOP, last, on, {"ly_do": event.reason})
    owner = session.get_one(Applicant, dossier.applicant_id)
    signed = delegations.signature_of(
        session, unit_id=dossier.unit_id, account_id=event.actor_id, on=event.occurred_on
    )
    unit = units.header(session, on, dossier.unit_id)
    content |= {
        "title": "Thông báo dừng\ngiải quyết hồ sơ",
        "addressee": owner.name,
        "facts": [
            ["Địa chỉ", owner.address],
            ["Nội dung đề nghị giải quyết", content["matter"]],
            ["Thời gian dừng giải quyết", moment_line(event.occurred_at)],
        ],
        "capacity": signed.capacity,
        "signer_title": signed.title,
        "signer": signed.name,
        "recipients": ["Như trên;", f"{unit.reception_desk};", "Lưu: VT, hồ sơ."],
    }
    return content, event.id, last


def _slip(session: Session, dossier: Dossier, on: date) -> Content:
    """The slip with which a dossier goes to another agency (Decree 61/2018/NĐ-CP art. 19.6–7)."""
    asked = consultation_queries.told_of(session, dossier.id)
    if not asked:
        raise NotFound(f"Hồ sơ {dossier.code} chưa chuyển cơ quan nào.")
    consultation, opened, _, due = asked[-1]
    last = queries.last_for_event(session, queries.SLIP, opened.id)
    answer_by = moment_line(due.due_at)
    values = {
        "co_quan": consultation.agency,
        "noi_dung_chuyen": consultation.question,
        "han_tra_loi": answer_by,
    }
    content = _letter(session, dossier, LetterKind.SLIP, last, on, values)
    owner = session.get_one(Applicant, dossier.applicant_id)
    content |= {
        "title": "Phiếu chuyển xử lý hồ sơ",
        "addressee": consultation.agency,
        "facts": [
            ["Hồ sơ của", owner.name],
            ["Nội dung yêu cầu giải quyết", content["matter"]],
            ["Thời gian nhận hồ sơ", moment_line(dossier.received_at)],
            ["Thời gian hẹn trả kết quả", told_line(dossier)],
            ["Thời gian chuyển", moment_line(opened.occurred_at)],
            ["Hạn trả lời", answer_by],
        ],
        "papers": [_paper_line(paper) for paper in dossier.papers_json],
        "roles": [["BÊN GIAO", _who(session, opened.actor_id)], ["BÊN NHẬN", ""]],
    }
    return content, opened.id, last


def _hand_over(session: Session, dossier: Dossier, _on: date) -> Content:
    """What whoever takes the result signs; before it is handed over, with lines to write on."""
    if dossier.end_kind is not EndKind.RESOLVED or dossier.ended_on is None or dossier.outcome is None:
        raise NotFound(f"Hồ sơ {dossier.code} không có kết quả để trả.")
    # What came back in the post is handed over on a new slip; the one that was sent stays as it was.
    ready = _last_event(session, dossier, EventKind.RESOLVE, EventKind.COME_BACK)
    last = queries.last_for_event(session, queries.HAND_OVER, ready.id)
    owner = session.get_one(Applicant, dossier.applicant_id)
    outcome = f"{dossier.outcome.label} (trả lại hồ sơ)" if dossier.returned else dossier.outcome.label
    facts = [
        ["Trả kết quả hồ sơ của", owner.name],
        ["Địa chỉ", owner.address],
        ["Nội dung giải quyết", _matter(session, dossier)],
        ["Thời gian nhận hồ sơ", moment_line(dossier.received_at)],
        ["Thời gian hẹn trả kết quả", told_line(dossier)],
        ["Kết quả", f"{outcome}, ngày {dossier.ended_on:%d/%m/%Y}"],
    ]
    content = {"code": dossier.code, "title": "Phiếu trả kết quả\ngiải quyết hồ sơ", "facts": facts}
    if dossier.handed_over_at is None:
        facts += [
            ["Người nhận kết quả", ""],
            ["Giấy tờ tùy thân số", ""],
            ["Nhận thay theo giấy tờ (loại, số, ngày)", ""],
            ["Giấy tiếp nhận và hẹn trả (thu lại, bị mất)", ""],
        ]
        content["roles"] = [["NGƯỜI NHẬN KẾT QUẢ", ""], ["NGƯỜI TRẢ KẾT QUẢ", ""]]
        return content, ready.id, last
    event = _last_event(session, dossier, EventKind.HAND_OVER)
    facts.append(["Thời gian trả kết quả", moment_line(event.occurred_at)])
    giver, taker = ["NGƯỜI TRẢ KẾT QUẢ", _who(session, event.actor_id)], ["NGƯỜI NHẬN KẾT QUẢ", ""]
    row = hand_over_queries.newest_of(session, [dossier.id]).get(dossier.id)
    if row is not None and row.event_id == event.id:
        facts += [list(pair) for pair in hand_over_views.details_of(row, full=True)]
        taker = ["ĐƠN VỊ NHẬN CHUYỂN", ""] if row.way is Channel.POST else [taker[0], row.name]
    content["roles"] = [giver] if row is not None and row.way is Channel.ONLINE else [taker, giver]
    return content, event.id, queries.last_for_event(session, queries.HAND_OVER, event.id) or last


def _control(session: Session, dossier: Dossier, on: date) -> Content:
    """The control sheet, one block for every hand-over of the steps and to other agencies."""
    unit = units.header(session, on, dossier.unit_id)
    owner = session.get_one(Applicant, dossier.applicant_id)
    asked = consultation_queries.told_of(session, dossier.id)
    content = {
        "code": dossier.code,
        "register_volume": dossier.register_volume,
        "register_no": str(dossier.register_no),
        "applicant": owner.name,
        "matter": _matter(session, dossier),
        "received_line": moment_line(dossier.received_at),
        "due_line": told_line(dossier),
        "partners": "; ".join(dict.fromkeys(row.agency for row, _, _, _ in asked)) or "Không",
        "blocks": _blocks(session, dossier, unit.reception_desk, unit.name, asked),
    }
    return content, None, queries.last_of(session, dossier.id, queries.CONTROL)


def _blocks(
    session: Session, dossier: Dossier, desk: str, unit: str, asked: Sequence[Any]
) -> list[dict[str, str]]:
    moves = step_queries.moves_of(session, dossier.id)
    steps = {step.no: step for step in step_queries.steps_of(session, dossier.id)}
    people = dossier_queries.people_named(
        session,
        [
            *(person for move in moves for person in (move.giver_id, move.taker_id)),
            *(opened.actor_id for _, opened, _, _ in asked),
        ],
    )
    owner = session.get_one(Applicant, dossier.submitter_id or dossier.applicant_id)

    def place(no: int | None) -> str:
        return steps[no].name if no in steps else desk

    found: list[tuple[datetime, dict[str, str]]] = []
    for move in moves:
        if move.kind is MoveKind.BEGUN and move.from_no is None and move.seq == 1:
            names = (owner.name, people.get(move.taker_id or 0, ""))
            parties = ("Người nộp hồ sơ", f"{desk} ({place(move.to_no)})")
        elif move.kind is MoveKind.FINISHED:
            names = (people.get(move.giver_id or 0, ""), owner.name)
            parties = (place(move.from_no), "Người nộp hồ sơ")
        else:
            names = (people.get(move.giver_id or 0, ""), people.get(move.taker_id or 0, ""))
            parties = (place(move.from_no), place(move.to_no))
        words = (
            [] if move.kind in (MoveKind.BEGUN, MoveKind.HANDED_ON, MoveKind.FINISHED) else [move.kind.label]
        )
        result = ""
        if move.due_on is not None and move.from_no != move.to_no:
            result = timeliness(office_time(move.at).date(), move.due_on).label
        found.append(
            (
                move.at,
                _block(
                    parties, names, move.at, result, ": ".join([*words, move.note] if move.note else words)
                ),
            )
        )
    for row, opened, closed, due in asked:
        who = people.get(opened.actor_id or 0, "")
        found.append(
            (opened.occurred_at, _block((unit, row.agency), (who, ""), opened.occurred_at, "", "Lấy ý kiến"))
        )
        if closed is not None and closed.kind is EventKind.RECEIVE_OPINION:
            result = timeliness(closed.occurred_on, due.due_on).label
            found.append(
                (
                    closed.occurred_at,
                    _block((row.agency, unit), ("", ""), closed.occurred_at, result, "Nhận ý kiến"),
                )
            )
    found.sort(key=lambda pair: pair[0])
    return [block for _, block in found]


def _block(
    parties: tuple[str, str], names: tuple[str, str], at: datetime, result: str, note: str
) -> dict[str, str]:
    local = office_time(at)
    return {
        "giver": parties[0],
        "taker": parties[1],
        "giver_name": names[0],
        "taker_name": names[1],
        "at": f"{local:%H} giờ {local:%M} phút, {written_date(local)}",
        "result": result,
        "note": note,
    }


def _letter(
    session: Session,
    dossier: Dossier,
    kind: LetterKind,
    last: Document | None,
    on: date,
    more: Mapping[str, str],
) -> dict[str, Any]:
    """The words of a letter; one that was issued keeps the words by which it was."""
    text, on = letters.words_for(session, kind, on=on, last=last)
    owner = session.get_one(Applicant, dossier.applicant_id)
    version = session.get_one(ProcedureVersion, dossier.version_id)
    unit = units.header(session, on, dossier.unit_id)
    values = {
        "ma_ho_so": dossier.code,
        "chu_ho_so": owner.name,
        "ten_tthc": version.name,
        "noi_dung": dossier.subject or version.name,
        "ngay_tiep_nhan": moment_line(dossier.received_at),
        "ngay_hen_tra": told_line(dossier),
        "don_vi": unit.name,
        "bo_phan": unit.reception_desk,
        **more,
    }
    return {
        "code": dossier.code,
        "matter": _matter(session, dossier),
        "letter_version": text.version,
        "paragraphs": list(written(text.body, values)),
    }


def _matter(session: Session, dossier: Dossier) -> str:
    version = session.get_one(ProcedureVersion, dossier.version_id)
    procedure = session.get_one(Procedure, dossier.procedure_id)
    name = f"{version.name} ({procedure.national_code})" if procedure.national_code else version.name
    return f"{dossier.subject} – {name}" if dossier.subject and dossier.subject != version.name else name


def _paper_line(paper: Mapping[str, Any]) -> str:
    counts = [
        f"{paper[key]} {word}"
        for key, word in (
            ("originals", "bản chính"),
            ("certified", "bản sao chứng thực"),
            ("copies", "bản sao"),
        )
        if paper[key]
    ]
    return f"{paper['name']} ({', '.join(counts)})" if counts else str(paper["name"])


def _last_event(session: Session, dossier: Dossier, *kinds: EventKind) -> EventRow:
    return [row for row in dossier_queries.events_of(session, dossier.id) if row.kind in kinds][-1]


def _who(session: Session, account_id: int | None) -> str:
    return dossier_queries.people_named(session, [account_id]).get(account_id or 0, "")


#: What each form says about a dossier on a date. Raises NotFound when the dossier does not call for it.
CONTENTS: Mapping[str, Callable[[Session, Dossier, date], Content]] = {
    queries.REFUSAL: _refusal,
    queries.STOP: _stop,
    queries.CONTROL: _control,
    queries.SLIP: _slip,
    queries.HAND_OVER: _hand_over,
}
