"""The form that describes a post: what was typed, what is wrong with it, and the post that it means."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.pages.form_reader import CHOICE_WRONG, FormReader
from api.pages.retention import kind_of_post
from api.services.municipality_search import find_municipality
from api.services.profile import MunicipalityFacts, all_facts
from api.services.world import World
from api.translation import N_
from features.catalogue import Language
from models.forecast import PostProfile
from models.posts import CONTRACT_FORMS

FIELDS = ("kommune", "innbyggere", "sentralitet", "avtale", "utdanning", "igjen", "blitt", "liste")
"""Fields of the form, as they stand in the address."""

MOST_INHABITANTS = 2_000_000
MOST_YEARS_LEFT = 7.0
MOST_YEARS_STAYED = 12.0
MOST_ON_LIST = 5000

PLACE_MISSING = N_("Skriv en kommune, eller fyll ut innbyggere og sentralitetsklasse.")
MUNICIPALITY_UNKNOWN = N_("Fant ingen kommune som heter «{typed}». Skriv navnet eller et nummer på fire sifre.")
MUNICIPALITY_MANY = N_("«{typed}» kan bety {candidates}. Skriv hele navnet eller nummeret.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, the sentence at each wrong field, and the post it means unless something is wrong.

    `place` is the municipality that was named, whose kind of post is then described.
    """

    texts: Mapping[str, str]
    errors: Mapping[str, str]
    place: MunicipalityFacts | None
    profile: PostProfile | None
    stayed_years: float


def read_post(world: World, texts: Mapping[str, str], language: Language) -> Asked:
    """The post that the form's texts mean; without any, an empty form."""
    typed = {name: texts.get(name, "").strip()[:80] for name in FIELDS}
    if not any(typed.values()):
        return Asked(typed, {}, None, None, 0.0)
    reader = FormReader(typed, {}, language)
    place = _place(world, reader)
    population, centrality = _kind(world, place, reader)
    form = reader.choice("avtale", CONTRACT_FORMS, CONTRACT_FORMS[0])
    training = reader.choice("utdanning", ("nei", "ja"), "nei") == "ja"
    left = reader.number("igjen", 0.25, MOST_YEARS_LEFT, 2.0 if training else 0.0)
    stayed = reader.number("blitt", 0.0, MOST_YEARS_STAYED, 0.0)
    listed = reader.number("liste", 1, MOST_ON_LIST, None)
    if reader.errors or population is None or centrality is None or left is None or stayed is None:
        return Asked(typed, reader.errors, place, None, 0.0)
    profile = PostProfile(population, int(centrality), listed, form, -left if training else 0.0)
    return Asked(typed, {}, place, profile, stayed)


def _place(world: World, reader: FormReader) -> MunicipalityFacts | None:
    typed = reader.texts["kommune"]
    if not typed:
        return None
    facts = all_facts(world)
    by_code = {place.code: place for place in facts}
    exact = typed if typed in by_code else (found := find_municipality(typed, facts, world.snapshot)).exact
    if exact:
        return by_code[exact]
    candidates = (found.became or (*found.hits, *found.postal, *found.close))[:4]
    named = ", ".join(f"{place.name} ({place.code})" for place in candidates)
    reader.wrong("kommune", MUNICIPALITY_MANY if named else MUNICIPALITY_UNKNOWN, typed=typed, candidates=named)
    return None


def _kind(world: World, place: MunicipalityFacts | None, reader: FormReader) -> tuple[float | None, float | None]:
    """Inhabitants and centrality class: of the municipality's kind of post, or as typed."""
    if place is not None:
        kind = kind_of_post(world, place)
        return kind.population, kind.centrality_class
    population = reader.number("innbyggere", 100, MOST_INHABITANTS, None)
    centrality = reader.number("sentralitet", 1, 6, None)
    if not reader.texts["kommune"] and not (reader.texts["innbyggere"] and reader.texts["sentralitet"]):
        reader.wrong("kommune", PLACE_MISSING)
    if centrality is not None and not centrality.is_integer():
        reader.wrong("sentralitet", CHOICE_WRONG)
    return population, centrality
