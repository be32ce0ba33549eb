"""Red attributes cannot change a match, because nothing on the post's side can hold them."""

import inspect
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from numpy.random import default_rng

from engine import eligibility, ranking
from engine.candidates import OWN_WISH_FIELDS, Candidate, Qualifications, Wishes, qualifications_from_record
from engine.match_result import Assignment, MatchResult, UnfilledPost
from engine.posts import Post, Requirements
from engine.protected_fields import ProtectedFieldError, protected_fields, protected_grounds
from engine.simulated_candidates import simulate_candidates
from features.frames import FactorScore

POST_SIDE = (Qualifications, Post, Requirements, Assignment, UnfilledPost)
RED = {"sex": ("m", "f"), "age": (29, 61), "nationality": ("NO", "PK"), "children": (0, 4), "sykefravær": (0, 90)}


def names(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


@pytest.mark.parametrize("kind", [*POST_SIDE, Candidate, MatchResult])
def test_no_field_of_the_types_names_a_protected_ground(kind: type) -> None:
    assert protected_fields(names(kind)) == ()


def test_the_own_wishes_hold_one_amber_field_and_no_red_one() -> None:
    assert {hit.field for hit in protected_fields(names(Wishes))} == OWN_WISH_FIELDS


@pytest.mark.parametrize("kind", POST_SIDE)
def test_no_type_of_the_posts_side_shares_a_field_with_the_wishes(kind: type) -> None:
    shared = set(names(kind)) & set(names(Wishes)) - {"candidate_id"}
    assert not shared


@pytest.mark.parametrize(
    "decide",
    [
        eligibility.requirement_reasons,
        eligibility.requirement_checks,
        eligibility.qualification_group,
        ranking.tier_of,
        ranking.post_order,
        ranking.lottery_places,
    ],
)
def test_no_function_that_ranks_or_rejects_takes_candidates_or_wishes(decide: Callable[..., Any]) -> None:
    taken = str(inspect.signature(decide))
    assert "Wishes" not in taken
    assert ".Candidate" not in taken


@pytest.mark.parametrize("attribute", RED)
def test_flipping_a_red_attribute_is_refused_alike_for_every_value(attribute: str) -> None:
    formal = simulate_candidates(1, ["50"], ["workload"], default_rng(1), today=date(2026, 1, 15))[0].qualifications
    record = {name: getattr(formal, name) for name in names(Qualifications)}
    told = []
    for value in RED[attribute]:
        with pytest.raises(ProtectedFieldError) as caught:
            qualifications_from_record({**record, attribute: value})
        told.append(str(caught.value))
        assert str(value) not in caught.value.found[0].field
    assert len(set(told)) == 1


def test_qualifications_have_no_place_to_hide_an_attribute() -> None:
    formal = simulate_candidates(1, ["50"], ["workload"], default_rng(1), today=date(2026, 1, 15))[0].qualifications
    with pytest.raises((AttributeError, TypeError)):
        formal.sex = "f"  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        replace(formal, sex="f")  # type: ignore[call-arg]


def test_every_ground_of_the_law_is_guarded() -> None:
    assert {ground.key for ground in protected_grounds()} >= {
        "sex_and_gender",
        "sexual_orientation",
        "age",
        "pregnancy_and_leave",
        "family",
        "partner",
        "origin",
        "religion_and_belief",
        "health",
        "union_and_politics",
        "identity",
        "residence",
        "career_gaps",
        "predicted_stay",
    }


def test_frames_of_scores_describe_places_not_people() -> None:
    assert protected_fields(FactorScore.columns()) == ()
