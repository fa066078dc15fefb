"""All models, so that one import makes the metadata whole."""

from __future__ import annotations

from tthc.db.models.alerts import Alert, Draft, JobLease, JobRun, OutboxMessage
from tthc.db.models.applicants import ApplicantMerge
from tthc.db.models.calendar import CalendarDayRow, CalendarVersion, CalendarYear
from tthc.db.models.catalogue import (
    LimitSegmentRow,
    Procedure,
    ProcedureCase,
    ProcedureChange,
    ProcedureVersion,
    Requirement,
    Sector,
    StepTemplate,
)
from tthc.db.models.dossiers import (
    AccessLog,
    Applicant,
    AuditEntry,
    AuditHead,
    Dossier,
    DossierSpan,
    EventRow,
    Filing,
    FilingSupplement,
    SearchEntry,
)
from tthc.db.models.due_dates import (
    Consultation,
    DueDateRow,
    Extension,
    PauseRow,
    Petition,
    Supplement,
)
from tthc.db.models.hand_overs import CollectionReminder, HandOver
from tthc.db.models.investment import InvestmentCertificate, InvestmentChange, InvestmentPlan
from tthc.db.models.lists import ChosenColumns, SavedFilter
from tthc.db.models.lookup import LookupCount
from tthc.db.models.notices import Notice
from tthc.db.models.papers import Attachment, Document, FeePayment, LetterTemplate
from tthc.db.models.periods import Counter, OpeningBalance, PeriodClose, PeriodMember, Report
from tthc.db.models.register import RegisterLock, RegisterVolume
from tthc.db.models.rules import DuePolicyRow, Setting
from tthc.db.models.steps import Step, StepMove, Transfer, TransferItem
from tthc.db.models.take_over import TakeOver, TakeOverItem
from tthc.db.models.units import Account, Delegation, Membership, Unit, UnitCode, UnitName

__all__ = [
    "AccessLog",
    "Account",
    "Alert",
    "Applicant",
    "ApplicantMerge",
    "Attachment",
    "AuditEntry",
    "AuditHead",
    "CalendarDayRow",
    "CalendarVersion",
    "CalendarYear",
    "ChosenColumns",
    "CollectionReminder",
    "Consultation",
    "Counter",
    "Delegation",
    "Document",
    "Dossier",
    "DossierSpan",
    "Draft",
    "DueDateRow",
    "DuePolicyRow",
    "EventRow",
    "Extension",
    "FeePayment",
    "Filing",
    "FilingSupplement",
    "HandOver",
    "InvestmentCertificate",
    "InvestmentChange",
    "InvestmentPlan",
    "JobLease",
    "JobRun",
    "LetterTemplate",
    "LimitSegmentRow",
    "LookupCount",
    "Membership",
    "Notice",
    "OpeningBalance",
    "OutboxMessage",
    "PauseRow",
    "PeriodClose",
    "PeriodMember",
    "Petition",
    "Procedure",
    "ProcedureCase",
    "ProcedureChange",
    "ProcedureVersion",
    "RegisterLock",
    "RegisterVolume",
    "Report",
    "Requirement",
    "SavedFilter",
    "SearchEntry",
    "Sector",
    "Setting",
    "Step",
    "StepMove",
    "StepTemplate",
    "Supplement",
    "TakeOver",
    "TakeOverItem",
    "Transfer",
    "TransferItem",
    "Unit",
    "UnitCode",
    "UnitName",
]
