"""Numbers, shares and dates as a reader of the language writes them."""

from dataclasses import dataclass
from datetime import date

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from api.translation import N_, translate
from features.catalogue import Language, Unit

LOCALES: dict[Language, Locale] = {"nb": Locale("nb"), "nn": Locale("nn"), "en": Locale("en", "GB")}

NO_BREAK_SPACE = "\u00a0"

UNIT_PATTERNS: dict[Unit, tuple[int, str | None]] = {
    "persons": (0, None),
    "ratio": (2, None),
    "km": (0, N_("{number} km")),
    "minutes": (0, N_("{number} min")),
    "nok_per_year": (0, N_("{number} kr")),
    "index": (0, None),
    "per_1000": (1, N_("{number} per 1000")),
    "per_km2": (1, N_("{number} per km²")),
    "options": (0, None),
    "doctors": (0, None),
    "level": (0, None),
    "count": (0, None),
    "applicants": (0, None),
    "fte": (1, N_("{number} årsverk")),
    "per_year": (0, N_("{number} per år")),
    "points_per_year": (0, N_("{number} poeng per år")),
    "hours_per_week": (1, N_("{number} t per uke")),
    "hours_per_month": (0, N_("{number} t per måned")),
    "days": (0, N_("{number} døgn")),
    "months": (1, N_("{number} md.")),
    "years": (1, N_("{number} år")),
    "nok_per_inhabitant": (0, N_("{number} kr per innbygger")),
    "percentage_points": (1, N_("{number} prosentpoeng")),
    "grade": (1, None),
}
"""Decimals of every unit but ``share`` (a percentage), and the words around the number if it needs any."""

BELOW_ZERO = N_("{lower} til {upper}")
"""How a range is written that starts below zero."""

FEWEST_APPLICANTS = 5
"""Applicants below which only that they were fewer is shown."""


@dataclass(frozen=True, slots=True)
class Formats:
    """Writes values in one language."""

    language: Language

    def number(self, value: float, digits: int = 0) -> str:
        """A number with the language's decimal sign and grouping."""
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        # Rounded first: a value that rounds to zero must not be written "-0".
        return format_decimal(round(value, digits) + 0.0, format=pattern, locale=LOCALES[self.language])

    @property
    def percent_sign(self) -> str:
        """The sign as it follows a number: close to it in English, after a space in Norwegian."""
        return "%" if self.language == "en" else f"{NO_BREAK_SPACE}%"

    def percent(self, share: float, digits: int = 1) -> str:
        """A share (0-1) as a percentage."""
        return self.number(100 * share, digits) + self.percent_sign

    def value(self, value: float, unit: Unit) -> str:
        """A value with its unit."""
        if unit == "share":
            return self.percent(value)
        if unit == "applicants" and value < FEWEST_APPLICANTS:
            return translate(N_("færre enn {count}"), self.language, count=FEWEST_APPLICANTS)
        digits, pattern = UNIT_PATTERNS[unit]
        number = self.number(value, digits)
        return translate(pattern, self.language, number=number).replace(" ", NO_BREAK_SPACE) if pattern else number

    def span(self, lower: float, upper: float, digits: int = 0) -> str:
        """Two bounds as a range."""
        return self._between(self.number(lower, digits), self.number(upper, digits), lower)

    def percent_span(self, lower: float, upper: float, digits: int = 1) -> str:
        """Two shares (0-1) as a range of percentages."""
        return self._between(self.number(100 * lower, digits), self.percent(upper, digits), lower)

    def value_span(self, lower: float, upper: float, unit: Unit) -> str:
        """Two values as a range, the unit named once."""
        if unit == "share":
            return self.percent_span(lower, upper)
        if unit == "applicants" and lower < FEWEST_APPLICANTS:
            return self.value(upper, unit) if upper < FEWEST_APPLICANTS else self.span(0, upper)
        digits, pattern = UNIT_PATTERNS[unit]
        numbers = self.span(lower, upper, digits)
        return translate(pattern, self.language, number=numbers) if pattern else numbers

    def _between(self, lower: str, upper: str, first: float) -> str:
        # A dash after a minus sign reads as a second minus sign.
        return f"{lower}–{upper}" if first >= 0 else translate(BELOW_ZERO, self.language, lower=lower, upper=upper)

    def day(self, day: date) -> str:
        """A date in words."""
        return format_date(day, format="long", locale=LOCALES[self.language])
