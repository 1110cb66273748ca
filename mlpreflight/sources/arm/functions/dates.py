"""Date functions. `utcNow` gives another value each time and is not here.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-date
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from mlpreflight.sources.arm.functions.arguments import BadCall, Doubt, number, text
from mlpreflight.values import Unknown, Value

# Patterns as text: they are compiled when a template asks for a date, which few do.
_DURATION = (
    r"(-)?P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})(?:\.\d{1,7})?S)?)?\Z"
)

# .NET's standard formats that read the same in every culture, and those of the culture that Azure prints in.
STANDARD = {
    "d": "M/d/yyyy",
    "o": "yyyy-MM-ddTHH:mm:ss.0000000Z",
    "r": "ddd, dd MMM yyyy HH:mm:ss GMT",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "u": "yyyy-MM-dd HH:mm:ssZ",
}
_CUSTOM = r"(yyyy|yy|MMMM|MMM|MM|M|dddd|ddd|dd|d|HH|H|hh|h|mm|m|ss|s|tt)|'([^']*)'|([^A-Za-z%\\\"]|[TZG])"
_MONTHS = "January February March April May June July August September October November December"
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"


def date_time_add(base: Value, duration: Value, form: Value = None) -> Value:
    """A point in time with a duration added. The documentation leaves open how it is written without a format."""
    moment = _moment(text(base))
    found = re.match(_DURATION, text(duration))
    if not found or found[0][-1] in "PT":
        raise BadCall("the duration is not of the kind P1DT2H")
    sign = -1 if found[1] else 1
    years, months, weeks, days, hours, minutes, seconds = (sign * int(part or 0) for part in found.groups()[1:])
    try:
        moment = _by_months(moment, years * 12 + months)
        moment += timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except (OverflowError, ValueError):
        raise BadCall("the date lies outside of the calendar") from None
    if form is None:
        raise Doubt(Unknown.because("`dateTimeAdd` is told no format to write in", "the format of `dateTimeAdd`"))
    return written(moment, text(form))


def date_time_from_epoch(seconds: Value) -> Value:
    try:
        return written(datetime.fromtimestamp(number(seconds), UTC), "yyyy-MM-ddTHH:mm:ssZ")
    except (OverflowError, OSError, ValueError):
        raise BadCall("the date lies outside of the calendar") from None


def date_time_to_epoch(moment: Value) -> Value:
    return int(_moment(text(moment)).timestamp())


def _by_months(moment: datetime, months: int) -> datetime:
    """Some months later; the last day of the month where it has no such day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    for day in (moment.day, 30, 29, 28):
        try:
            return moment.replace(year=year, month=month + 1, day=min(day, moment.day))
        except ValueError:
            if not 1 <= year <= 9999:
                raise
    raise ValueError(moment)


def _moment(form: str) -> datetime:
    """A point in time in ISO 8601, with a space or a T between day and hour; in UTC where no zone is written."""
    try:
        found = datetime.fromisoformat(form.strip())
    except ValueError:
        raise BadCall("the date is not in ISO 8601") from None
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        raise BadCall("the date lies outside of the calendar") from None


def written(moment: datetime, form: str) -> str:
    """A point in time in one of .NET's formats. Raises Doubt where the format is not known here."""
    pattern = STANDARD.get(form.lower() if form in {"O", "R"} else form, form)
    return "".join(_pieces(moment, pattern))


def _pieces(moment: datetime, pattern: str) -> Iterator[str]:
    at = 0
    while at < len(pattern):
        found = re.match(_CUSTOM, pattern[at:])
        if not found or len(pattern) == 1:
            raise Doubt(
                Unknown.because(f"the format `{pattern[:40]}` is not evaluated", f"the format `{pattern[:40]}`")
            )
        at += found.end()
        yield _piece(moment, found[1]) if found[1] else (found[2] or found[3] or "")


def _piece(moment: datetime, token: str) -> str:
    twelve = moment.hour % 12 or 12
    match token:
        case "yyyy":
            return f"{moment.year:04}"
        case "MMMM" | "MMM":
            return _MONTHS.split()[moment.month - 1][: 3 if len(token) == 3 else None]
        case "dddd" | "ddd":
            return _DAYS.split()[moment.weekday()][: 3 if len(token) == 3 else None]
        case "tt":
            return "AM" if moment.hour < 12 else "PM"
    number = {
        "y": moment.year % 100,
        "M": moment.month,
        "d": moment.day,
        "H": moment.hour,
        "h": twelve,
        "m": moment.minute,
        "s": moment.second,
    }[token[0]]
    return f"{number:02}" if len(token) > 1 else str(number)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "datetimeadd": date_time_add,
    "datetimefromepoch": date_time_from_epoch,
    "datetimetoepoch": date_time_to_epoch,
}
