"""The reckoning of a due date in words, Japanese and English, one sentence a step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dsar.clock_steps import (
    Begun,
    ClosedDay,
    Counted,
    Due,
    Extended,
    NotStopped,
    Paused,
    Restarted,
    Rolled,
    Step,
    SuitDay,
    Suspended,
)

_JA_DAYS = "月火水木金土日"
_EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EN_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_UNITS = {
    "calendar_day": ("日", "calendar day"),
    "business_day": ("営業日", "business day"),
    "week": ("週間", "week"),
    "calendar_month": ("か月", "calendar month"),
}
_BEGUN = {
    "receipt": ("受け付けた日", "The request arrived on"),
    "documents_complete": ("書類がそろった日", "The papers were complete on"),
    "event": ("お知らせした日", "Notice was given on"),
}
_COUNTED = {
    "calendar_day": (
        "週末や祝日も日数に入れます。",
        "Weekends and holidays count as well.",
    ),
    "business_day": (
        "週末、祝日、休業日は数えません。",
        "Weekends, holidays and closing days are not counted.",
    ),
    "week": (
        "同じ曜日の日に終わります。",
        "It ends on the same day of the week.",
    ),
    "calendar_month": (
        "同じ日付の日に終わります（その日がない月は末日）。",
        "It ends on the day of the same number, or on the last day of a month that has none.",
    ),
}


def long_date(day: date, language: str) -> str:
    """2026年5月7日（木） / Thursday 7 May 2026."""
    if _japanese(language):
        return f"{day.year}年{day.month}月{day.day}日（{_JA_DAYS[day.weekday()]}）"
    return f"{_EN_DAYS[day.weekday()]} {day.day} {_EN_MONTHS[day.month - 1]} {day.year}"


def plain_date(day: date, language: str) -> str:
    """2026年5月7日 / 7 May 2026."""
    if _japanese(language):
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_EN_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date, language: str) -> str:
    """5月7日 / 7 May."""
    if _japanese(language):
        return f"{day.month}月{day.day}日"
    return f"{day.day} {_EN_MONTHS[day.month - 1]}"


def length(n: int, unit: str, language: str) -> str:
    """10営業日 / 10 business days."""
    ja, en = _UNITS[unit]
    return f"{n}{ja}" if _japanese(language) else _plural(n, en)


def explain(steps: Iterable[Step], language: str) -> tuple[str, ...]:
    """One sentence or two a step, in the order of the reckoning."""
    say = _sentence_ja if _japanese(language) else _sentence_en
    return tuple(say(step) for step in steps)


def _sentence_ja(step: Step) -> str:
    def on(day: date) -> str:
        return long_date(day, "ja")

    match step:
        case Begun():
            return f"{_BEGUN[step.what][0]}は{on(step.on)}です。この日は数えず、翌日から数えます。"
        case NotStopped():
            return "書類などをお待ちした日数があっても、この期間は止まりません。"
        case Restarted():
            return (
                f"{on(step.stopped_on)}に不足の書類などをお願いし、{on(step.resumed_on)}に"
                "そろいました。この日を起点として、期間を初めから数え直します。"
            )
        case Counted():
            return (
                f"期間は{length(step.n, step.unit, 'ja')}です。{_COUNTED[step.unit][0]}"
                f"{_left_out(step.closed, step.weekend_days, 'ja')}"
            )
        case Paused():
            return (
                f"{on(step.stopped_on)}に期間を止め、{on(step.resumed_on)}に再開しました。"
                f"この間の{step.days}日は数えません。"
            )
        case Extended():
            return _extension(step, "ja")
        case Rolled():
            return (
                f"最終日の{on(step.unrolled)}は休みに当たるため、次の営業日の"
                f"{on(step.to)}に繰り下げます。休みの日は、{_names(step.closed, 'ja')}です。"
            )
        case Suspended():
            return f"{on(step.since)}から期間を止めています。期限は、再開した後に決まります。"
        case SuitDay():
            return f"訴えを提起できるのは、{on(step.on)}からです。"
        case Due():
            return f"期限は{on(step.on)}の終わりまでです。"


def _sentence_en(step: Step) -> str:
    def on(day: date) -> str:
        return long_date(day, "en")

    match step:
        case Begun():
            return f"{_BEGUN[step.what][1]} {on(step.on)}. That day is not counted."
        case NotStopped():
            return "This period does not stop while papers or answers are awaited."
        case Restarted():
            return (
                f"Something missing was asked for on {on(step.stopped_on)} and came on "
                f"{on(step.resumed_on)}. The period is counted anew from that day."
            )
        case Counted():
            return (
                f"The period is {length(step.n, step.unit, 'en')}. {_COUNTED[step.unit][1]}"
                f"{_left_out(step.closed, step.weekend_days, 'en')}"
            )
        case Paused():
            return (
                f"The period was paused on {on(step.stopped_on)} and went on again on "
                f"{on(step.resumed_on)}: {_plural(step.days, 'day')} not counted."
            )
        case Extended():
            return _extension(step, "en")
        case Rolled():
            return (
                f"The last day, {on(step.unrolled)}, is closed, so it moves to the next business "
                f"day, {on(step.to)}. Closed: {_names(step.closed, 'en')}."
            )
        case Suspended():
            return (
                f"The period has been paused since {on(step.since)}. "
                "The due date will be known once it goes on again."
            )
        case SuitDay():
            return f"A lawsuit may be filed from {on(step.on)}."
        case Due():
            return f"Due by the end of {on(step.on)}."


def _extension(step: Extended, language: str) -> str:
    ja = _japanese(language)
    readings = []
    for reading in step.readings:
        span, day = length(reading.n, reading.unit, language), long_date(reading.due, language)
        if reading.base == "due":
            readings.append(f"当初の期限から{span}で{day}" if ja else f"{span} on top gives {day}")
        else:
            readings.append(
                f"数え始めの日から通算{span}で{day}" if ja else f"{span} in all gives {day}"
            )
    first, notified = long_date(step.first_due, language), long_date(step.on, language)
    left_out = _left_out(step.closed, step.weekend_days, language)
    if ja:
        earlier = "早いほうをとります。" if len(readings) > 1 else ""
        return (
            f"当初の期限は{first}でしたが、{notified}に延長をお知らせしました。"
            f"{'、'.join(readings)}となります。{earlier}{left_out}"
        )
    earlier = " The earlier date stands." if len(readings) > 1 else ""
    return (
        f"The first due date was {first}; an extension was notified on {notified}. "
        f"{_capital('; '.join(readings))}.{earlier}{left_out}"
    )


def _left_out(closed: Iterable[ClosedDay], weekend_days: int, language: str) -> str:
    """The closed days that were not counted: weekends as a number, all others by name."""
    closed = tuple(closed)
    parts = [_names(closed, language)] if closed else []
    if _japanese(language):
        if weekend_days:
            parts.insert(0, f"週末{weekend_days}日")
        return f"数えなかった日は、{'、'.join(parts)}です。" if parts else ""
    if weekend_days:
        parts.insert(0, _plural(weekend_days, "weekend day"))
    return f" Left out: {', '.join(parts)}." if parts else ""


def _names(closed: Iterable[ClosedDay], language: str) -> str:
    by_name: dict[str, list[str]] = {}
    for day, reason in closed:
        by_name.setdefault(reason.in_language(language), []).append(short_date(day, language))
    if _japanese(language):
        return "、".join(f"{name}（{'・'.join(days)}）" for name, days in by_name.items())
    return ", ".join(f"{name} ({', '.join(days)})" for name, days in by_name.items())


def _japanese(language: str) -> bool:
    return language.lower().split("-")[0] == "ja"


def _plural(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
