"""Who may do what: one role × action table, checked by services and named by route guards."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tthc.domain.vocabulary import DomainError, Role


class Action(StrEnum):
    """Every action that a signed-in person can be allowed."""

    VIEW_DOSSIERS = "view_dossiers"
    RECEIVE_DOSSIER = "receive_dossier"
    PROCESS_DOSSIER = "process_dossier"
    RECORD_FEE = "record_fee"
    VIEW_FEES = "view_fees"
    HAND_OVER_DOSSIER = "hand_over_dossier"
    ASSIGN_DOSSIER = "assign_dossier"
    KEEP_PAPERS = "keep_papers"
    TRANSFER_DOSSIERS = "transfer_dossiers"
    STOP_DOSSIER = "stop_dossier"
    REOPEN_DOSSIER = "reopen_dossier"
    APPROVE_EXTENSION = "approve_extension"
    CORRECT_INTAKE = "correct_intake"
    CORRECT_DOSSIER = "correct_dossier"
    EDIT_APPLICANT = "edit_applicant"
    MERGE_APPLICANTS = "merge_applicants"
    VIEW_ACCESS_LOG = "view_access_log"
    VIEW_PETITIONS = "view_petitions"
    RECORD_PETITION = "record_petition"
    CORRECT_PETITION = "correct_petition"
    VIEW_ALERTS = "view_alerts"
    ACKNOWLEDGE_ALERT = "acknowledge_alert"
    ANSWER_OWN_ALERT = "answer_own_alert"
    VIEW_TALLIES = "view_tallies"
    PREPARE_REPORT = "prepare_report"
    CLOSE_PERIOD = "close_period"
    EXPORT_REGISTER = "export_register"
    IMPORT_REGISTER = "import_register"
    VIEW_REGISTER = "view_register"
    KEEP_REGISTER = "keep_register"
    LOCK_REGISTER = "lock_register"
    RECORD_INVESTMENT = "record_investment"
    PLAN_INVESTMENT = "plan_investment"
    VIEW_CATALOGUE = "view_catalogue"
    EDIT_CATALOGUE = "edit_catalogue"
    VIEW_CALENDAR = "view_calendar"
    CHANGE_CALENDAR = "change_calendar"
    MOVE_PROMISES = "move_promises"
    VIEW_SETTINGS = "view_settings"
    CHANGE_SETTINGS = "change_settings"
    RUN_JOBS = "run_jobs"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_UNIT = "manage_unit"
    DELEGATE = "delegate"
    EDIT_LETTERS = "edit_letters"
    RESEND_MESSAGE = "resend_message"
    OWN_ACCOUNT = "own_account"


_EVERYBODY = frozenset(Role)
_DESK = frozenset({Role.CLERK, Role.SUPERVISOR})
_WORK = frozenset({Role.CLERK, Role.OFFICER, Role.SUPERVISOR})

#: The whole table. An auditor reads everything and changes nothing; an administrator keeps the
#: catalogue, the unit and the accounts but does not work on dossiers.
ALLOWED: dict[Action, frozenset[Role]] = {
    Action.VIEW_DOSSIERS: _EVERYBODY,
    Action.RECEIVE_DOSSIER: _DESK,
    Action.PROCESS_DOSSIER: _WORK,
    # Money is taken where dossiers are received, and counted by whoever answers for it.
    Action.RECORD_FEE: _DESK,
    Action.VIEW_FEES: _DESK | {Role.REPORTER, Role.AUDITOR},
    Action.HAND_OVER_DOSSIER: _DESK,
    Action.ASSIGN_DOSSIER: frozenset({Role.SUPERVISOR, Role.CLERK}),
    # Whoever works on a dossier scans its papers, and takes out what was scanned by mistake.
    Action.KEEP_PAPERS: _WORK,
    # Either side may write down what both sign.
    Action.TRANSFER_DOSSIERS: _WORK,
    Action.STOP_DOSSIER: frozenset({Role.SUPERVISOR}),
    Action.REOPEN_DOSSIER: frozenset({Role.SUPERVISOR}),
    Action.APPROVE_EXTENSION: frozenset({Role.SUPERVISOR}),
    # The desk mends what it mistyped on the same day; later a correction may turn late into on time.
    Action.CORRECT_INTAKE: _DESK,
    Action.CORRECT_DOSSIER: frozenset({Role.SUPERVISOR}),
    Action.EDIT_APPLICANT: _DESK,
    # Dossiers move with it; it can be taken back.
    Action.MERGE_APPLICANTS: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Action.VIEW_ACCESS_LOG: frozenset({Role.ADMIN, Role.AUDITOR}),
    Action.VIEW_PETITIONS: _EVERYBODY,
    Action.RECORD_PETITION: _WORK,
    Action.CORRECT_PETITION: frozenset({Role.SUPERVISOR}),
    Action.VIEW_ALERTS: _EVERYBODY,
    Action.ACKNOWLEDGE_ALERT: frozenset({Role.SUPERVISOR}),
    # Whoever has a dossier in hand says why it is late before it goes up to the supervisors.
    Action.ANSWER_OWN_ALERT: _WORK,
    Action.VIEW_TALLIES: _EVERYBODY,
    # Whoever draws up a report is not the one who answers for it.
    Action.PREPARE_REPORT: frozenset({Role.REPORTER, Role.SUPERVISOR}),
    Action.CLOSE_PERIOD: frozenset({Role.SUPERVISOR}),
    Action.EXPORT_REGISTER: frozenset({Role.REPORTER, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR}),
    Action.IMPORT_REGISTER: frozenset({Role.REPORTER, Role.CLERK, Role.ADMIN}),
    # The desk keeps the yearly book and prints it; its head locks it (Circular 01/2018 article 10.2).
    Action.VIEW_REGISTER: _DESK | {Role.REPORTER, Role.ADMIN, Role.AUDITOR},
    Action.KEEP_REGISTER: _DESK,
    Action.LOCK_REGISTER: frozenset({Role.SUPERVISOR}),
    # Whoever resolves or hands over knows the certificate; the reporter completes what is missing.
    Action.RECORD_INVESTMENT: _WORK | {Role.REPORTER},
    # Opening balances and plans come from papers of the whole board.
    Action.PLAN_INVESTMENT: frozenset({Role.REPORTER, Role.ADMIN}),
    Action.VIEW_CATALOGUE: _EVERYBODY,
    Action.EDIT_CATALOGUE: frozenset({Role.ADMIN}),
    Action.VIEW_CALENDAR: _EVERYBODY,
    # Whoever enters a day off need not be the one who moves what was promised to applicants.
    Action.CHANGE_CALENDAR: frozenset({Role.ADMIN, Role.SUPERVISOR}),
    Action.MOVE_PROMISES: frozenset({Role.SUPERVISOR}),
    Action.VIEW_SETTINGS: frozenset({Role.SUPERVISOR, Role.REPORTER, Role.ADMIN, Role.AUDITOR}),
    # How the office counts is decided by its head; an administrator enters what was decided.
    Action.CHANGE_SETTINGS: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Action.RUN_JOBS: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Action.MANAGE_ACCOUNTS: frozenset({Role.ADMIN}),
    Action.MANAGE_UNIT: frozenset({Role.ADMIN}),
    # A supervisor delegates for himself; an administrator enters what was decided on paper.
    Action.DELEGATE: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Action.EDIT_LETTERS: frozenset({Role.ADMIN}),
    Action.RESEND_MESSAGE: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Action.OWN_ACCOUNT: _EVERYBODY,
}


class NotAllowed(DomainError):
    """The signed-in person may not do this."""


@dataclass(frozen=True)
class Actor:
    """Who acts: an account within a unit, with the roles it holds there now.

    ``account_id`` is ``None`` for the system itself (scheduler, command line).
    """

    account_id: int | None
    unit_id: int
    name: str
    roles: frozenset[Role]

    def may(self, action: Action) -> bool:
        """Whether one of the actor's roles is allowed ``action``."""
        return bool(self.roles & ALLOWED[action])

    def require(self, action: Action) -> None:
        """Raise :class:`NotAllowed` unless :meth:`may`."""
        if not self.may(action):
            raise NotAllowed("Tài khoản của bạn không có quyền thực hiện việc này.")


def system_actor(unit_id: int) -> Actor:
    """The program itself: whoever runs a command on the machine may do everything."""
    return Actor(account_id=None, unit_id=unit_id, name="Hệ thống", roles=_EVERYBODY)
