"""One round of the match: from candidates, posts and factor scores to a proposal with its proof."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from engine.candidates import Candidate, Qualifications
from engine.eligibility import (
    LegalRequirements,
    RequirementReason,
    WishReason,
    legal_requirements,
    requirement_reasons,
    wish_reasons,
)
from engine.match_fingerprint import input_fingerprints
from engine.match_result import Assignment, MatchResult, MatchStatus, OwnList, OwnListEntry, UnfilledPost
from engine.posts import Post
from engine.preferences import own_orders, preference_rules
from engine.ranking import lottery_places, post_order, tier_of
from engine.stability import stability_proof
from engine.stable_matching import deferred_acceptance
from features.errors import InvalidInputError

Pair = tuple[str, str]


def run_match(
    candidates: Sequence[Candidate],
    posts: Sequence[Post],
    factor_scores: pl.DataFrame,
    lottery_seed: str,
    today: date,
) -> MatchResult:
    """Propose the stable matching that candidates like best among all stable ones.

    Candidates order the posts they want and qualify for by their own wishes; posts order qualified candidates by
    advertised tier and lottery; deferred acceptance pairs them; an independent check inspects every mutually
    acceptable pair. The order of candidates, posts and rows does not matter.

    Parameters
    ----------
    candidates, posts
        The two sides; identifiers are unique.
    factor_scores
        Frame of contract ``FactorScore`` with a row for every municipality of a post.
    lottery_seed
        Published seed, drawn after pseudonyms and tiers were fixed; not empty.
    today
        Day of the round. Tiers must have been set by then; legal requirements are those in force on a post's start.

    Raises
    ------
    InvalidInputError
        Identifiers repeat, the seed is empty, or tiers were set after `today`.
    UnknownKeyError
        A candidate weighs a factor without scores.

    References
    ----------
    Gale and Shapley (1962); Roth and Peranson (1999); domain section 5.2, points 3 and 4.
    """
    _check_round(candidates, posts, lottery_seed, today)
    doctors = {doctor.candidate_id: doctor for doctor in sorted(candidates, key=lambda doctor: doctor.candidate_id)}
    by_post = {post.post_id: post for post in sorted(posts, key=lambda post: post.post_id)}
    qualifications = {name: doctor.qualifications for name, doctor in doctors.items()}
    legal = _legal_by_post(by_post)
    places = lottery_places(lottery_seed, doctors)
    reasons = _ineligible(qualifications, by_post, legal)
    own_lists = _own_lists(doctors, by_post, factor_scores, reasons, today)

    lists = {name: own.listed for name, own in own_lists.items()}
    orders = {
        name: post_order(post, [own for key, own in qualifications.items() if (key, name) not in reasons], places)
        for name, post in by_post.items()
    }
    capacities = {name: post.capacity for name, post in by_post.items()}
    matching = deferred_acceptance(lists, orders, capacities)
    filled = Counter(matching.values())
    full_print, public_print = input_fingerprints(
        doctors.values(), by_post.values(), factor_scores, lottery_seed, today
    )
    return MatchResult(
        status=MatchStatus.PROPOSAL,
        run_on=today,
        lottery_seed=lottery_seed,
        simulated=any(doctor.simulated for doctor in candidates) or any(post.simulated_fields for post in posts),
        assignments=tuple(
            _assignment(qualifications[name], by_post[post], places[name]) for name, post in matching.items()
        ),
        unfilled=tuple(
            UnfilledPost(name, post.municipality_code, post.capacity, filled[name])
            for name, post in by_post.items()
            if filled[name] < post.capacity
        ),
        unmatched=tuple(name for name in doctors if name not in matching),
        ineligible_pairs=tuple(sorted(Counter(reason for failed in reasons.values() for reason in failed).items())),
        proof=stability_proof(matching, lists, orders, capacities),
        inputs_sha256=full_print,
        public_inputs_sha256=public_print,
        lottery_places=places,
        posts=by_post,
        qualifications=qualifications,
        own_lists=own_lists,
    )


def _check_round(candidates: Sequence[Candidate], posts: Sequence[Post], lottery_seed: str, today: date) -> None:
    if not lottery_seed:
        raise InvalidInputError("lottery_seed", lottery_seed, "the published seed of the round")
    for name, ids in (
        ("candidates", [doctor.candidate_id for doctor in candidates]),
        ("posts", [post.post_id for post in posts]),
    ):
        if repeated := [key for key, times in Counter(ids).items() if times > 1]:
            raise InvalidInputError(name, repeated, "each identifier once")
    for post in posts:
        if post.tiers_set_on > today:
            raise InvalidInputError("tiers_set_on", post.tiers_set_on, f"{today} or earlier, before names are seen")


def _legal_by_post(posts: Mapping[str, Post]) -> dict[str, LegalRequirements]:
    by_day = {day: legal_requirements(day) for day in {post.starts_on for post in posts.values()}}
    return {name: by_day[post.starts_on] for name, post in posts.items()}


def _ineligible(
    qualifications: Mapping[str, Qualifications], posts: Mapping[str, Post], legal: Mapping[str, LegalRequirements]
) -> dict[Pair, tuple[RequirementReason, ...]]:
    return {
        (candidate, name): reasons
        for name, post in posts.items()
        for candidate, formal in qualifications.items()
        if (reasons := requirement_reasons(formal, post, legal[name]))
    }


def _own_lists(
    doctors: Mapping[str, Candidate],
    posts: Mapping[str, Post],
    factor_scores: pl.DataFrame,
    ineligible: Mapping[Pair, tuple[RequirementReason, ...]],
    today: date,
) -> dict[str, OwnList]:
    wishes = [doctor.wishes for doctor in doctors.values()]
    orders = own_orders(wishes, list(posts.values()), factor_scores, preference_rules(today))
    return {
        name: _own_list(doctor, [posts[post] for post in orders[name]], ineligible) for name, doctor in doctors.items()
    }


def _own_list(
    doctor: Candidate, ordered: Sequence[Post], ineligible: Mapping[Pair, tuple[RequirementReason, ...]]
) -> OwnList:
    entries: list[OwnListEntry] = []
    left_out: Counter[WishReason] = Counter()
    listed = 0
    for post in ordered:
        failed = ineligible.get((doctor.candidate_id, post.post_id), ())
        if unwanted := wish_reasons(doctor.wishes, post):
            left_out.update(unwanted)
        elif listed == doctor.wishes.list_limit:
            left_out[WishReason.BELOW_OWN_LIMIT] += 1
        elif failed:  # takes no place on the list: the limit counts posts that can be had
            entries.append(OwnListEntry(post.post_id, None, failed))
        else:
            listed += 1
            entries.append(OwnListEntry(post.post_id, listed, ()))
    return OwnList(tuple(entries), tuple(sorted(left_out.items())))


def _assignment(formal: Qualifications, post: Post, lottery_place: int) -> Assignment:
    tier = tier_of(formal, post)
    if tier is None:
        raise InvalidInputError("tier", formal.candidate_id, f"a doctor in an advertised tier of {post.post_id}")
    return Assignment(formal.candidate_id, post.post_id, post.municipality_code, tier, lottery_place)
