"""Handing a dossier on within the office: to the next step, back, and from one person to another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, Step
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import search
from tthc.db.queries import steps as queries
from tthc.domain.lifecycle import allowed
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, EventKind, MoveKind, Role
from tthc.services import accounts, history, step_following
from tthc.services.dossiers import Call, needed_text
from tthc.services.step_following import Scene, open_step
from tthc.services.transaction import NotFound, StaleVersion, transaction
from tthc.services.views import Choice


def hand_on(session: Session, *, call: Call, taker_id: int | None, note: str = "") -> None:
    """The open step ends and the next begins, in the hands of a person of its role.

    A dossier that was only received is under way from its second step on; whoever has an officer's step is in
    charge of the dossier.
    """
    with moving(session, call) as (scene, steps):
        step = in_hand(scene, steps)
        if step is steps[-1]:
            raise DomainError(
                "Hồ sơ đang ở bước cuối của quy trình; bước này kết thúc khi trả kết quả cho người nộp."
            )
        target = steps[step.no]
        taker = _taker(scene, target, taker_id)
        pass_on(scene, steps, step, target, taker=taker, note=_note_text(note))


def take_back(session: Session, *, call: Call, note: str = "") -> None:
    """Whoever handed the dossier on last takes it back, as long as nothing else has happened to its steps."""
    with moving(session, call) as (scene, steps):
        step = _open(steps)
        last = queries.last_move(session, scene.dossier.id)
        if last is None or last.kind is not MoveKind.HANDED_ON or last.from_no is None:
            raise DomainError("Chỉ thu hồi được ngay sau khi chuyển bước.")
        if call.actor.account_id not in (last.giver_id, last.actor_id) and not _leads(call.actor):
            raise DomainError("Chỉ người đã chuyển hoặc lãnh đạo được thu hồi.")
        before = steps[last.from_no - 1]
        step_following.hand_to(
            scene, steps, step, before, MoveKind.TAKEN_BACK, before.officer_id, _note_text(note)
        )


def send_back(session: Session, *, call: Call, reason: str) -> None:
    """The dossier goes back to the step before, to the person who had it there, with a reason."""
    with moving(session, call) as (scene, steps):
        step = in_hand(scene, steps)
        if step is steps[0]:
            raise DomainError("Hồ sơ đang ở bước đầu của quy trình, không có bước trước để trả.")
        why = needed_text(reason, "reason", "Nhập lý do trả lại bước trước.")
        before = steps[step.no - 2]
        step_following.hand_to(scene, steps, step, before, MoveKind.SENT_BACK, before.officer_id, why)


@contextmanager
def moving(session: Session, call: Call) -> Iterator[tuple[Scene, Sequence[Step]]]:
    """The dossier with its steps, locked, in its own transaction; refuses what is out of date or ended."""
    call.actor.require(Action.PROCESS_DOSSIER)
    with transaction(session):
        dossier = dossier_queries.by_code(session, call.actor.unit_id, call.code, lock=True)
        if dossier is None:
            raise NotFound(f"Không tìm thấy hồ sơ {call.code}.")
        if dossier.version != call.version:
            raise StaleVersion
        if dossier.ended_at is not None:
            raise DomainError("Hồ sơ đã kết thúc giải quyết nên không chuyển bước được nữa.")
        scene = scene_of(session, call.actor, dossier, call.now)
        yield scene, laid_out(scene)
        dossier.version += 1
        search.write(session, dossier)


def scene_of(session: Session, actor: Actor, dossier: Dossier, now: datetime) -> Scene:
    """A dossier at a moment, as those who move its steps see it."""
    life = history.life_of(dossier_queries.events_of(session, dossier.id))
    return Scene(session, actor, dossier, life, now, now)


def laid_out(scene: Scene) -> Sequence[Step]:
    """The steps of a dossier; one that came from elsewhere gets them when it is first handed on."""
    if not queries.steps_of(scene.session, scene.dossier.id):
        step_following.begin(scene)
    return queries.steps_of(scene.session, scene.dossier.id)


def pass_on(
    scene: Scene,
    steps: Sequence[Step],
    step: Step,
    target: Step,
    *,
    taker: int | None,
    note: str,
    transfer_id: int | None = None,
) -> None:
    """Hand the dossier to a later step, and record what that means to the dossier itself."""
    step_following.hand_to(
        scene, steps, step, target, MoveKind.HANDED_ON, taker, note, transfer_id=transfer_id
    )
    happenings = []
    if target.role is Role.OFFICER and taker is not None and taker != scene.dossier.officer_id:
        happenings.append(history.Happening(EventKind.ASSIGN, scene.at, {"officer_id": taker}, note=note))
    if EventKind.START in allowed(scene.life):
        happenings.append(history.Happening(EventKind.START, scene.at))
    for happening in happenings:
        history.record(
            scene.session, now=scene.recorded_at, actor=scene.actor, dossier=scene.dossier, what=happening
        )


def in_hand(scene: Scene, steps: Sequence[Step]) -> Step:
    """The open step, if this person may hand it on: whose it is, or nobody's, or a supervisor."""
    step = _open(steps)
    actor = scene.actor
    if step.officer_id in (None, actor.account_id) or _leads(actor) or actor.account_id is None:
        return step
    named = dossier_queries.people_named(scene.session, [step.officer_id])
    holder = named.get(step.officer_id or 0, "người khác")
    raise DomainError(f"Bước “{step.name}” đang do {holder} xử lý; chỉ người này hoặc lãnh đạo được chuyển.")


def takers(session: Session, unit_id: int, role: Role, on: date) -> list[Choice]:
    """Who can be given a step of a role on a date, in the Vietnamese order of names."""
    return accounts.people_of(session, unit_id, on, role)


def _open(steps: Sequence[Step]) -> Step:
    step = open_step(steps)
    if step is None:
        raise DomainError("Hồ sơ không ở bước xử lý nào.")
    return step


def _leads(actor: Actor) -> bool:
    return Role.SUPERVISOR in actor.roles


def _taker(scene: Scene, step: Step, taker_id: int | None) -> int:
    on = scene.at.astimezone(OFFICE_ZONE).date()
    people = {choice.value for choice in takers(scene.session, scene.dossier.unit_id, step.role, on)}
    if taker_id is None or str(taker_id) not in people:
        raise DomainError(
            f"Chọn người nhận bước “{step.name}” trong danh sách {step.role.label.lower()}.", "taker_id"
        )
    return taker_id


def _note_text(note: str) -> str:
    text = nfc(note).strip()
    if len(text) > 2000:
        raise DomainError("Ghi chú dài quá 2.000 ký tự; rút gọn lại.", "note")
    return text
