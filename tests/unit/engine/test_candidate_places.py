"""The candidate's own page: what fits, how much each wish adds, and what fits but for one thing."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from engine.candidate_places import CandidatePlaces, candidate_places
from engine.candidates import Candidate, ContractForm, LanguageLevel, PartnerOccupation, PostKind
from engine.eligibility import RequirementReason
from engine.match_run import run_match
from engine.partner_scores import with_partner_scores
from engine.post_outlook import PostOutlook
from engine.posts import Post
from engine.preferences import preference_rules
from engine.remedies import Change, Remedy
from engine.wish_limits import WishReason
from features.errors import InvalidInputError
from tests.unit.engine.test_match_run import BODO, OSLO, POSTS, SCORES, START, TODAY, TRONDHEIM, doctor, post

OWN = doctor("K1", (BODO, 3.0), (TRONDHEIM, 2.0), (OSLO, 1.0))


def wishing(**changes: object) -> Candidate:
    return replace(OWN, wishes=replace(OWN.wishes, **changes))  # type: ignore[arg-type]


def places(candidate: Candidate, posts: list[Post] = POSTS, scores: pl.DataFrame = SCORES) -> CandidatePlaces:
    return candidate_places(candidate, posts, scores, TODAY)


def test_posts_come_in_the_order_of_the_round_with_the_points_of_each_wish() -> None:
    found = places(OWN)
    assert [each.post_id for each in found.posts] == ["P1804", "P5001", "P0301"]
    assert [each.post_id for each in found.posts] == list(
        run_match([OWN], POSTS, SCORES, "s", TODAY).own_lists["K1"].listed
    )
    bodo = found.posts[0]
    assert [(part.wish, part.points) for part in bodo.contributions if part.points] == [(BODO, 50.0)]
    assert bodo.score == pytest.approx(sum(part.points for part in bodo.contributions)) == 50.0


def test_municipalities_are_ranked_whether_or_not_they_have_a_post() -> None:
    found = places(OWN, [POSTS[0]])
    assert [(each.municipality_code, each.rank, each.posts) for each in found.municipalities] == [
        ("1804", 1, 0),
        ("5001", 2, 0),
        ("0301", 3, 1),
    ]
    north = places(wishing(counties=frozenset({"18"})), [POSTS[0]])
    assert [each.municipality_code for each in north.municipalities] == ["1804"]


def test_municipalities_that_fit_alike_share_a_rank() -> None:
    found = places(doctor("K1", (BODO, 1.0)))
    assert [(each.municipality_code, each.rank) for each in found.municipalities] == [
        ("1804", 1),
        ("0301", 2),
        ("5001", 2),
    ]


@pytest.mark.parametrize(
    ("wish", "fact", "reason"),
    [
        ({"oncall_rota_min": 5}, {"oncall_rota_n": 4}, WishReason.ONCALL_TOO_OFTEN),
        ({"list_length_max": 900}, {"list_length": 901}, WishReason.LIST_TOO_LONG),
        ({"wants_supervisor": True}, {"has_supervisor": False}, WishReason.SUPERVISOR_WANTED),
        ({"latest_start": date(2026, 7, 31)}, {}, WishReason.STARTS_AFTER_OWN_LATEST),
        (
            {"unwanted_kinds": frozenset({PostKind.NURSING_HOME_DOCTOR})},
            {"kinds": frozenset({PostKind.NURSING_HOME_DOCTOR})},
            WishReason.KIND_NOT_WANTED,
        ),
        ({"counties": frozenset({"50"})}, {}, WishReason.REGION_NOT_WANTED),
        ({"factor_limits": ((TRONDHEIM, 1.0),)}, {}, WishReason.FACTOR_BELOW_LIMIT),
        ({"contract_forms": frozenset({ContractForm.SELF_EMPLOYED})}, {}, WishReason.CONTRACT_FORM_NOT_WANTED),
    ],
)
def test_a_limit_keeps_a_post_off_and_says_that_it_would_nearly_fit(
    wish: dict[str, object], fact: dict[str, object], reason: WishReason
) -> None:
    bodo = replace(post("1804"), **fact)  # type: ignore[arg-type]
    assert [each.post_id for each in places(OWN, [bodo]).posts] == ["P1804"]
    found = places(wishing(**wish), [bodo])
    assert found.posts == ()
    (nearly,) = found.nearly
    assert nearly.gap is not None
    assert (nearly.gap.reason, nearly.reason, nearly.would_be_position) == (reason, None, 1)


@pytest.mark.parametrize(
    ("wish", "fact"),
    [({"oncall_rota_min": 5}, {"oncall_rota_n": 0}), ({"oncall_rota_min": 5}, {"oncall_rota_n": 5})],
)
def test_no_duty_and_duty_as_seldom_as_wanted_keep_the_limit(wish: dict[str, int], fact: dict[str, int]) -> None:
    bodo = replace(post("1804"), **fact)  # type: ignore[arg-type]
    assert [each.post_id for each in places(wishing(**wish), [bodo]).posts] == ["P1804"]


def test_what_a_post_does_not_state_keeps_it_on_the_list_and_is_told() -> None:
    found = places(wishing(oncall_rota_min=5, list_length_max=900), [post("1804")])
    (bodo,) = found.posts
    assert [gap.reason for gap in bodo.unstated] == [WishReason.ONCALL_TOO_OFTEN, WishReason.LIST_TOO_LONG]


def test_a_post_that_misses_one_requirement_nearly_fits_and_one_that_misses_two_things_does_not() -> None:
    trainee = doctor("K1", (TRONDHEIM, 3.0), (BODO, 1.0), is_specialist=False)
    found = places(trainee, [post("1804"), post("5001", has_supervisor=False)])
    (trondheim,) = found.nearly
    assert (trondheim.post_id, trondheim.reason, trondheim.would_be_position) == (
        "P5001",
        RequirementReason.NO_SUPERVISOR_FOR_TRAINEE,
        1,
    )
    assert trondheim.remedies == (Remedy(Change.SUPERVISOR_AT_POST),)
    farther = replace(trainee, qualifications=replace(trainee.qualifications, language_level=LanguageLevel.A1))
    assert places(farther, [post("5001", has_supervisor=False)]).nearly == ()


def test_an_own_ranking_overrides_weights_and_limits_here_and_in_the_round() -> None:
    own = wishing(own_ranking=("P0301", "P1804"), counties=frozenset({"50"}))
    found = places(own)
    assert [(each.post_id, each.position, each.is_own_ranking) for each in found.posts] == [
        ("P0301", 1, True),
        ("P1804", 2, True),
    ]
    result = run_match([own], POSTS, SCORES, "s", TODAY)
    assert result.own_lists["K1"].listed == ("P0301", "P1804")
    assert result.own_lists["K1"].left_out == ((WishReason.NOT_IN_OWN_RANKING, 1),)
    assert result.proof.stability.is_stable


def test_the_partners_own_occupation_decides_where_the_scores_have_it() -> None:
    jobs = pl.DataFrame(
        {"municipality_code": ["0301", "1804", "5001"], "factor": "partner_jobs", "score": [90, 50, 10]}
    )
    access = pl.DataFrame(
        {"municipality_code": ["0301", "1804", "5001"], "occupation_group": "health", "access": [0.7, 1.0, 1.6]}
    )
    general = jobs.with_columns(pl.col("score").cast(pl.Float64))
    scores = with_partner_scores(general, access)
    partner = wishing(factor_weights=(), partner_occupation_group=PartnerOccupation.HIGHER_EDUCATION)
    assert [each.post_id for each in places(partner, POSTS, scores).posts] == ["P0301", "P1804", "P5001"]
    nurse = replace(partner, wishes=replace(partner.wishes, partner_occupation="health"))
    assert [each.post_id for each in places(nurse, POSTS, scores).posts] == ["P5001", "P1804", "P0301"]
    fallback = places(nurse, POSTS, general)  # no figures by occupation: jobs of all kinds
    assert [each.post_id for each in fallback.posts] == ["P0301", "P1804", "P5001"]


def test_a_partner_service_counts_for_those_with_a_partner_only_and_stands_apart() -> None:
    scores = pl.DataFrame({"municipality_code": ["1804"], "factor": "partner_jobs", "score": [40.0]})
    helping = replace(post("1804"), has_partner_service=True)
    partner = wishing(factor_weights=(("partner_jobs", 1.0),), partner_occupation_group=PartnerOccupation.OTHER)
    points = preference_rules(TODAY).partner_service_points
    (found,) = places(partner, [helping], scores).posts
    assert {part.wish: part.points for part in found.contributions} == {"partner_jobs": 40.0, "partner_service": points}
    assert found.score == 40.0 + points
    single = replace(partner, wishes=replace(partner.wishes, partner_occupation_group=PartnerOccupation.NONE))
    assert places(single, [helping], scores).posts[0].score == 40.0


def test_how_long_doctors_stay_stands_beside_a_post_and_moves_none() -> None:
    outlooks = {"P0301": PostOutlook("P0301", 9, None, is_simulated=True, source="model 3")}
    plain, told = places(OWN), candidate_places(OWN, POSTS, SCORES, TODAY, outlooks)
    assert [replace(each, outlook=None) for each in told.posts] == list(plain.posts)
    assert [each.outlook is not None for each in told.posts] == [False, False, True]
    with pytest.raises(InvalidInputError):
        candidate_places(OWN, POSTS[1:], SCORES, TODAY, outlooks)


@pytest.mark.parametrize(
    "change",
    [
        {"factor_limits": (("workload", 101.0),)},
        {"factor_limits": (("workload", 1.0), ("workload", 2.0))},
        {"oncall_rota_min": 0},
        {"list_length_max": -1},
        {"partner_occupation": "health"},
        {"own_ranking": ("P1", "P1")},
    ],
)
def test_wishes_that_contradict_themselves_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        wishing(**change)


def test_a_post_that_starts_in_time_is_not_kept_off() -> None:
    assert len(places(wishing(latest_start=START)).posts) == 3
