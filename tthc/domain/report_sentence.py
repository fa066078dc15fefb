"""The sentence of a periodic report that the board publishes, from the numbers of its tally.

Official writing: numbers below ten with a leading zero, thousands with a point, none and all in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tthc.domain.periods import ReportPeriod
from tthc.domain.vocabulary import Channel

#: How dossiers came in, where all of them came in the same way.
_BY_CHANNEL: Mapping[Channel, str] = {
    Channel.ONLINE: "theo hình thức trực tuyến",
    Channel.COUNTER: "theo hình thức trực tiếp",
    Channel.POST: "qua dịch vụ bưu chính công ích",
}
#: The same after a number of dossiers; in this order.
_PER_CHANNEL: Mapping[Channel, str] = {
    Channel.ONLINE: "trực tuyến",
    Channel.COUNTER: "trực tiếp",
    Channel.POST: "qua dịch vụ bưu chính công ích",
}


@dataclass(frozen=True)
class PetitionNumbers:
    """The petitions of a period: received = carried over + new = answered + transferred + pending."""

    carried_over: int
    new: int
    answered: int
    transferred: int
    pending: int


@dataclass(frozen=True)
class ReportNumbers:
    """What the sentence says of a period, as its tally counts it.

    ``new`` is per channel. ``early``, ``on_time`` and ``late`` add up to what was resolved; ``withdrawn`` and
    ``stopped`` are among these where ``folded``, as in the official form, else beside them. ``petitions``
    ``None``: the report does not keep them, so nothing is said of them.
    """

    carried_over: int
    new: Mapping[Channel, int]
    early: int
    on_time: int
    late: int
    within: int
    overdue: int
    withdrawn: int = 0
    stopped: int = 0
    folded: bool = True
    petitions: PetitionNumbers | None = None


def number_words(number: int) -> str:
    """``07``, ``130``, ``1.234``."""
    return f"{number:02d}" if number < 10 else f"{number:,}".replace(",", ".")


def count_words(number: int, noun: str = "hồ sơ") -> str:
    """``07 hồ sơ``."""
    return f"{number_words(number)} {noun}"


def report_sentence(unit: str, period: ReportPeriod, numbers: ReportNumbers) -> str:
    """One sentence: who, when, received, resolved, pending, petitions."""
    when = f"từ ngày {period.from_on:%d/%m/%Y} đến hết ngày {period.to_on:%d/%m/%Y}"
    # "(theo tháng dương lịch)" says with words what the dates say.
    named = period.title.partition(" (")[0]
    begin = f"Trong {named[0].lower() + named[1:]} ({when})" if named else f"{when[0].upper()}{when[1:]}"
    clauses = [_received(numbers), *_handled(numbers)]
    if numbers.petitions is not None:
        clauses.append(_petitions(numbers.petitions))
    return f"{begin}, {unit} {'; '.join(clauses)}."


def _received(numbers: ReportNumbers) -> str:
    new = sum(numbers.new.values())
    total = numbers.carried_over + new
    if total == 0:
        return "không có hồ sơ thủ tục hành chính phải giải quyết"
    received = f"tiếp nhận {count_words(total, 'hồ sơ thủ tục hành chính')}"
    if new == 0:
        whole = "là hồ sơ" if total == 1 else "đều là hồ sơ"
        return f"{received} ({whole} từ kỳ trước chuyển sang, không có hồ sơ mới tiếp nhận)"
    ways = [(channel, numbers.new[channel]) for channel in _PER_CHANNEL if numbers.new.get(channel)]
    if numbers.carried_over == 0:
        whole = "là hồ sơ mới tiếp nhận" if total == 1 else "đều là hồ sơ mới tiếp nhận"
        return f"{received} ({whole}{_channels(ways)}; không có hồ sơ từ kỳ trước chuyển sang)"
    return (
        f"{received} (trong đó {count_words(numbers.carried_over)} từ kỳ trước chuyển sang, "
        f"{count_words(new)} mới tiếp nhận{_channels(ways)})"
    )


def _channels(ways: Sequence[tuple[Channel, int]]) -> str:
    if len(ways) == 1:
        channel, number = ways[0]
        return f" {_BY_CHANNEL[channel]}" if number == 1 else f", tất cả {_BY_CHANNEL[channel]}"
    return ": " + ", ".join(f"{count_words(number)} {_PER_CHANNEL[channel]}" for channel, number in ways)


def _handled(numbers: ReportNumbers) -> list[str]:
    resolved = numbers.early + numbers.on_time + numbers.late
    pending = numbers.within + numbers.overdue
    ends = [
        f"{count_words(number)} {words}"
        for number, words in ((numbers.withdrawn, "người nộp rút"), (numbers.stopped, "dừng giải quyết"))
        if number
    ]
    if numbers.carried_over + sum(numbers.new.values()) == 0:
        return []
    parts = ((numbers.early, "trước hạn"), (numbers.on_time, "đúng hạn"), (numbers.late, "quá hạn"))
    done = f"đã giải quyết {count_words(resolved)}" if resolved else "chưa giải quyết xong hồ sơ nào"
    if resolved:
        folded = f" (gồm cả {', '.join(ends)})" if ends and numbers.folded else ""
        done = f"{done}{folded}, {_classes(resolved, parts)}"
    clauses = [done]
    if ends and not numbers.folded:
        clauses.append(", ".join(ends))
    if pending:
        waiting = ((numbers.within, "trong hạn"), (numbers.overdue, "quá hạn"))
        clauses.append(f"đang giải quyết {count_words(pending)}, {_classes(pending, waiting)}")
    else:
        clauses.append("không còn hồ sơ đang giải quyết")
    return clauses


def _classes(total: int, parts: Sequence[tuple[int, str]]) -> str:
    """Each class that there is; with several of them also that none is overdue."""
    there = [(number, words) for number, words in parts if number]
    if len(there) == 1:
        only = there[0][1]
        return only if total == 1 else f"tất cả {only}"
    said = [f"{count_words(number)} {words}" for number, words in there]
    if not parts[-1][0]:
        said.append(f"không có hồ sơ {parts[-1][1]}")
    return f"trong đó {', '.join(said)}"


def _petitions(numbers: PetitionNumbers) -> str:
    noun = "phản ánh, kiến nghị"
    total = numbers.carried_over + numbers.new
    if total == 0:
        return f"không tiếp nhận {noun} nào"
    received = f"tiếp nhận {count_words(total, noun)}"
    if numbers.carried_over and numbers.new:
        carried, new = number_words(numbers.carried_over), number_words(numbers.new)
        received += f" (trong đó {carried} từ kỳ trước chuyển sang, {new} mới tiếp nhận)"
    elif numbers.carried_over:
        received += " từ kỳ trước chuyển sang"
    parts = (
        (numbers.answered, "đã trả lời"),
        (numbers.transferred, "đã chuyển cơ quan có thẩm quyền"),
        (numbers.pending, "đang xử lý"),
    )
    there = [(number, words) for number, words in parts if number]
    if len(there) == 1:
        only = there[0][1]
        return f"{received}, {only}" if total == 1 else f"{received}, tất cả {only}"
    return f"{received}, trong đó " + ", ".join(f"{words} {number_words(number)}" for number, words in there)
