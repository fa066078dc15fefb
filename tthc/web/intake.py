"""The intake form: what is asked, the due date that would be promised, and the three ways to end it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from tthc.domain.permissions import Action
from tthc.domain.vocabulary import DomainError
from tthc.services import (
    accounts,
    applicants,
    drafts,
    duplicates,
    filings,
    intake,
    procedure_picker,
    procedure_terms,
)
from tthc.services.applicants import KnownApplicant
from tthc.services.drafts import DraftView
from tthc.services.intake import IntakeRequest, PaperInput
from tthc.services.procedure_picker import PickerEntry
from tthc.services.procedure_terms import VersionTerms
from tthc.services.views import DuePreview, OpenDossier
from tthc.web import context
from tthc.web.fees import warn_of_receipt
from tthc.web.filters import local_date
from tthc.web.forms.base import clean_line
from tthc.web.forms.intake import IntakeForm, PaperLine, paper_lines, procedure_label
from tthc.web.guards import requires
from tthc.web.submissions import carried_out, new_token, once

pages = Blueprint("intake", __name__, url_prefix="/ho-so/tiep-nhan")

_PAPERS_UNSEEN = "Danh mục giấy tờ vừa hiện ra; đối chiếu số lượng nhận được rồi tiếp nhận."


class Desk:
    """One rendering of the intake form, with what depends on the chosen procedure.

    ``sent``: what was typed, where it comes from a draft and not with the request.
    """

    def __init__(self, sent: MultiDict[str, str] | None = None) -> None:
        person = context.actor()
        self.form = IntakeForm() if sent is None else IntakeForm(sent)
        self.form.offer(
            lambda: self.entries,
            lambda: accounts.officers(context.session(), person.unit_id, context.today()),
        )
        self._sent = request.form if sent is None else sent
        self.papers: list[PaperLine] = []
        self._spread()
        self.preview: DuePreview | None = None
        self.obstacle = ""
        self.duplicates: Sequence[OpenDossier] = ()
        self.found: Sequence[KnownApplicant] | None = None
        self.matching: int | None = None
        #: The field in which the page begins, where nothing was refused.
        self.start = "procedure_id"
        self.draft: DraftView | None = None
        if not self.form.once.data:
            self.form.once.data = new_token()

    @property
    def preview_url(self) -> str:
        """Where the card with the due date comes from."""
        return url_for("intake.preview")

    @cached_property
    def entries(self) -> Sequence[PickerEntry]:
        """The procedures as the picker shows them; what is received at once is never shown."""
        return procedure_picker.picker_entries(context.session(), actor=context.actor(), now=context.now())

    def pick(self, procedure_id: int | None) -> None:
        """Choose a procedure in the place of whoever typed."""
        self.form.procedure_id.data = procedure_id
        self._spread()

    def add_paper(self) -> None:
        """Offer one more free line for a paper."""
        needed = self.version.requirements if self.version else ()
        self.papers = paper_lines(needed, self._sent, more=1)
        self.start = self.papers[-1].key

    def drafted(self) -> str:
        """What the draft is about, in words."""
        if self.draft is None:
            return ""
        chosen = self.draft.value("procedure_id")
        named = [procedure_label(one.row) for one in self.entries if str(one.row.id) == chosen]
        return " · ".join(part for part in (*named, self.draft.value("applicant_name")) if part)

    def _spread(self) -> None:
        """Offer what depends on the procedure: cases and papers."""
        self.version = self._version()
        self.form.procedure_id.found = self.version is not None
        self.form.offer_cases(self.version.cases if self.version else ())
        needed = self.version.requirements if self.version else ()
        self.papers = paper_lines(needed, self._sent)

    def _version(self) -> VersionTerms | None:
        """What the chosen procedure says on the day of receipt, if it is on offer at all."""
        chosen, at = self.form.procedure_id.data, self.form.received_at.data
        found = None if chosen is None else procedure_terms.find_terms(context.session(), chosen)
        if found is None or not found.offered(context.today()):
            return None
        return found.shown(local_date(at) if at else context.today())

    @property
    def missing(self) -> list[PaperLine]:
        """The required papers that were not handed in, or in too few pieces."""
        return [line for line in self.papers if line.missing]

    def look_ahead(self) -> None:
        """Compute the due date that this form would get; what stands in the way is said in its place."""
        if self.version is None:
            return
        changed = request.headers.get("HX-Trigger-Name") == "procedure_id"
        if changed or (self.form.fee_due.data is None and not self.form.fee_due.errors):
            self.form.tell_fee(self.version.fee)
        self.duplicates = duplicates.find_duplicates(
            context.session(),
            actor=context.actor(),
            procedure_id=self.form.procedure_id.data,
            applicant=self.form.applicant(),
        )
        if self.form.channel.data is None:
            return
        try:
            self.preview = intake.preview_due(
                context.session(),
                now=context.now(),
                actor=context.actor(),
                procedure_id=self.form.procedure_id.data,
                case_id=self.form.case_id.data,
                channel=self.form.channel.data,
                received_at=self.form.received_at.data,
            )
        except DomainError as error:
            self.obstacle = error.message

    def valid(self, step: str) -> bool:
        """Whether form and paper lines are right as far as that can be told field by field."""
        right = [self.form.validate(), *(line.validate() for line in self.papers)]
        unseen = [line for line in self.papers if line.unseen]
        if unseen and step != "refuse":
            # Without a script, or ahead of it: the receipt would certify papers that nobody was asked for.
            unseen[0].form.originals.errors = [_PAPERS_UNSEEN]
            right.append(False)
        fee = self.version.fee if self.version else None
        return all([*right, self.form.ask_rules(context.now(), step, fee)])

    def request(self) -> IntakeRequest:
        """The form as the service takes it."""
        return self.form.request(self.handed_in(), self.version.fee if self.version else None)

    def handed_in(self) -> list[PaperInput]:
        """The papers as the service takes them."""
        return [paper for paper in (line.paper() for line in self.papers) if paper is not None]

    def summary(self) -> list[tuple[str | None, str]]:
        """All errors, those of the papers last."""
        found = list(self.form.summary())
        for line in self.papers:
            found += line.summary()
        return found

    def page(self, status: int = 200) -> ResponseReturnValue:
        """The whole page."""
        self.look_ahead()
        return render_template("dossiers/intake.html", desk=self, form=self.form), status


@pages.get("")
@requires(Action.RECEIVE_DOSSIER)
def new() -> ResponseReturnValue:
    """An empty form, a draft (``?nhap=1``), or one for the applicant of a dossier (``?tiep=code``)."""
    draft = drafts.get_draft(context.session(), now=context.now(), actor=context.actor(), form=drafts.INTAKE)
    if draft is not None and request.args.get("nhap"):
        return Desk(MultiDict(draft.pairs)).page()
    desk = Desk()
    desk.draft = draft
    code = request.args.get("tiep", "")
    if code:
        known, submitter = applicants.owner_of(context.session(), actor=context.actor(), code=code)
        desk.form.fill_in(known)
        desk.form.submitter_name.data = submitter
    return desk.page()


@pages.get("/chu-ho-so")
@requires(Action.RECEIVE_DOSSIER)
def suggest() -> ResponseReturnValue:
    """Applicants that answer what is being typed; for htmx."""
    q = clean_line(request.args.get("seek_applicant"))
    return render_template("dossiers/_applicants.html", found=_found(q), typed=True, seek=q)


def _found(q: str) -> list[KnownApplicant]:
    return applicants.find_applicants(context.session(), actor=context.actor(), q=q)


@pages.post("/them-giay-to")
@requires(Action.RECEIVE_DOSSIER)
def add_paper() -> ResponseReturnValue:
    """The papers with one more free line; for htmx."""
    desk = Desk()
    desk.add_paper()
    return render_template("dossiers/_papers.html", desk=desk, form=desk.form)


@pages.post("/nhap")
@requires(Action.RECEIVE_DOSSIER)
def keep_draft() -> ResponseReturnValue:
    """Keep what was typed so far; for htmx."""
    if _worth_keeping() and not carried_out(request.form.get("once", "")):
        drafts.save_draft(
            context.session(),
            now=context.now(),
            actor=context.actor(),
            form=drafts.INTAKE,
            pairs=[pair for pair in request.form.items(multi=True) if pair[0] not in _NOT_KEPT],
        )
    return "", 204


@pages.post("/bo-nhap")
@requires(Action.RECEIVE_DOSSIER)
def drop_draft() -> ResponseReturnValue:
    """Forget what was typed, and begin anew."""
    drafts.discard_draft(context.session(), actor=context.actor(), form=drafts.INTAKE)
    return redirect(url_for("intake.new"))


@pages.post("/xem-truoc")
@requires(Action.RECEIVE_DOSSIER)
def preview() -> ResponseReturnValue:
    """The card with the due date, and what else changes with the procedure; for htmx."""
    desk = Desk()
    desk.look_ahead()
    changed = request.headers.get("HX-Trigger-Name", "")
    return render_template("dossiers/_intake_changes.html", desk=desk, form=desk.form, changed=changed)


@pages.post("")
@requires(Action.RECEIVE_DOSSIER)
def save() -> ResponseReturnValue:
    """Receive, keep for later, or refuse: the button says which."""
    desk = Desk()
    step = request.form.get("step", "preview")
    if step in SEARCHES:
        SEARCHES[step](desk)
    if step not in STEPS:
        _take_applicant(desk)
        return desk.page()
    if not desk.valid(step):
        return desk.page(422)
    try:
        target = once(desk.form.once.data, lambda: STEPS[step](desk))
    except DomainError as error:
        desk.form.refuse(error)
        return desk.page(422)
    return redirect(target)


def _receive(desk: Desk) -> str:
    code = intake.receive_dossier(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        request=desk.request(),
    )
    flash(f"Đã tiếp nhận hồ sơ {code}.", "receipt")
    if desk.form.fee_receipt_no.data:
        warn_of_receipt(code)
    return url_for("dossiers.show", code=code)


def _keep(desk: Desk) -> str:
    filing_id = filings.save_filing(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        request=desk.request(),
    )
    flash("Đã lưu vào danh sách chờ tiếp nhận.", "done")
    return url_for("filings.show", filing_id=filing_id)


def _refuse(desk: Desk) -> str:
    filing_id = filings.refuse_intake(
        context.session(),
        now=context.now(),
        actor=context.actor(),
        request=desk.request(),
        reason=desk.form.reason.data,
    )
    flash("Đã ghi không tiếp nhận.", "done")
    return url_for("filings.show", filing_id=filing_id)


def _seek_procedure(desk: Desk) -> None:
    """Without a script: offer what answers the words, and pick it where it is the only one."""
    query = desk.form.seek_procedure.data
    if not query:
        return
    fitting = procedure_picker.matching(desk.entries, query)
    desk.matching = len(fitting)
    if not fitting:
        desk.start = "seek_procedure"
        return
    desk.form.procedure_id.offer(fitting)
    if desk.form.procedure_id.data not in [one.row.id for one in fitting]:
        desk.pick(fitting[0].row.id if len(fitting) == 1 else None)
    if len(fitting) == 1:
        desk.form.seek_procedure.data = ""  # found; Enter in another field does not look for it again


def _seek_applicant(desk: Desk) -> None:
    desk.found = _found(desk.form.seek_applicant.data)
    desk.start = "" if desk.found else "applicant_name"


def _seek(desk: Desk) -> None:
    """Enter in a field, without a script: look for what was typed to be looked for."""
    if desk.form.seek_applicant.data:
        _seek_applicant(desk)
    else:
        _seek_procedure(desk)


def _take_applicant(desk: Desk) -> None:
    chosen = request.form.get("applicant", "")
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 10:
        known = applicants.get_applicant(context.session(), actor=context.actor(), applicant_id=int(chosen))
        desk.form.fill_in(known.data)
        desk.form.seek_applicant.data = ""
        desk.start = "applicant_name"


#: What the buttons do that only help to fill in the form, for those without a script.
SEARCHES = {
    "enter": _seek,
    "procedure": _seek_procedure,
    "applicant": _seek_applicant,
    "paper": Desk.add_paper,
}


def _worth_keeping() -> bool:
    """Whether a procedure was chosen or more was typed than what a search leaves in one field by itself."""
    typed = [name for name in _TYPED if clean_line(request.form.get(name))]
    return "procedure_id" in typed or len(typed) > 1


#: What whoever fills in the form chooses or types first.
_TYPED = (
    "procedure_id",
    "given_code",
    "applicant_name",
    "id_number",
    "phone",
    "email",
    "address",
    "submitter_name",
    "subject",
    "note",
)
#: What is no part of a draft.
_NOT_KEPT = frozenset(
    {"csrf_token", "once", "step", "seek_procedure", "seek_applicant", "confirm_duplicate", "confirm_missing"}
)

#: What the buttons of the form do; each returns the address to go on to.
STEPS = {"receive": _receive, "save": _keep, "refuse": _refuse}
