"""Sentences for what can be wrong with a filled-in template and with a round of self-assessment."""

from collections.abc import Mapping

from api.formatting import Formats
from api.translation import N_, translate
from features.catalogue import Catalogue, Indicator, Language
from features.local_data import LONGEST_NOTE, OLDEST_DAY, RowProblem
from features.local_faults import RowFault
from features.local_template import SMALLEST_GROUP, LocalTemplate
from features.self_assessment import AssessmentLimitation

ROW_FAULTS: Mapping[RowFault, str] = {
    RowFault.EXTRA_CELLS: N_(
        "Raden har flere felt enn overskriften. Sett desimalkomma i anførselstegn, eller skill feltene med semikolon."
    ),
    RowFault.FORMULA: N_("«{given}» er en formel. Skriv inn selve verdien."),
    RowFault.CELL_ERROR: N_("Cellen viser feilen «{given}». Skriv inn selve verdien."),
    RowFault.WRONG_MUNICIPALITY: N_(
        "Raden gjelder kommune «{given}», men filen leses inn for {expected}. Flytt raden til den kommunens fil."
    ),
    RowFault.MISSING_CODE: N_("Koden mangler. Kopier den fra malen."),
    RowFault.UNKNOWN_INDICATOR: N_("Koden «{given}» finnes ikke. Bruk en kode fra malen, for eksempel X01."),
    RowFault.PUBLIC_FIGURE: N_(
        "«{given}» hentes fra offentlige tall og kan ikke oppgis her. Er tallet feil, må det rettes hos utgiveren."
    ),
    RowFault.DUPLICATE: N_("«{given}» er besvart også i rad {expected}. Behold bare den raden som er riktig."),
    RowFault.MISSING_ANSWER: N_("Svaret mangler, men raden er påbegynt. Skriv svaret, eller tøm raden."),
    RowFault.NOT_A_NUMBER: N_("«{given}» er ikke et tall. Skriv bare tallet; lovlig er {allowed}."),
    RowFault.AMBIGUOUS_NUMBER: N_(
        "«{given}» kan leses på to måter. Skriv desimaler med komma, og tusener uten punktum."
    ),
    RowFault.AMBIGUOUS_PERCENT: N_(
        "«{given}» kan være en andel eller en prosent. Skriv prosenttegn bak: 45 % eller 0,45 %."
    ),
    RowFault.NO_PERCENT_HERE: N_("«{given}» er en prosent. Her ventes {unit}; lovlig er {allowed}."),
    RowFault.NOT_WHOLE: N_("«{given}» ligger mellom to trinn. Velg et av dem; lovlig er {allowed}."),
    RowFault.OUT_OF_BOUNDS: N_("«{given}» er utenfor det som kan være riktig. Lovlig er {allowed} ({unit})."),
    RowFault.MISSING_COUNT: N_("Antallet mangler. Skriv hvor mange svaret er regnet ut fra, i «av hvor mange»."),
    RowFault.NOT_A_COUNT: N_(
        "«{given}» er ikke et antall over 0 som stemmer med svaret. Skriv hvor mange svaret er regnet ut fra."
    ),
    RowFault.COUNT_NOT_ASKED: N_("Det spørres ikke om antall her. Tøm «av hvor mange»."),
    RowFault.TOO_FEW_PEOPLE: N_(
        "Færre enn {limit} personer står bak tallet eller på den ene siden av andelen. Slike tall om personer tas ikke "
        "imot; tøm raden."
    ),
    RowFault.MISSING_DATE: N_("Datoen mangler. Skriv hvilken dag tallet gjelder for, for eksempel 1.11.2026."),
    RowFault.NOT_A_DATE: N_("«{given}» er ikke en dato. Skriv dag, måned og år, for eksempel 1.11.2026."),
    RowFault.FUTURE_DATE: N_("«{given}» er fram i tid. Skriv dagen tallet gjelder for, senest i dag."),
    RowFault.DATE_TOO_OLD: N_("«{given}» er for lenge siden. Tall tas imot fra {oldest}."),
    RowFault.MISSING_ROLE: N_("Hvem som svarer, mangler. Velg en rolle: {roles}."),
    RowFault.UNKNOWN_ROLE: N_("Dette er ikke en rolle på listen. Navn på personer lagres ikke. Velg en av: {roles}."),
    RowFault.NOTE_PERSONAL: N_("Merknaden har et telefonnummer, fødselsnummer eller en e-postadresse. Ta det bort."),
    RowFault.NOTE_TOO_LONG: N_("Merknaden er for lang. Skriv høyst {longest} tegn."),
}

LIMITATIONS: Mapping[AssessmentLimitation, str] = {
    AssessmentLimitation.ANYONE_CAN_ANSWER: N_(
        "Svarene er anonyme og uten innlogging: den samme kan svare flere ganger, og på feil side."
    ),
    AssessmentLimitation.NOT_A_VALIDATED_SCALE: N_(
        "Utsagnene er våre egne, laget etter Recruit & Retain. Ingen har prøvd ut om poengene måler det samme overalt."
    ),
    AssessmentLimitation.FEW_ANSWERS: N_(
        "Intervallene regner svarene som et utvalg av dem som kunne ha svart. Med få svar er de brede."
    ),
}


def allowed_values(entry: Indicator, language: Language) -> str:
    """What an answer may be: 0–100 %, or the steps of a level."""
    fmt, low, high = Formats(language), *entry.bounds
    if entry.unit == "share":
        return fmt.percent_span(low, high, 0)
    if entry.unit in ("level", "options"):
        return ", ".join(fmt.number(step) for step in range(int(low), int(high) + 1))
    return f"{shown_figure(low, language)}–{shown_figure(high, language)}"


def shown_figure(value: float, language: Language) -> str:
    """A number with no more decimals than it has, at most two."""
    digits = next(digits for digits in (0, 1, 2) if digits == 2 or round(value, digits) == round(value, 2))
    return Formats(language).number(value, digits)


def row_sentence(problem: RowProblem, catalogue: Catalogue, template: LocalTemplate, language: Language) -> str:
    """What is wrong with a cell and what to do about it."""
    entry = catalogue.indicators.get(problem.indicator) if problem.indicator else None
    return translate(
        ROW_FAULTS[problem.fault],
        language,
        given=problem.given,
        expected=problem.expected or "",
        allowed=allowed_values(entry, language) if entry else "",
        unit=template.units[entry.unit].in_language(language) if entry else "",
        limit=SMALLEST_GROUP,
        oldest=Formats(language).day(OLDEST_DAY),
        roles=", ".join(role.in_language(language) for role in template.roles.values()),
        longest=LONGEST_NOTE,
    )
