"""Sentences for what posts of a round share."""

from collections.abc import Iterable, Mapping

from api.formatting import Formats
from api.services.round_terms import Term, TermKind
from api.translation import N_, translate
from features.catalogue import Language

TOLD: Mapping[TermKind, str] = {
    TermKind.SUPERVISION: N_("Veilederne i {places} kan ta {doctors} til sammen."),
    TermKind.INSTITUTION_SLOTS: N_("Institusjonene for {places} har plass til {doctors} til sammen."),
    TermKind.GROUP_SEATS: N_("Veiledningsgruppa for {places} har plass til {doctors} til sammen."),
    TermKind.REGIONAL_QUOTA: N_("{places} kan ta {doctors} til sammen."),
    TermKind.REVERSION: N_("Plasser i {first} som ingen fyller, blir plasser i {second}."),
    TermKind.MINIMUM: N_("{places} skal ha minst {doctors} til sammen, om det lar seg gjøre."),
}
FROM_HOURS = N_("Regnet ut fra {hours} timer veiledning i året.")

ANY_DOCTORS = {TermKind.REGIONAL_QUOTA, TermKind.MINIMUM}
"""Kinds that count doctors of any kind; the others count doctors in training."""


def term_sentence(term: Term, places: Mapping[str, str], language: Language) -> str:
    """A term in words; `places` names the municipality of each post."""
    if term.kind is TermKind.REVERSION:
        first, second = (f"{name} ({places[name]})" for name in term.posts)
        return translate(TOLD[term.kind], language, first=first, second=second)
    doctors = _doctors(term.number or 0, language, any_kind=term.kind in ANY_DOCTORS)
    named = _listed(dict.fromkeys(places[name] for name in term.posts), language)
    sentence = translate(TOLD[term.kind], language, places=named, doctors=doctors)
    if term.hours is None:
        return sentence
    return f"{sentence} {translate(FROM_HOURS, language, hours=Formats(language).number(term.hours))}"


def _doctors(count: int, language: Language, *, any_kind: bool) -> str:
    one = N_("1 lege") if any_kind else N_("1 lege i utdanning")
    several = N_("{count} leger") if any_kind else N_("{count} leger i utdanning")
    return translate(one, language) if count == 1 else translate(several, language, count=count)


def _listed(names: Iterable[str], language: Language) -> str:
    """Names with commas, and before the last one «og»."""
    *most, last = names
    if not most:
        return last
    return translate(N_("{names} og {last}"), language, names=", ".join(most), last=last)
