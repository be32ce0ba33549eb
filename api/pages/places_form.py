"""The form of a doctor's wishes: what was sent, what is wrong with it, and the doctor that it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from starlette.datastructures import FormData

from api.pages.form_reader import FormReader
from api.pages.places_ranking import ADD, LONGEST_RANKING, NO_POSTS, PICKED, RANKING, Choices, read_ranking, with_picked
from api.translation import N_
from engine.candidates import Candidate, ContractForm, LanguageLevel, PartnerOccupation, Qualifications, Wishes
from engine.preferences import PARTNER_JOBS
from features.catalogue import Language
from features.occupation_groups import load_occupation_groups

IMPORTANCE: Mapping[str, str] = MappingProxyType(
    {"ikke": N_("Ikke viktig"), "litt": N_("Litt viktig"), "mye": N_("Svært viktig"), "krav": N_("Et krav")}
)
WEIGHTS: Mapping[str, float] = MappingProxyType({"ikke": 0.0, "litt": 1.0, "mye": 3.0, "krav": 3.0})
"""How much each answer counts: a choice of ours, told on the page."""

LEAST_SCORE = 50.0
"""Points that a municipality must have where something is a requirement: the middle of all municipalities."""

PARTNERS: Mapping[str, PartnerOccupation] = MappingProxyType(
    {"ingen": PartnerOccupation.NONE, "hoyere": PartnerOccupation.HIGHER_EDUCATION, "annet": PartnerOccupation.OTHER}
)
PARTNER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "ingen": N_("Ingen partner å ta hensyn til"),
        "hoyere": N_("I yrke som krever høyere utdanning"),
        "annet": N_("I annet yrke"),
    }
)
STANDINGS: Mapping[str, str] = MappingProxyType(
    {
        "spesialist": N_("spesialist i allmennmedisin"),
        "alis": N_("under spesialisering (ALIS), eller starter med stillingen"),
        "lis1": N_("lege med fullført LIS1, ikke under spesialisering"),
        "lege": N_("lege uten fullført LIS1"),
    }
)
LEVELS = tuple(level.name for level in reversed(LanguageLevel))

CHOICES = ("partner", "yrke", "legen", "autorisasjon", "norsk")
TYPED = ("senest", "vakt", "liste", "fra", "stilling", RANKING)
SEVERAL = ("avtale", "fylke")
WEIGHT_PREFIX = "vekt-"

UNANSWERED: Mapping[str, str] = MappingProxyType(
    {"partner": "ingen", "legen": "spesialist", "autorisasjon": "ja", "norsk": LEVELS[0], "stilling": "100"}
)
"""What stands where nothing was chosen."""

LARGEST_ROTA, LONGEST_LIST = 50, 5000

NO_FORM = N_("Velg minst én avtaleform du kan ha.")
NOTHING_WEIGHED = N_("Velg minst én ting som er litt viktig, ellers er alle steder like gode.")
NO_PARTNER = N_("Velg hva slags yrke partneren har, eller la yrkesgruppen stå tom.")

OWN = "K1"
"""Name of the doctor in the engine; nobody else is there."""


@dataclass(frozen=True, slots=True)
class AskedPlaces:
    """What was sent, the sentence at each wrong field, and the doctor it means unless something is wrong."""

    texts: Mapping[str, str]
    several: Mapping[str, tuple[str, ...]]
    errors: Mapping[str, str]
    candidate: Candidate | None


def field_names(factors: tuple[str, ...]) -> frozenset[str]:
    """Every field of the form."""
    return frozenset({*CHOICES, *TYPED, *SEVERAL, "veileder", *(f"{WEIGHT_PREFIX}{factor}" for factor in factors)})


def empty_form(factors: tuple[str, ...]) -> AskedPlaces:
    """The form before anything is answered: no partner, the rest a little important, every contract and county."""
    texts = dict.fromkeys((*CHOICES, *TYPED, "veileder"), "")
    texts |= {f"{WEIGHT_PREFIX}{factor}": "ikke" if factor == PARTNER_JOBS else "litt" for factor in factors}
    texts |= UNANSWERED
    return AskedPlaces(texts, {"avtale": tuple(ContractForm), "fylke": ()}, {}, None)


def read_places(
    form: FormData,
    factors: tuple[str, ...],
    counties: tuple[str, ...],
    today: date,
    language: Language,
    posts: Choices = NO_POSTS,
) -> AskedPlaces:
    """The doctor that a sent form means; none where it only adds a post to the own ranking."""
    names = field_names(factors) - set(SEVERAL)
    texts = {name: str(form.get(name, "")).strip()[:80] or UNANSWERED.get(name, "") for name in sorted(names)}
    texts |= {name: "ikke" for name, text in texts.items() if name.startswith(WEIGHT_PREFIX) and not text}
    texts[RANKING] = str(form.get(RANKING, "")).strip()[:LONGEST_RANKING]
    several = {name: tuple(str(value)[:80] for value in form.getlist(name)) for name in SEVERAL}
    if ADD in form and form.get(PICKED):
        texts[RANKING] = with_picked(texts[RANKING], str(form.get(PICKED)), posts)
        return AskedPlaces(texts, several, {}, None)
    reader = FormReader(texts, {}, language)
    qualifications = _qualifications(reader, today)
    ranking = read_ranking(reader, posts)
    wishes = _wishes(reader, several, factors, counties, ranking, today)
    if reader.errors or qualifications is None or wishes is None:
        return AskedPlaces(texts, several, reader.errors, None)
    return AskedPlaces(texts, several, {}, Candidate(qualifications, wishes, simulated=False))


def _qualifications(reader: FormReader, today: date) -> Qualifications | None:
    standing = reader.choice("legen", tuple(STANDINGS), "spesialist")
    level = reader.choice("norsk", LEVELS, LEVELS[0])
    authorised = reader.choice("autorisasjon", ("ja", "nei"), "ja") == "ja"
    available, percent = reader.day("fra", today), reader.number("stilling", 10, 100, 100.0)
    if percent is None:
        return None
    return Qualifications(
        OWN,
        authorised,
        standing != "lege",
        standing == "spesialist",
        standing == "alis",
        LanguageLevel[level],
        available or today,
        percent / 100,
    )


def _wishes(
    reader: FormReader,
    several: Mapping[str, tuple[str, ...]],
    factors: tuple[str, ...],
    counties: tuple[str, ...],
    ranking: tuple[str, ...] | None,
    today: date,
) -> Wishes | None:
    answers = {factor: reader.choice(f"{WEIGHT_PREFIX}{factor}", tuple(IMPORTANCE), "ikke") for factor in factors}
    partner = PARTNERS[reader.choice("partner", tuple(PARTNERS), "ingen")]
    occupation = reader.choice("yrke", ("", *load_occupation_groups().groups), "")
    latest, rota = reader.day("senest", today), reader.whole("vakt", 1, LARGEST_ROTA)
    longest = reader.whole("liste", 1, LONGEST_LIST)
    forms = {form for form in ContractForm if form.value in several["avtale"]}
    if not forms:
        reader.wrong("avtale", NO_FORM)
    if occupation and partner is PartnerOccupation.NONE:
        reader.wrong("partner", NO_PARTNER)
    if not any(WEIGHTS[answer] for answer in answers.values()):
        reader.wrong(f"{WEIGHT_PREFIX}{factors[0]}", NOTHING_WEIGHED)
    if reader.errors:
        return None
    return Wishes(
        candidate_id=OWN,
        factor_weights=tuple((factor, WEIGHTS[answer]) for factor, answer in answers.items()),
        partner_occupation_group=partner,
        contract_forms=frozenset(forms),
        counties=frozenset(code for code in counties if code in several["fylke"]) or None,
        list_limit=LONGEST_LIST,
        factor_limits=tuple((factor, LEAST_SCORE) for factor, answer in answers.items() if answer == "krav"),
        partner_occupation=occupation or None,
        latest_start=latest,
        oncall_rota_min=rota,
        list_length_max=longest,
        wants_supervisor=bool(reader.texts["veileder"]),
        own_ranking=ranking,
    )
