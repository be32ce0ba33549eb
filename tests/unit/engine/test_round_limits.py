"""What posts of a round share: whom it counts, what it tells those it holds back, and what it may be read from."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.candidate_view import candidate_view
from engine.employer_view import employer_view
from engine.instance import Expected, InstanceError
from engine.match_result import MatchResult
from engine.match_run import run_match
from engine.posts import Post
from engine.round_figures import Limitation, limitations_of
from engine.round_terms import LimitKind, MinimumQuota, Reversion, RoundTerms, SharedLimit
from engine.round_terms_document import parsed_round_terms
from engine.shared_limits import supervision_limit
from engine.why_not import Unavailable, WhatWouldChange
from features.errors import InvalidInputError, UnknownKeyError
from tests.unit.engine.test_match_run import BODO, DOCTORS, OSLO, POSTS, SCORES, SEED, TODAY, doctor, post

TRAINEES = [doctor(name, (OSLO, 2.0), (BODO, 1.0), is_specialist=False) for name in ("T1", "T2", "T3")]
SPECIALIST = doctor("S", (BODO, 2.0), (OSLO, 1.0))
BOTH = [post("0301", 3), post("1804", 3)]


def limited(kind: LimitKind, capacity: int, posts: list[Post] = BOTH) -> MatchResult:
    terms = RoundTerms((SharedLimit("L1", kind, capacity, frozenset(each.post_id for each in posts)),))
    return run_match([*TRAINEES, SPECIALIST], posts, SCORES, SEED, TODAY, terms=terms)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (LimitKind.SUPERVISION, WhatWouldChange.MORE_SUPERVISION_HOURS),
        (LimitKind.INSTITUTION_SLOTS, WhatWouldChange.MORE_TRAINING_PLACES),
        (LimitKind.GROUP_SEATS, WhatWouldChange.MORE_TRAINING_PLACES),
    ],
)
def test_a_limit_for_training_counts_doctors_in_training_and_holds_the_last_drawn_back(
    kind: LimitKind, change: WhatWouldChange
) -> None:
    result = limited(kind, 2)
    proposed = {pair.candidate_id for pair in result.assignments}
    assert "S" in proposed  # a specialist takes no supervisor's time
    (last,) = {"T1", "T2", "T3"} - proposed
    assert result.lottery_places[last] == max(result.lottery_places[each.candidate_id] for each in TRAINEES)
    liked = candidate_view(result, last).better_liked
    assert [(each.post_id, each.why, each.what_would_change, each.limit_id) for each in liked] == [
        ("P0301", Unavailable.SHARED_LIMIT, change, "L1"),
        ("P1804", Unavailable.SHARED_LIMIT, change, "L1"),
    ]
    assert all(each.own_tier == each.last_tier_admitted == 2 for each in liked)
    assert {left.held_back_by for left in result.unfilled} == {("L1",)}


def test_a_regional_quota_counts_everybody_and_ranks_by_tier_before_lottery() -> None:
    result = limited(LimitKind.REGIONAL_QUOTA, 1)
    assert [pair.candidate_id for pair in result.assignments] == ["S"]
    why = candidate_view(result, "T1").better_liked[0]
    assert (why.why, why.what_would_change) == (Unavailable.SHARED_LIMIT, WhatWouldChange.LARGER_REGIONAL_QUOTA)
    assert (why.own_tier, why.last_tier_admitted) == (2, 1)


def test_where_the_law_asks_for_no_supervisor_nobody_is_counted() -> None:
    early = [
        replace(
            each,
            starts_on=date(2016, 8, 1),
            tiers_set_on=date(2016, 1, 1),
            requirements=replace(each.requirements, latest_start=date(2027, 1, 1)),
        )
        for each in BOTH
    ]
    result = limited(LimitKind.SUPERVISION, 1, early)
    assert result.limits == ()
    assert len(result.assignments) == 4
    assert result.proof.stability.is_stable


def test_the_employer_is_told_the_same_things_with_a_limit() -> None:
    view = employer_view(limited(LimitKind.SUPERVISION, 2), "P0301")
    assert (view.trainees_to_supervise, view.supervision_hours_year) == (2, 84.0)


def test_supervision_is_counted_only_where_a_limit_covers_every_post_with_a_supervisor() -> None:
    counted, partly = limited(LimitKind.SUPERVISION, 2), limited(LimitKind.GROUP_SEATS, 2)
    assert Limitation.SUPERVISION_NOT_COUNTED not in limitations_of(counted)
    assert Limitation.SUPERVISION_NOT_COUNTED in limitations_of(partly)
    one = RoundTerms((SharedLimit("L1", LimitKind.SUPERVISION, 2, frozenset({"P0301"})),))
    some = run_match(TRAINEES, BOTH, SCORES, SEED, TODAY, terms=one)
    assert Limitation.SUPERVISION_NOT_COUNTED in limitations_of(some)


@pytest.mark.parametrize(("hours", "capacity"), [(0, 0), (41.9, 0), (42, 1), (125, 2), (126, 3)])
def test_hours_become_whole_doctors_rounded_down(hours: float, capacity: int) -> None:
    limit = supervision_limit("V", hours, ["P1"], date(2026, 8, 1))
    assert (limit.kind, limit.capacity) == (LimitKind.SUPERVISION, capacity)


def test_negative_hours_and_unknown_posts_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="0 hours or more"):
        supervision_limit("V", -1, ["P1"], date(2026, 8, 1))
    with pytest.raises(UnknownKeyError):
        run_match(
            DOCTORS,
            POSTS,
            SCORES,
            SEED,
            TODAY,
            terms=RoundTerms((SharedLimit("L", LimitKind.SUPERVISION, 1, frozenset({"P9999"})),)),
        )


def test_the_checksum_covers_what_posts_share_in_any_order() -> None:
    one, other = (SharedLimit(name, LimitKind.SUPERVISION, 9, frozenset({"P0301", "P1804"})) for name in ("L1", "L2"))

    def checksum(*limits: SharedLimit) -> str:
        return run_match(TRAINEES, BOTH, SCORES, SEED, TODAY, terms=RoundTerms(limits)).public_inputs_sha256

    assert checksum(one, other) == checksum(other, one)
    assert len({checksum(), checksum(one), checksum(one, other), checksum(replace(one, capacity=8))}) == 4


WHOLE: dict[str, Any] = {
    "limits": [
        {"id": "V1", "kind": "supervision", "hours_year": 126, "posts": ["P1", "P2"]},
        {"id": 2, "kind": "regional_quota", "capacity": 0, "posts": ["P1"]},
    ],
    "reversions": [{"from": "P1", "to": "P2"}],
    "minimums": [{"id": "M1", "at_least": 3, "posts": ["P3"]}],
}
LIMIT = WHOLE["limits"][1]


def test_a_document_becomes_terms() -> None:
    assert parsed_round_terms(WHOLE, ["P3", "P1", "P2"], TODAY) == RoundTerms(
        (
            SharedLimit("V1", LimitKind.SUPERVISION, 3, frozenset({"P1", "P2"})),
            SharedLimit("2", LimitKind.REGIONAL_QUOTA, 0, frozenset({"P1"})),
        ),
        (Reversion("P1", "P2"),),
        (MinimumQuota("M1", 3, frozenset({"P3"})),),
    )
    assert parsed_round_terms({}, [], TODAY) == RoundTerms()


@pytest.mark.parametrize(
    ("document", "path", "expected"),
    [
        ([], "$", Expected.OBJECT),
        ({"quotas": []}, "quotas", Expected.KNOWN_FIELD),
        ({"limits": {}}, "limits", Expected.LIST),
        ({"limits": [{"id": "L", "kind": "regional_quota", "posts": ["P1"]}]}, "limits[0].capacity", Expected.FIELD),
        ({"limits": [LIMIT | {"kind": "quota"}]}, "limits[0].kind", Expected.LIMIT_KIND),
        ({"limits": [LIMIT | {"kind": []}]}, "limits[0].kind", Expected.LIMIT_KIND),
        ({"limits": [LIMIT | {"capacity": -1}]}, "limits[0].capacity", Expected.CAPACITY),
        ({"limits": [LIMIT | {"hours_year": 5}]}, "limits[0].hours_year", Expected.KNOWN_FIELD),
        ({"limits": [WHOLE["limits"][0] | {"hours_year": -5}]}, "limits[0].hours_year", Expected.HOURS),
        ({"limits": [LIMIT | {"posts": []}]}, "limits[0].posts", Expected.SOME_POST),
        ({"limits": [LIMIT | {"posts": ["P1", "P1"]}]}, "limits[0].posts[1]", Expected.ONCE),
        ({"limits": [LIMIT | {"posts": ["P9"]}]}, "limits[0].posts[0]", Expected.KNOWN_POST),
        ({"limits": [LIMIT, LIMIT]}, "limits[1].id", Expected.NEW_ID),
        ({"reversions": [{"from": "P1", "to": "P1"}]}, "reversions[0].to", Expected.OTHER_POST),
        ({"reversions": WHOLE["reversions"] * 2}, "reversions[1].from", Expected.NEW_ID),
        ({"minimums": [WHOLE["minimums"][0] | {"at_least": 0}]}, "minimums[0].at_least", Expected.AT_LEAST_ONE),
    ],
)
def test_a_wrong_document_is_told_where(document: object, path: str, expected: Expected) -> None:
    with pytest.raises(InstanceError) as caught:
        parsed_round_terms(document, ["P1", "P2", "P3"], TODAY)
    assert (caught.value.path, caught.value.expected) == (path, expected)
