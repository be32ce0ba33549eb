"""Reads the fields of a form, and notes a sentence at each that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from api.translation import N_, translate
from features.catalogue import Language

NUMBER_WRONG = N_("Skriv et tall fra {lower} til {upper}.")
CHOICE_WRONG = N_("Velg et av svarene i listen.")
DAY_WRONG = N_("Skriv datoen som år-måned-dag, for eksempel {example}.")

FIRST_YEAR, LAST_YEAR = 2020, 2100
"""Years that a date may lie in."""


@dataclass(frozen=True, slots=True)
class FormReader:
    """What was typed by field, and the sentences about what is wrong, in one language."""

    texts: Mapping[str, str]
    errors: dict[str, str]
    language: Language

    def wrong(self, name: str, sentence: str, **values: object) -> None:
        """Note what is wrong with a field."""
        self.errors[name] = translate(sentence, self.language, **values)

    def number(self, name: str, lower: float, upper: float, empty: float | None) -> float | None:
        """A number within its bounds; `empty` for an empty field, None for a wrong one."""
        text = "".join(self.texts[name].split()).replace(",", ".")
        if not text:
            return empty
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if lower <= value <= upper:
            return value
        self.wrong(name, NUMBER_WRONG, lower=f"{lower:g}".replace(".", ","), upper=f"{upper:.0f}")
        return None

    def whole(self, name: str, lower: int, upper: int) -> int | None:
        """A whole number within its bounds; None for an empty field and for a wrong one."""
        value = self.number(name, lower, upper, None)
        if value is None or value.is_integer():
            return None if value is None else int(value)
        self.wrong(name, NUMBER_WRONG, lower=lower, upper=upper)
        return None

    def choice(self, name: str, known: tuple[str, ...], empty: str) -> str:
        """One of the known answers; `empty` for an empty field and for a wrong one."""
        text = self.texts[name] or empty
        if text not in known:
            self.wrong(name, CHOICE_WRONG)
            return empty
        return text

    def day(self, name: str, example: date) -> date | None:
        """A date; None for an empty field and for a wrong one."""
        text = self.texts[name]
        if not text:
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError:
            found = date.min
        if FIRST_YEAR <= found.year <= LAST_YEAR:
            return found
        self.wrong(name, DAY_WRONG, example=example.isoformat())
        return None
