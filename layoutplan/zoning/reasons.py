"""Reasons in words: what each catchment gives and takes, and what is proven of a stage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from layoutplan.texts import Language, Said, in_both, number, text
from layoutplan.zoning.easing import Eased
from layoutplan.zoning.lacking import Lacking

_NAMED: Final = 3
_WALK_M: Final = 1.0
_HALF_A_PUPIL: Final = 0.5
_ROUNDING: Final = 1e-6


@dataclass(frozen=True)
class Flow:
    """Units that one catchment gives another, their pupils in the year shown, and mean walks in metres."""

    origin: str | None
    to: str
    units: tuple[str, ...]
    pupils: float
    before_m: float
    after_m: float


@dataclass(frozen=True)
class Change:
    """What a catchment has before and after, in the year shown."""

    catchment: str
    year: int
    seats: float
    pupils_before: float
    pupils: float
    is_new: bool
    is_closing: bool


def _say(key: str, lang: Language, **params: object) -> str:
    written = {name: number(one, lang) if isinstance(one, float) else one for name, one in params.items()}
    return text(f"zoning.{key}", lang, **written)


def reason(change: Change, gives: Sequence[Flow], takes: Sequence[Flow]) -> Said:
    """Return why a catchment changes, and what it has then.

    Parameters
    ----------
    change
        Its pupils and seats.
    gives, takes
        Units that it gives and takes, most pupils first.

    Returns
    -------
    Said
        In every language.
    """
    return in_both(lambda lang: _reason(change, gives, takes, lang))


def _reason(change: Change, gives: Sequence[Flow], takes: Sequence[Flow], lang: Language) -> str:
    if not gives and not takes:
        return _say("reason.kept", lang)
    over = round(change.pupils_before) - round(change.seats)
    facts: Mapping[str, object] = {
        "catchment": change.catchment,
        "year": change.year,
        "pupils": float(round(change.pupils_before)),
        "seats": float(round(change.seats)),
        "over": float(over),
    }
    key = "closing" if change.is_closing else "new" if change.is_new else "over" if over > 0 else "spare"
    parts = [_say(f"reason.{key}", lang, **facts), " " if lang == "en" else ""]
    parts += [_gives(flow, lang) + _say("reason.end", lang) for flow in gives]
    parts += [_takes(flow, lang) + _say("reason.end", lang) for flow in takes]
    if not change.is_closing:
        left = round(change.pupils) - round(change.seats)
        parts.append(
            _say(
                "reason.after" if left > 0 else "reason.after_fits",
                lang,
                pupils=float(round(change.pupils)),
                seats=float(round(change.seats)),
                over=float(max(left, 0)),
            )
        )
    return "".join(parts).strip()


def _gives(flow: Flow, lang: Language) -> str:
    count = len(flow.units)
    shown = ("、" if lang == "zh" else ", ").join(flow.units[: 1 if count > _NAMED else _NAMED])
    key = "reason.gives_one" if count == 1 else "reason.gives"
    said = _say(key, lang, units=shown, count=count, pupils=float(round(flow.pupils)), to=flow.to)
    return said + _walk(flow, lang)


def _takes(flow: Flow, lang: Language) -> str:
    origin = flow.origin or text("zoning.reason.nowhere", lang)
    return _say("reason.takes", lang, count=len(flow.units), pupils=float(round(flow.pupils)), origin=origin)


def _walk(flow: Flow, lang: Language) -> str:
    # Of a catchment whose school has no seats in the year shown no walk is known.
    if math.isnan(flow.before_m) or math.isnan(flow.after_m) or abs(flow.after_m - flow.before_m) < _WALK_M:
        return ""
    return _say("reason.walk", lang, before=float(round(flow.before_m)), after=float(round(flow.after_m)))


@dataclass(frozen=True)
class StageFacts:
    """Figures of a stage for its message; ``zones`` are the names of catchments that lack seats together.

    Overloads, and pupils ``nowhere`` (before, no school serves where they live), are summed over the years
    divided for; moves and walks are those of the year shown. ``needed``
    are the catchments above their seats and by how many pupils; ``fullest`` is the highest share of pupils to
    seats before and after, with the name of the catchment after.
    """

    years: tuple[int, ...]
    proven: bool
    gap: float
    before: float
    nowhere: float
    over: float
    least: float
    moved: float
    moved_share: float
    moved_units: int
    walk_before_m: float
    walk_m: float
    price_m: float
    asked_m: float
    entry_from: int | None
    zones: tuple[str, ...]
    lacking: Lacking | None
    eased: tuple[Eased, ...]
    needed: tuple[tuple[str, float], ...]
    fullest: tuple[float, float, str]


def message(facts: StageFacts) -> Said:
    """Return what the division of a stage achieves, what is proven, and what seats lack where.

    Parameters
    ----------
    facts
        Its figures.

    Returns
    -------
    Said
        In every language.
    """
    return in_both(lambda lang: _message(facts, lang))


def _message(facts: StageFacts, lang: Language) -> str:
    when = ("、" if lang == "zh" else ", ").join(map(str, facts.years))
    share = f"{facts.moved_share:.1%}"
    parts = [_today(facts, when, lang)]
    if facts.over > _HALF_A_PUPIL:
        over, least = _whole(facts.over), _whole(facts.least)
        parts.append(_say("outcome.over", lang, year=when, over=over, least=least))
        parts += [_lacking(facts, lang), *_remedies(facts, lang)]
    elif facts.proven:
        parts.append(_say("outcome.proven", lang, year=when))
    else:
        parts.append(_say("outcome.fits", lang, year=when, gap=f"{facts.gap:.2%}"))
    if len(facts.years) > 1:
        parts.append(_say("outcome.years", lang, years=", ".join(map(str, facts.years))))
    if facts.entry_from is not None:
        parts.append(_say("outcome.entry", lang, year=facts.entry_from))
    moved = "outcome.moved" if facts.entry_from is None else "outcome.moved_entry"
    walks = {"before": _whole(facts.walk_before_m), "after": _whole(facts.walk_m)}
    pupils = _whole(facts.moved)
    parts.append(_say(moved, lang, pupils=pupils, share=share, units=facts.moved_units, **walks))
    if facts.price_m > facts.asked_m:
        parts.append(_say("outcome.raised", lang, price=_whole(facts.price_m), asked=_whole(facts.asked_m)))
    else:
        parts.append(_say("outcome.price", lang, price=_whole(facts.price_m)))
    return (" " if lang == "en" else "").join(part for part in parts if part)


def _today(facts: StageFacts, when: str, lang: Language) -> str:
    """Return who is above the seats, and who has no school, as zoned today; nothing where nobody is."""
    before, nowhere = _whole(facts.before), _whole(facts.nowhere)
    if facts.nowhere > _HALF_A_PUPIL:
        return _say("outcome.today_nowhere", lang, year=when, before=before, nowhere=nowhere)
    return _say("outcome.today", lang, year=when, before=before) if facts.before > _HALF_A_PUPIL else ""


def _lacking(facts: StageFacts, lang: Language) -> str:
    found = facts.lacking
    if found is None:
        return _say("outcome.whole", lang, over=_whole(facts.over))
    shown = ("、" if lang == "zh" else ", ").join(facts.zones[:_NAMED])
    more = "" if len(facts.zones) <= _NAMED else " …" if lang == "en" else "等"
    return _say(
        "outcome.lacking_grades" if found.of_grades else "outcome.lacking",
        lang,
        zones=shown + more,
        count=len(facts.zones),
        lacks=_whole(found.lacks),
        year=found.year,
        pupils=_whole(found.pupils),
        seats=_whole(found.seats),
    )


def _remedies(facts: StageFacts, lang: Language) -> list[str]:
    """Return what would do: a rule eased, and the seats with which the division fits; and the crowding."""
    parts = []
    for one in facts.eased:
        key = f"outcome.ease_{one.rule}"
        parts.append(_say(key, lang) if one.metres is None else _say(key, lang, metres=one.metres))
    shown = [
        _say("outcome.need", lang, catchment=name, seats=float(math.ceil(seats - _ROUNDING)))
        for name, seats in facts.needed[:_NAMED]
    ]
    more = "" if len(facts.needed) <= _NAMED else " …" if lang == "en" else "等"
    listed = ("、" if lang == "zh" else ", ").join(shown) + more
    parts.append(_say("outcome.needs", lang, catchments=listed, count=len(facts.needed)))
    before, after, name = facts.fullest
    if after == after:  # noqa: PLR0124  nan
        parts.append(
            _say("outcome.fullest", lang, catchment=name, share=f"{after:.0%}", before=f"{before:.0%}")
        )
    return parts


def _whole(value: float) -> float:
    return float(round(value)) if value == value else 0.0  # noqa: PLR0124  nan
