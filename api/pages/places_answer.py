"""What the doctor's page shows: tiles by place on the own list, the best places with what each wish adds, and more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.match_words import REQUIREMENTS, ask_text, gap_text, remedies_text
from api.pages.addresses import municipality_address, vacancy_address
from api.pages.post_facts import PostFacts, post_facts
from api.pages.tile_drawing import Drawing, tile_drawing
from api.services.places import OwnPlaces
from api.services.profile import MunicipalityFacts, all_facts
from api.services.world import World
from api.translation import N_, translate
from engine.candidate_places import NearlyPost, PlacedMunicipality, PlacedPost
from engine.own_scores import PARTNER_SERVICE, Contribution
from engine.post_outlook import PostOutlook
from features.catalogue import Language

MOST_PLACES = 10
MOST_POSTS = 10
MOST_NEARLY = 10

RANK_CLASSES = ((10, 5), (30, 4), (75, 3), (150, 2))
"""Last place on the own list and the colour class of the tiles up to there; the rest have class 1."""

STAY = N_("Halvparten av ferdige spesialister i slike stillinger har sluttet etter {lower}–{upper} år.")
STAY_OPEN = N_("Halvparten av ferdige spesialister i slike stillinger har sluttet etter {lower} år eller mer.")


@dataclass(frozen=True, slots=True)
class Part:
    """What one wish adds; `start` and `width` place it on a bar from 0 to 100."""

    name: str
    number: int
    points: float
    score: float
    share: float
    is_assumed: bool
    start: float


@dataclass(frozen=True, slots=True)
class PlaceTile:
    """A tile: its place on the own list, None outside the wishes, and how many posts there fit."""

    facts: MunicipalityFacts
    href: str
    rank: int | None
    score: float | None
    posts: int

    @property
    def colour_class(self) -> int | None:
        """Colour class 1 to 5; None outside the wishes."""
        if self.rank is None:
            return None
        return next((number for last, number in RANK_CLASSES if self.rank <= last), 1)


@dataclass(frozen=True, slots=True)
class BestPlace:
    """A municipality on the own list."""

    facts: MunicipalityFacts
    href: str
    rank: int
    score: float
    parts: tuple[Part, ...]
    posts: int


@dataclass(frozen=True, slots=True)
class BestPost:
    """A post that fits, what to ask about, and how long doctors stay in posts like it."""

    facts: MunicipalityFacts
    href: str
    position: int
    score: float
    parts: tuple[Part, ...]
    terms: PostFacts
    ask: tuple[str, ...]
    stay: str | None
    stay_is_simulated: bool


@dataclass(frozen=True, slots=True)
class Nearly:
    """A post that fits but for one thing: what that is, and what would change it."""

    facts: MunicipalityFacts
    href: str
    would_be_position: int
    score: float
    lacks: str
    change: str
    is_own_wish: bool


@dataclass(frozen=True, slots=True)
class PlacesAnswer:
    """Everything that the answer's part of the template needs."""

    drawing: Drawing
    tiles: Mapping[str, PlaceTile]
    wish_names: tuple[tuple[int, str], ...]
    places: tuple[BestPlace, ...]
    places_in_all: int
    posts: tuple[BestPost, ...]
    posts_in_all: int
    nearly: tuple[Nearly, ...]
    nearly_in_all: int
    has_jobs_by_occupation: bool
    is_own_ranking: bool


class _Names:
    """Municipalities and wishes in the reader's language."""

    def __init__(self, world: World, language: Language, wishes: Sequence[str]) -> None:
        self.language = language
        self.facts = {place.code: place for place in all_facts(world)}
        self.factors = {key: entry.label.in_language(language) for key, entry in world.catalogue.factors.items()}
        self.factors[PARTNER_SERVICE] = translate(N_("Hjelp til partner"), language)
        self.numbers = {wish: number for number, wish in enumerate(wishes)}

    def parts(self, found: Iterable[Contribution]) -> tuple[Part, ...]:
        """Contributions as they stand on a bar, those that add nothing left out."""
        parts, start = [], 0.0
        shown = [part for part in found if part.share or part.points]
        for part, points in zip(shown, rounded_to_sum([part.points for part in shown]), strict=True):
            name, number = self.factors[part.wish], self.numbers[part.wish]
            parts.append(Part(name, number, points, part.score, part.share, part.is_assumed, start))
            start += points
        return tuple(parts)


def rounded_to_sum(points: Sequence[float], digits: int = 1) -> list[float]:
    """Numbers rounded so that they add up to their rounded sum.

    Examples
    --------
    >>> rounded_to_sum([0.14, 0.14, 0.14])
    [0.1, 0.2, 0.1]
    """
    rounded, before, total = [], 0.0, 0.0
    for value in points:
        total += value
        rounded.append(round(round(total, digits) - round(before, digits), digits))
        before = total
    return rounded


def stay_sentence(outlook: PostOutlook, language: Language) -> str:
    """How long doctors stay in posts like one."""
    sentence = STAY_OPEN if outlook.upper_years is None else STAY
    return translate(sentence, language, lower=outlook.lower_years, upper=outlook.upper_years)


def places_answer(world: World, found: OwnPlaces, wishes: Sequence[str], language: Language) -> PlacesAnswer:
    """View of a doctor's best places; `wishes` are the factors of the form, in its order."""
    names = _Names(world, language, (*wishes, PARTNER_SERVICE))
    places = found.places
    municipal = {part.wish for place in places.municipalities for part in place.contributions if part.share}
    used = municipal | {part.wish for post in places.posts for part in post.contributions if part.points}
    return PlacesAnswer(
        drawing=tile_drawing(world.snapshot),
        tiles=_tiles(places.municipalities, names),
        wish_names=tuple((names.numbers[wish], names.factors[wish]) for wish in names.numbers if wish in used),
        places=tuple(
            BestPlace(
                names.facts[place.municipality_code],
                municipality_address(language, place.municipality_code),
                place.rank,
                place.score,
                names.parts(place.contributions),
                place.posts,
            )
            for place in places.municipalities[:MOST_PLACES]
        ),
        places_in_all=len(places.municipalities),
        posts=tuple(_post(post, found, names) for post in places.posts[:MOST_POSTS]),
        posts_in_all=len(places.posts),
        nearly=tuple(_nearly(post, names) for post in places.nearly[:MOST_NEARLY]),
        nearly_in_all=len(places.nearly),
        has_jobs_by_occupation=found.has_jobs_by_occupation,
        is_own_ranking=any(post.is_own_ranking for post in places.posts),
    )


def _tiles(municipalities: Sequence[PlacedMunicipality], names: _Names) -> dict[str, PlaceTile]:
    placed = {place.municipality_code: place for place in municipalities}
    return {
        code: PlaceTile(
            facts,
            municipality_address(names.language, code),
            placed[code].rank if code in placed else None,
            placed[code].score if code in placed else None,
            placed[code].posts if code in placed else 0,
        )
        for code, facts in names.facts.items()
    }


def _post(post: PlacedPost, found: OwnPlaces, names: _Names) -> BestPost:
    outlook = post.outlook
    return BestPost(
        names.facts[post.municipality_code],
        vacancy_address(names.language, post.post_id),
        post.position,
        post.score,
        names.parts(post.contributions),
        post_facts(found.posts[post.post_id], names.language),
        tuple(ask_text(gap, names.factors, names.language) for gap in post.unstated),
        stay_sentence(outlook, names.language) if outlook else None,
        outlook is not None and outlook.is_simulated,
    )


def _nearly(post: NearlyPost, names: _Names) -> Nearly:
    language = names.language
    if post.gap is not None:
        lacks = gap_text(post.gap, names.factors, language)
    else:
        lacks = translate(REQUIREMENTS[post.reason], language) if post.reason else ""
    return Nearly(
        names.facts[post.municipality_code],
        vacancy_address(language, post.post_id),
        post.would_be_position,
        post.score,
        lacks,
        remedies_text(post.remedies, language),
        post.gap is not None,
    )
