"""What the pages of allocation rounds show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from api.pages.addresses import prefix
from api.round_term_words import term_sentence
from api.round_words import STAGES
from api.services.round_steps import ORDER, RoundStage
from api.services.round_terms import Term
from api.services.round_views import RoundProposal, RoundState, round_posts, round_proposals, round_state
from api.services.world import World
from api.translation import translate
from engine.posts import Post
from engine.round_figures import SideFigures
from features.catalogue import Language
from features.local_template import load_local_template


@dataclass(frozen=True, slots=True)
class StageMark:
    """A stage of the round on its way: passed, the one it stands at, or to come."""

    label: str
    is_passed: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post in the list of a round.

    Attributes
    ----------
    proposals : tuple of RoundProposal or None
        None in a round with real doctors: each employer sees the own answer only.
    """

    post: Post
    municipality: str
    href: str
    proposals: tuple[RoundProposal, ...] | None


@dataclass(frozen=True, slots=True)
class TermRow:
    """What some posts of a round share, in words."""

    term_id: str
    sentence: str
    posts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """How many doctors got their choice number `place` as it is, and if the posts proposed; the last row: or later."""

    place: int
    proposal: int
    other: int | None


@dataclass(frozen=True, slots=True)
class RoundPage:
    """Everything the template of a round needs."""

    state: RoundState
    stages: tuple[StageMark, ...]
    posts: tuple[PostRow, ...]
    terms: tuple[TermRow, ...]
    held_back: tuple[tuple[str, str], ...]
    undecided: tuple[RoundProposal, ...]
    roles: tuple[tuple[str, str], ...]
    href: str
    steps: frozenset[str]


def round_href(language: Language, round_id: int) -> str:
    """Address of a round's page."""
    return f"{prefix(language)}/runde/{round_id}"


def round_page(engine: Engine, world: World, round_id: int, language: Language) -> RoundPage:
    """Everything about a round that those who lead it may see."""
    state, href = round_state(engine, round_id), round_href(language, round_id)
    names = municipality_names(world)
    proposals = round_proposals(engine, round_id) if state.is_simulated else None
    posts = round_posts(engine, round_id)
    places = {post.post_id: names[post.municipality_code] for post in posts}
    return RoundPage(
        state=state,
        stages=_marks(state.stage, state.reached, language),
        posts=tuple(
            PostRow(
                post,
                names[post.municipality_code],
                f"{href}/stilling/{post.post_id}",
                proposals if proposals is None else tuple(each for each in proposals if each.post_id == post.post_id),
            )
            for post in posts
        ),
        terms=term_rows(state.terms, places, language),
        held_back=_held_back(state, places),
        undecided=tuple(each for each in proposals or () if each.is_followed is None),
        roles=roles(language),
        href=href,
        steps=frozenset(step.value for step in state.steps_now),
    )


def term_rows(terms: Iterable[Term], places: Mapping[str, str], language: Language) -> tuple[TermRow, ...]:
    """Terms in words; `places` names the municipality of each post."""
    return tuple(TermRow(term.term_id, term_sentence(term, places, language), term.posts) for term in terms)


def _held_back(state: RoundState, places: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Posts with a free place under a limit reached in the latest run, and the limits; none with real doctors."""
    latest = state.runs[-1].findings if state.runs else None
    found = sorted(latest.held_back.items()) if latest else []
    return tuple((f"{post} ({places[post]})", ", ".join(limits)) for post, limits in found)


def choice_rows(sides: SideFigures) -> tuple[ChoiceRow, ...]:
    """Who got which choice, both sides in the same classes; none where it may not be told."""
    if sides.proposal is None:
        return ()
    here, there = sides.proposal.counts, sides.post_side.counts if sides.post_side else None
    last = (len(there) if there else len(here)) - 1
    merged = (*here[:last], sum(here[last:]))
    return tuple(ChoiceRow(place + 1, count, there[place] if there else None) for place, count in enumerate(merged))


def post_places(engine: Engine, world: World, round_id: int) -> dict[str, str]:
    """Municipality of every post of a round."""
    names = municipality_names(world)
    return {post.post_id: names[post.municipality_code] for post in round_posts(engine, round_id)}


def municipality_names(world: World) -> dict[str, str]:
    """Names by municipality code."""
    return dict(world.snapshot.municipalities.select("municipality_code", "name").iter_rows())


def roles(language: Language) -> tuple[tuple[str, str], ...]:
    """Who may be named as the one who does something: roles, never persons."""
    return tuple((key, text.in_language(language)) for key, text in load_local_template().roles.items())


def _marks(stage: RoundStage, reached: RoundStage, language: Language) -> tuple[StageMark, ...]:
    passed = ORDER.index(reached)
    return tuple(
        StageMark(translate(STAGES[each], language), place <= passed and each is not stage, each is stage)
        for place, each in enumerate(ORDER)
    )
