from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from engine.advert_seal import check_seal, seal_adverts
from engine.candidates import LanguageLevel
from engine.posts import QualificationGroup
from engine.round_terms import LimitKind, MinimumQuota, RoundTerms, SharedLimit
from features.errors import InvalidInputError
from tests.unit.engine.test_match_run import POSTS

SEALED = datetime(2026, 1, 20, 12, tzinfo=UTC)
OPENED = SEALED + timedelta(days=14)


def test_the_adverts_that_were_sealed_pass_in_any_order() -> None:
    check_seal(POSTS[::-1], seal_adverts(POSTS, SEALED), OPENED)


@pytest.mark.parametrize(
    "change",
    [
        {"tiers": (frozenset({QualificationGroup.TRAINEE}), frozenset({QualificationGroup.SPECIALIST}))},
        {"requirements": replace(POSTS[0].requirements, language_minimum=LanguageLevel.C1)},
        {"capacity": 3},
        {"has_supervisor": False},
        {"tiers_set_on": date(2026, 1, 16)},
    ],
)
def test_whatever_an_order_rests_on_cannot_be_changed_once_names_are_seen(change: dict[str, Any]) -> None:
    seal = seal_adverts(POSTS, SEALED)
    with pytest.raises(InvalidInputError, match="before names were seen"):
        check_seal([replace(POSTS[0], **change), *POSTS[1:]], seal, OPENED)


def test_a_post_taken_out_or_names_seen_too_early_break_the_seal() -> None:
    seal = seal_adverts(POSTS, SEALED)
    with pytest.raises(InvalidInputError):
        check_seal(POSTS[1:], seal, OPENED)
    with pytest.raises(InvalidInputError, match="after the adverts were sealed"):
        check_seal(POSTS, seal, SEALED)


def test_what_posts_share_is_sealed_with_them_in_any_order() -> None:
    limits = tuple(SharedLimit(name, LimitKind.SUPERVISION, 2, frozenset({"P1"})) for name in ("A", "B"))
    terms = RoundTerms(limits=limits, minimums=(MinimumQuota("M", 1, frozenset({"P1"})),))
    seal = seal_adverts(POSTS, SEALED, terms)
    check_seal(POSTS, seal, OPENED, replace(terms, limits=limits[::-1]))
    more = replace(terms, limits=(replace(limits[0], capacity=3), limits[1]))
    for changed in (more, replace(terms, minimums=()), RoundTerms()):
        with pytest.raises(InvalidInputError, match="before names were seen"):
            check_seal(POSTS, seal, OPENED, changed)
    assert seal_adverts(POSTS, SEALED, RoundTerms()) == seal_adverts(POSTS, SEALED)


def test_tiers_dated_after_the_seal_cannot_be_sealed() -> None:
    late = replace(POSTS[0], tiers_set_on=date(2026, 1, 21))
    with pytest.raises(InvalidInputError, match="tiers_set_on"):
        seal_adverts([late], SEALED)
