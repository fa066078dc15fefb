"""The base of all forms: Vietnamese messages, clean text, dates as the office types them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, Self
from weakref import WeakKeyDictionary

from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import Field, FileField, Form, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, StopValidation, ValidationError
from wtforms.widgets import TextInput
from wtforms.widgets.core import clean_key

from tthc.domain.amounts import show_count
from tthc.domain.text import nfc, squeeze
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, LabelledEnum
from tthc.services.views import Choice

#: The shortest and longest texts that people type; the database holds more.
LINE = 300
PARAGRAPH = 2000

_NO_CHOICE = "Chọn một mục có trong danh sách."

#: Sentences that do not say by themselves which field they mean; the summary names it before them.
_NAMELESS = ("Chọn một mục", "Nhập số nguyên", "Viết ngắn hơn")

#: Dates outside are slips of the finger, and date arithmetic near year 1 fails.
_FIRST_YEAR, _LAST_YEAR = 1900, 2200

_MESSAGES = {
    "This field is required.": "Nhập ô này.",
    "Invalid input.": "Giá trị này không hợp lệ.",
    "File does not have an approved extension.": "Chọn tệp đúng loại.",
}


class VietnameseMessages:
    """The few sentences of WTForms that users can meet."""

    def gettext(self, text: str) -> str:
        """The Vietnamese sentence, or the text itself if it is ours already."""
        return _MESSAGES.get(text, text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Vietnamese has no plural."""
        return self.gettext(one if number == 1 else many)


#: So many fields are kept of one class of forms: prefixes with the key of a row never come to an end.
MOST_MADE = 5_000
#: The fields of each class of forms as they were first made, by name and prefix.
_made: WeakKeyDictionary[type[Form], dict[tuple[str, str], Field]] = WeakKeyDictionary()


class OfficeMeta:
    """What all forms have in common: Vietnamese instead of the browser's language, and fields made once.

    The token against forgery is asked of every request before its view, so no form asks for it again.
    """

    locales = ("vi",)
    csrf = False
    _messages = VietnameseMessages()

    def get_translations(self, form: Any) -> VietnameseMessages:
        """The one catalogue that there is."""
        return self._messages

    def bind_field(self, form: Form, unbound_field: Any, options: dict[str, Any]) -> Field:
        """A field of a form: a copy of the one that was made first, as making one takes longest of all.

        What a request changes of a field it puts in the place of what was there, so copies share the rest.
        """
        made = _made.setdefault(type(form), {})
        key = options["name"], options["prefix"]
        first = made.get(key)
        if first is None:
            first = unbound_field.bind(form=form, **options)
            # The form would keep its class, and with that this field, for ever.
            first._form = first.meta = None  # noqa: SLF001
            if len(made) >= MOST_MADE:
                made.clear()
            made[key] = first
        field = object.__new__(type(first))
        field.__dict__.update(first.__dict__, _form=form, meta=self)
        return field


class VietnameseForm(FlaskForm):
    """A form with its own error summary, and a place for what the service refused."""

    class Meta(OfficeMeta, FlaskForm.Meta):
        """As all forms here."""

    def refuse(self, error: DomainError) -> None:
        """Put a refusal of the service, and what it names beside, at its field, else over the whole form."""
        for one in (error, *error.also):
            self._put(one)

    def _put(self, error: DomainError) -> None:
        field = self._fields.get(error.field or "")
        if field is None or field.type == "HiddenField":
            self.form_errors.append(error.message)
        else:
            field.errors = [*field.errors, error.message]

    def ask(self, rule: Callable[[], object]) -> None:
        """Ask a rule of the services beforehand; a field that is wrong already is not wrong twice."""
        try:
            rule()
        except DomainError as error:
            for one in (error, *error.also):
                if one.field not in self.errors:
                    self._put(one)

    def summary(self) -> list[tuple[str | None, str]]:
        """All errors from top to bottom as (id of the input, sentence)."""
        found: list[tuple[str | None, str]] = [(None, text) for text in self.form_errors]
        for field in self:
            for text in _flat(field.errors):
                named = f"{field.label.text}: {text}" if text.startswith(_NAMELESS) else text
                found.append((str(field.id), named))
        return found

    def shown(self) -> Hashable:
        """All that its fields show, for the key under which a part of a page with them is kept.

        Without what is hidden: the token belongs to one session, the version to one state of one dossier.
        """
        return type(self), *(
            (
                field.name,
                field.label.text,
                field.description,
                tuple(field.errors),
                # Which file was chosen is for the browser to show.
                None if isinstance(field, FileField) else field.data,
                tuple(field.choices) if isinstance(field, ChoiceField) else field._value(),  # noqa: SLF001
            )
            for field in self
            if not isinstance(field, HiddenField)
        )

    def made(self) -> Self:
        """The form itself; see :class:`Unsent`."""
        return self


class OfferingForm(VietnameseForm):
    """A form whose fields depend on what is on offer, which is a value that can be compared."""

    def offer(self, offered: Any) -> None:
        """Let the fields show what is on offer."""


class Unsent:
    """A form as a page offers it before anybody has filled it in.

    Most forms of a page stay folded, and to make one takes as long as a query. This one is made where
    ``{% kept form.shown() %}`` has not met its like yet: of the same class, with the same on offer.
    """

    def __init__(self, form_class: type[OfferingForm], prefix: str, offered: Hashable = None) -> None:
        self._form_class, self._prefix, self._offered = form_class, prefix, offered

    def shown(self) -> Hashable:
        """What decides everything that its fields show."""
        return self._form_class, self._prefix, self._offered

    def made(self) -> OfferingForm:
        """The form with its fields."""
        form = self._form_class(formdata=None, prefix=self._prefix)
        form.offer(self._offered)
        return form


class RowForm(Form):
    """One row of several within a form; its fields bear a prefix of their own."""

    class Meta(OfficeMeta):
        """As all forms here."""


class QueryForm(VietnameseForm):
    """A form that is sent with the address (GET): wrong values are simply not applied."""

    def right(self, name: str) -> Any:
        """The value of a field, or ``None`` if what was typed there cannot be read."""
        field = self._fields[name]
        return None if field.errors else field.data


def _flat(errors: Iterable[Any]) -> list[str]:
    """Messages of a field and of the fields within it."""
    if isinstance(errors, dict):
        return [text for inner in errors.values() for text in _flat(inner)]
    return [
        text
        for item in errors
        for text in (_flat(item) if isinstance(item, dict | list | tuple) else [str(item)])
    ]


def clean_line(text: str | None) -> str:
    """One line in NFC: spaces folded, control characters gone."""
    kept = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text or "")
    return squeeze(kept)


def clean_paragraph(text: str | None) -> str:
    """Several lines in NFC: line ends kept, other control characters gone."""
    unified = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(sign for sign in unified if sign in "\n\t" or unicodedata.category(sign) != "Cc")
    return nfc(kept).strip()


def needed(message: str) -> InputRequired:
    """The field must not be empty."""
    return _Needed(message)


class _Needed(InputRequired):
    """Like InputRequired, but looks at the cleaned text, and without the browser's own bubble."""

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is None or field.data == "" or field.data == []:
            if not field.errors:
                raise StopValidation(self.message)
            raise StopValidation


def attributes(**values: Any) -> Markup:
    """Attributes of an element as the library writes them, in a fraction of its time; a page has hundreds."""
    written = []
    for key, value in sorted(values.items()):
        name = _attribute(key)
        if value is True:
            written.append(name)
        elif value is not False:
            quoted = str(escape(value)).replace('"', "&quot;")
            written.append(f'{name}="{quoted}"')
    return Markup(" ".join(written))  # noqa: S704 - every value is escaped


@cache
def _attribute(key: str) -> str:
    return clean_key(key)


class _OneLine(TextInput):
    """The HTML of an input of one line."""

    def __call__(self, field: Any, **given: Any) -> Markup:
        flags = {name: value for name, value in vars(field.flags).items() if name in self.validation_attrs}
        inner = attributes(
            **{
                "id": field.id,
                "type": self.input_type,
                "value": field._value(),  # noqa: SLF001 - as the widgets of the library ask it
                **flags,
                **given,
                "name": field.name,
            }
        )
        return Markup(f"<input {inner}>")  # noqa: S704 - every value is escaped


class LineField(StringField):
    """One line of text."""

    widget = _OneLine()

    def __init__(self, label: str, need: str = "", longest: int = LINE, **kwargs: Any) -> None:
        checks = [needed(need)] if need else [Optional()]
        checks.append(Length(max=longest, message=f"Viết ngắn hơn: tối đa {longest} ký tự."))
        kwargs.setdefault("render_kw", {}).setdefault("maxlength", longest)
        super().__init__(label, checks, filters=[clean_line], **kwargs)


class ParagraphField(TextAreaField):
    """Several lines of text."""

    def __init__(self, label: str, need: str = "", longest: int = PARAGRAPH, **kwargs: Any) -> None:
        checks = [needed(need)] if need else [Optional()]
        checks.append(Length(max=longest, message=f"Viết ngắn hơn: tối đa {longest} ký tự."))
        kwargs.setdefault("render_kw", {}).setdefault("rows", 2)
        super().__init__(label, checks, filters=[clean_paragraph], **kwargs)


class CountField(IntegerField):
    """A small whole number, typed as text so that no wheel of a mouse changes it."""

    widget = _OneLine("number")

    def __init__(self, label: str, least: int = 0, most: int = 999, size: int = 4, **kwargs: Any) -> None:
        self.least, self.most = least, most
        # Years and other short numbers are written without dots.
        first, last = (show_count(bound) if most > 9999 else str(bound) for bound in (least, most))
        self.span = f"Nhập số nguyên từ {first} đến {last}."
        kwargs.setdefault("render_kw", {}).update(inputmode="numeric", autocomplete="off", size=size)
        super().__init__(label, [Optional(), self._check], **kwargs)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Digits only; an empty field is nothing."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if text:
            if not (text.isascii() and text.isdigit() and len(text) < 10):
                raise ValueError(self.span)
            self.data = int(text)

    def _check(self, _form: Any, field: Any) -> None:
        if field.data is not None and not self.least <= field.data <= self.most:
            raise ValidationError(self.span)


_DATE = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})|(\d{2})(\d{2})(\d{4})")
_TIME = re.compile(r"(\d{1,2})[:hg](\d{2})")


def read_date(text: str) -> date:
    """A date as ``22/11/2026``, ``22112026`` or ``2026-11-22``; raises ValueError."""
    match = _DATE.fullmatch(text) if text.isascii() else None
    parts = [int(part) for part in match.groups() if part] if match else []
    if not parts and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        parts = [int(part) for part in reversed(text.split("-"))]
    try:
        day, month, year = parts
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            raise ValueError(year)
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"not a date: {text!r}")


class DateField(StringField):
    """A date typed as text. ``what`` is the noun of the message: "ngày tiếp nhận"."""

    widget = _OneLine()

    shape = "ngày/tháng/năm, ví dụ 22/11/2026"

    def __init__(self, label: str, what: str, need: bool = False, **kwargs: Any) -> None:
        self.message = f"Nhập {what} theo dạng {self.shape}."
        kwargs.setdefault("render_kw", {}).update(
            inputmode="numeric", autocomplete="off", placeholder="ngày/tháng/năm", size=12
        )
        super().__init__(label, [needed(self.message)] if need else [Optional()], **kwargs)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed, and keep the text beside it."""
        text = valuelist[0].strip() if valuelist else ""
        self.data: date | None = None
        if text:
            try:
                self.data = read_date(text)
            except ValueError:
                raise ValueError(self.message)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%d/%m/%Y}" if self.data else ""


class MomentField(DateField):
    """A date and a time of day at the office; the value is an aware moment."""

    shape = "ngày/tháng/năm giờ:phút, ví dụ 22/11/2026 16:30"

    def __init__(self, label: str, what: str, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {})
        super().__init__(label, what, **kwargs)
        self.render_kw: dict[str, Any] = {
            **kwargs["render_kw"],
            "placeholder": "ngày/tháng/năm giờ:phút",
            "size": 22,
        }

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed; ``T`` between date and time is taken as well."""
        text = valuelist[0].strip().replace("T", " ") if valuelist else ""
        self.data: datetime | None = None
        if not text:
            return
        day, _, clock = text.partition(" ")
        match = _TIME.fullmatch(clock.strip())
        try:
            if match is None:
                raise ValueError(clock)
            at = time(int(match[1]), int(match[2]))
            self.data = datetime.combine(read_date(day), at, OFFICE_ZONE)
        except ValueError:
            raise ValueError(self.message)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data.astimezone(OFFICE_ZONE):%d/%m/%Y %H:%M}" if self.data else ""


class ClockField(StringField):
    """A time of day; ``what`` is the noun of the message: "giờ chốt"."""

    widget = _OneLine()

    def __init__(self, label: str, what: str, **kwargs: Any) -> None:
        self.message = f"Nhập {what} theo dạng giờ:phút, ví dụ 07:30."
        kwargs.setdefault("render_kw", {}).update(
            inputmode="numeric", autocomplete="off", placeholder="giờ:phút", size=6
        )
        super().__init__(label, [Optional()], **kwargs)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """``07:30`` or ``7h30``."""
        text = valuelist[0].strip() if valuelist else ""
        self.data: time | None = None
        if not text:
            return
        match = _TIME.fullmatch(text) if text.isascii() else None
        try:
            if match is None:
                raise ValueError(text)
            self.data = time(int(match[1]), int(match[2]))
        except ValueError:
            raise ValueError(self.message)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%H:%M}" if self.data else ""


def words(enum: type[LabelledEnum], empty: str | None = None) -> list[tuple[str, str]]:
    """The members of an enum as choices, with an empty one before them if it has a word."""
    first = [] if empty is None else [("", empty)]
    return first + [(one.value, one.label) for one in enum]


def options(choices: Iterable[Choice], empty: str | None = None) -> list[tuple[str, str]]:
    """Choices of a service as choices of a select."""
    first = [] if empty is None else [("", empty)]
    return first + [(one.value, one.label) for one in choices]


def member(enum: type[StrEnum]) -> Any:
    """Coercion of a select to an enum; the empty choice is ``None``."""

    def coerce(value: Any) -> Any:
        return enum(value) if value not in (None, "", "None") else None

    return coerce


def number(value: Any) -> int | None:
    """Coercion of a select to the id of a row; the empty choice is ``None``."""
    if value in (None, "", "None"):
        return None
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(text)
    return int(text)


class _Options:
    """The HTML of a select."""

    def __call__(self, field: ChoiceField, **given: Any) -> Markup:
        given = {"id": field.id, "name": field.name, **given}
        if any(isinstance(check, InputRequired) for check in field.validators):
            given["required"] = True
        inner = _options_of(field.choices, "" if field.data is None else str(field.data))
        return Markup(f"<select {attributes(**given)}>{inner}</select>")  # noqa: S704 - all is escaped


@lru_cache(maxsize=200)
def _options_of(choices: tuple[tuple[str, str], ...], sent: str) -> str:
    """The options of a select; there may be a hundred, and the same on page after page."""
    return "".join(
        f'<option {"selected " if value == sent else ""}value="{escape(value)}">{escape(label)}</option>'
        for value, label in choices
    )


class ChoiceField(Field):
    """A select of (value, words); the empty choice is ``None``, and a wrong one is never replaced by another.

    Not built on the library's own select, whose choices change their shape from release to release.
    """

    widget = _Options()
    #: Never changed in place: the fields of all forms of a class begin with the same ones.
    _choices: tuple[tuple[str, str], ...]
    _later: Callable[[], Iterable[tuple[str, str]]] | None = None

    def __init__(
        self,
        label: str,
        validators: Sequence[Any] = (),
        *,
        choices: Sequence[tuple[str, str]],
        coerce: Callable[[str], Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.choices = tuple(choices)
        self.coerce = coerce

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """What is on offer, (value, words)."""
        if self._later is not None:
            self._choices, self._later = (*self._choices, *self._later()), None
        return self._choices

    @choices.setter
    def choices(self, choices: Iterable[tuple[str, str]]) -> None:
        self._choices, self._later = tuple(choices), None

    def offer_later(self, empty: str, load: Callable[[], Iterable[tuple[str, str]]]) -> None:
        """Offer nothing, in these words, and what ``load`` reads once it is shown or chosen from."""
        self._choices, self._later = (("", empty),), load

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """An unreadable value is refused."""
        if not valuelist:
            return
        try:
            self.data = self.coerce(valuelist[0])
        except (ValueError, TypeError):
            self.data = None
            raise ValueError(_NO_CHOICE)

    def pre_validate(self, form: Any) -> None:
        """What was sent must be on offer."""
        sent = "" if self.data is None else str(self.data)
        if self.errors or (self._later is not None and not sent):
            return
        if sent not in {value for value, _ in self.choices}:
            raise ValidationError(_NO_CHOICE)

    def offered(self) -> Iterator[tuple[str, str, bool]]:
        """(value, words, chosen)."""
        sent = "" if self.data is None else str(self.data)
        for value, words_of_it in self.choices:
            yield value, words_of_it, value == sent
