"""Words about tables, indicators and methods, for the pages that list them."""

from collections.abc import Mapping

from api.formatting import Formats
from api.translation import N_, translate
from features.catalogue import (
    Clustered,
    Count,
    Direction,
    Element,
    Exact,
    Frequency,
    Indicator,
    Language,
    Mean,
    Proportion,
    Relative,
    Unit,
)
from features.sensitivity import Choice

TABLES: Mapping[str, str] = {
    "municipalities": N_("Kommunene i 2024, med fylke, areal, sentralitet og region"),
    "population": N_("Innbyggere 1. januar"),
    "gp_lists": N_("Fastlegeordningen: avtaler, lister og innbyggere på liste"),
    "living_conditions": N_("Inntekt, utdanning, alder, vekst, skoler, barnehager og lovbrudd"),
    "commuting": N_("Pendlere mellom kommuner"),
    "municipality_code_changes": N_("Endringer av kommunenummer"),
    "code_change_parts": N_("Innbyggere i delene som slåtte sammen og delte kommuner har felles"),
    "postal_codes": N_("Postnumre og kommunen de ligger i"),
    "tile_map": N_("Rutekartet: én sekskant per kommune"),
    "hospitals": N_("Sykehus med somatisk akuttfunksjon"),
    "airports": N_("Flyplasser med rutetrafikk"),
    "doctor_agreements": N_("Legeårsverk etter avtaleform"),
    "jobs": N_("Sysselsatte etter arbeidssted og næring"),
    "vacancies": N_("Utlyste stillinger på dagen de ble hentet"),
    "values": N_("Verdien av hver indikator i hver kommune"),
    "shrunk": N_("Verdiene trukket mot like kommuner, med 90 % intervall"),
    "places": N_("Plassen til hver indikator blant alle kommuner"),
    "factors": N_("Poeng, intervall, dekning og plass for hver faktor"),
    "rank_intervals": N_("Hvor sikre plassene er, og hva som flytter dem"),
    "rank_drivers": N_("Hva som flytter plassene på hver faktor, alle kommuner under ett"),
    "outcomes": N_("Resultater ved siden av det struktur lar en vente"),
    "explained": N_("Hvor mye struktur forklarer av resultatene"),
    "fairness": N_("Om poengene følger størrelse og sentralitet"),
    "coverage": N_("Hvor mye av hver faktor som har tall"),
    "municipality_coverage": N_("Hvor mye av hver faktor som har tall, i hver kommune"),
    "indicator_coverage": N_("I hvor mange kommuner hver indikator har tall"),
    "peers": N_("Hvem hver kommune sammenlignes med"),
}
"""What the downloads hold."""

UNITS: Mapping[Unit, str] = {
    "persons": N_("personer"),
    "share": N_("andel, 0–1"),
    "ratio": N_("forholdstall"),
    "km": N_("kilometer"),
    "minutes": N_("minutter"),
    "nok_per_year": N_("kroner per år"),
    "index": N_("indeks"),
    "per_1000": N_("per 1000"),
    "per_km2": N_("per kvadratkilometer"),
    "options": N_("antall valg"),
    "doctors": N_("leger"),
    "level": N_("trinn"),
    "count": N_("antall"),
    "applicants": N_("søkere"),
    "fte": N_("årsverk"),
    "per_year": N_("per år"),
    "points_per_year": N_("poeng per år"),
    "hours_per_week": N_("timer per uke"),
    "hours_per_month": N_("timer per måned"),
    "days": N_("døgn"),
    "months": N_("måneder"),
    "years": N_("år"),
    "nok_per_inhabitant": N_("kroner per innbygger"),
    "percentage_points": N_("prosentpoeng"),
    "grade": N_("karakter"),
}

DIRECTIONS: Mapping[Direction, str] = {
    "up": N_("mer er bedre"),
    "down": N_("mindre er bedre"),
    "band": N_("{lower} til {upper} er like bra, utenfor er dårligere"),
    "context": N_("vises uten poeng"),
}

ELEMENTS: Mapping[Element, str] = {
    "P1": N_("Kartlegge innbyggernes behov"),
    "P2": N_("Tilpasse tjenesten til behovene"),
    "P3": N_("Vite hvem en vil rekruttere"),
    "R1": N_("Dele god informasjon"),
    "R2": N_("Engasjere lokalsamfunnet"),
    "R3": N_("Støtte familie og partner"),
    "T1": N_("Styrke fagmiljøet"),
    "T2": N_("Relevant faglig utvikling"),
    "T3": N_("Utdanne framtidens fagfolk"),
    "C1": N_("Anerkjenne det som er særegent"),
    "C2": N_("La innbyggerne ta del"),
    "C3": N_("Målrettede midler som strekker til"),
    "C4": N_("Faste møter med samarbeidspartnere gjennom året"),
    "C5": N_("Følge med og evaluere"),
    "S": N_("Struktur"),
    "O": N_("Resultat"),
}
"""Elements and conditions of the Recruit & Retain framework (Abelsen et al. 2020), and our two beside them."""

FREQUENCIES: Mapping[Frequency, str] = {
    "M": N_("hver måned"),
    "Q": N_("hvert kvartal"),
    "A": N_("hvert år"),
    "E": N_("når det skjer noe"),
}

CHOICES: Mapping[Choice, str] = {
    Choice.DATA: N_("Tilfeldig variasjon i tallene"),
    Choice.IMPUTATION: N_("Hva som settes inn for tall som mangler"),
    Choice.TREATMENT: N_("Om ytterpunkter dempes"),
    Choice.NORMALISATION: N_("Hvordan tall gjøres om til en felles skala"),
    Choice.WEIGHTS: N_("Vektene"),
    Choice.AGGREGATION: N_("Hvordan indikatorer slås sammen"),
    Choice.LEFT_OUT: N_("Om én indikator utelates"),
}
"""What can move a rank."""

PROPORTION = N_("Antall av et antall: tilfeldigheter flytter det som en binomisk andel.")
CLUSTERED = N_("Andel som flytter seg i hele grupper på rundt {size}, som innbyggerne på én liste.")
COUNT = N_("Antall: tilfeldigheter flytter det som en Poisson-telling.")
MEAN = N_("Gjennomsnitt over dem det er regnet av, der hver av dem avviker med {sd} (standardavvik).")
RELATIVE = N_("Målt eller modellert med rundt {sd} feil (standardavvik).")
EXACT = N_("Fast etter definisjonen; tilfeldigheter flytter det ikke.")

FORMS: Mapping[str, str] = {"csv": "CSV", "parquet": "Parquet", "json": "JSON"}


def uncertainty_words(entry: Indicator, language: Language, write: Formats) -> str:
    """How chance moves an indicator, in a sentence."""
    match entry.uncertainty:
        case Proportion():
            return translate(PROPORTION, language)
        case Clustered(size=size):
            return translate(CLUSTERED, language, size=write.number(size))
        case Count():
            return translate(COUNT, language)
        case Mean(sd=sd):
            return translate(MEAN, language, sd=write.value(sd, entry.unit))
        case Relative(sd=sd):
            return translate(RELATIVE, language, sd=write.percent(sd, 0))
        case Exact():
            return translate(EXACT, language)


def direction_words(entry: Indicator, language: Language, write: Formats) -> str:
    """Which way is better, in words."""
    lower, upper = (write.value(bound, entry.unit) for bound in entry.band or (0.0, 0.0))
    return translate(DIRECTIONS[entry.direction], language, lower=lower, upper=upper)
