"""One round of the match: from candidates, posts and factor scores to a proposal with its proof."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import polars as pl

from engine.candidates import Candidate, Qualifications
from engine.eligibility import RequirementReason
from engine.joint_lists import joint_lists_of
from engine.joint_matching import SolvedRound, instance_of, solved_matching, standings_of
from engine.joint_wishes import JointWishes
from engine.match_fingerprint import public_fingerprint
from engine.match_proof import round_proof
from engine.match_result import Assignment, MatchResult, MatchStatus, StabilityStatus, UnfilledPost
from engine.own_lists import ineligible_pairs, own_lists_of
from engine.posts import Post
from engine.ranking import lottery_places, post_order, tier_of
from engine.round_terms import NO_TERMS, RoundTerms
from engine.shared_limits import check_posts, full_limits, is_trainee, limits_in_force, most_places
from engine.stable_matching import deferred_acceptance
from features.errors import InvalidInputError

Pair = tuple[str, str]
SECONDS = 60.0
"""Time limit of a round with couples, if the caller sets none."""


def no_clock() -> float:
    """A clock that stands still."""
    return 0.0


def run_match(
    candidates: Sequence[Candidate],
    posts: Sequence[Post],
    factor_scores: pl.DataFrame,
    lottery_seed: str,
    today: date,
    *,
    joint: Sequence[JointWishes] = (),
    terms: RoundTerms = NO_TERMS,
    regions: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    clock: Callable[[], float] = no_clock,
) -> MatchResult:
    """Propose the stable matching that candidates like best among all stable ones.

    Candidates order the posts they want and qualify for by their own wishes, up to their own limit; posts order
    qualified candidates by advertised tier and lottery; deferred acceptance pairs them; an independent check works
    both sides' lists out again from the inputs and inspects every pair that stands on both. Stable means: on the
    submitted lists. The order of candidates, posts and rows does not matter.

    With couples, or limits that posts share, a stable matching need not exist, and none need be best for all. Then one
    that is stable is searched for (`engine.couple_solver`), and the result says what is known: stable, proven that none
    exists, or the fewest blocking options found. A person decides with that before the eyes. Couples hold on to each
    other: neither member is proposed a post without the other but where their joint list says so.

    A post has a supervisor or not: several doctors in training may be proposed where one supervisor works, unless a
    limit in `terms` counts them; the employer's answer tells the hours.

    Parameters
    ----------
    candidates, posts
        The two sides; identifiers are unique.
    factor_scores
        Frame of contract ``FactorScore`` with a row for every municipality of a post.
    lottery_seed
        Published seed; not empty. Whoever knows the pseudonyms and picks the seed picks the winners: in a real round
        pseudonyms and tiers are fixed and published (by checksum) first, the seed is drawn after by somebody else
        or from a public draw. Nothing here can check that this was done.
    today
        Day of the round. Tiers must have been set by then; legal requirements are those in force on a post's start.

    joint
        Couples, each member one of the candidates. Their joint lists count in place of the members' own.
    terms
        What posts share; set with the adverts.
    regions
        Labour-market region by municipality code, for couples who want to be in the same; a public fact.
    seconds, clock
        Time limit of a round with couples, and seconds since any moment, such as ``time.monotonic``. Where the clock
        stands still the limit holds for the constraint solver alone.

    Raises
    ------
    InvalidInputError
        Identifiers repeat, the seed is empty, tiers were set after `today`, somebody is in two couples, or a region is
        missing.
    UnknownKeyError
        A candidate weighs a factor without scores, ranks a post that is not in the round, or a couple's member takes no
        part.

    References
    ----------
    Gale and Shapley (1962), College admissions and the stability of marriage, American Mathematical Monthly 69(1);
    Roth and Peranson (1999), The redesign of the matching market for American physicians, American Economic Review
    89(4); domain section 5.2, points 3 and 4.

    Examples
    --------
    >>> from numpy.random import default_rng
    >>> from engine.simulated_candidates import simulate_candidates
    >>> scores = pl.DataFrame({"municipality_code": ["5001"], "factor": ["partner_jobs"], "score": [50.0]})
    >>> doctors = simulate_candidates(3, ["50"], ["partner_jobs"], default_rng(1), today=date(2026, 1, 1))
    >>> nothing_vacant = run_match(doctors, [], scores, "2026-1", date(2026, 1, 1))
    >>> nothing_vacant.unmatched, nothing_vacant.proof.stability.is_stable
    (('SIM-0001', 'SIM-0002', 'SIM-0003'), True)
    """
    _check_round(candidates, posts, lottery_seed, today)
    doctors = {doctor.candidate_id: doctor for doctor in sorted(candidates, key=lambda doctor: doctor.candidate_id)}
    by_post = {post.post_id: post for post in sorted(posts, key=lambda post: post.post_id)}
    qualifications = {name: doctor.qualifications for name, doctor in doctors.items()}
    places = lottery_places(lottery_seed, doctors)
    reasons = ineligible_pairs(qualifications, by_post)
    own_lists = own_lists_of(doctors, by_post, factor_scores, reasons, today)

    lists = {name: own.listed for name, own in own_lists.items()}
    orders = {
        name: post_order(post, [own for key, own in qualifications.items() if (key, name) not in reasons], places)
        for name, post in by_post.items()
    }
    capacities = {name: post.capacity for name, post in by_post.items()}
    check_posts(terms, capacities)
    roomy = {name for name, most in most_places(capacities, terms.reversions).items() if most > 1}
    joint_lists = joint_lists_of(joint, own_lists, by_post, reasons, regions or {}, roomy)
    limits = limits_in_force(terms.limits, by_post)
    if joint_lists or terms != NO_TERMS:
        standings = standings_of(orders, by_post, qualifications, places)
        trainees = {name for name, own in qualifications.items() if is_trainee(own)}
        instance = instance_of(lists, joint_lists, standings, capacities, limits, trainees)
        solved = solved_matching(instance, terms, seconds=seconds, clock=clock)
    else:
        solved = SolvedRound(
            deferred_acceptance(lists, orders, capacities), StabilityStatus.STABLE, bound=0, capacities=capacities
        )
    matching = solved.matching
    full = full_limits(limits, matching, qualifications)
    filled = Counter(matching.values())
    return MatchResult(
        status=MatchStatus.PROPOSAL,
        run_on=today,
        lottery_seed=lottery_seed,
        simulated=any(doctor.simulated for doctor in candidates) or any(post.simulated_fields for post in posts),
        candidates_simulated=all(doctor.simulated for doctor in candidates),
        assignments=tuple(
            _assignment(qualifications[name], by_post[post], places[name]) for name, post in matching.items()
        ),
        unfilled=tuple(
            UnfilledPost(
                name,
                post.municipality_code,
                solved.capacities[name],
                filled[name],
                tuple(limit.limit_id for limit in full if name in limit.posts),
            )
            for name, post in by_post.items()
            if filled[name] < solved.capacities[name]
        ),
        unmatched=tuple(name for name in doctors if name not in matching),
        ineligible_candidates=_ineligible_candidates(reasons),
        proof=round_proof(
            matching, candidates, posts, factor_scores, lottery_seed, today, joint, terms, regions, solved.outcome
        ),
        public_inputs_sha256=public_fingerprint(candidates, posts, factor_scores, lottery_seed, today, terms),
        lottery_places=places,
        posts=by_post,
        qualifications=qualifications,
        own_lists=own_lists,
        capacities=solved.capacities,
        limits=limits,
        joint_lists=joint_lists,
        stability=solved.status,
        bound=solved.bound,
        outcome=solved.outcome,
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


def _ineligible_candidates(
    ineligible: Mapping[Pair, tuple[RequirementReason, ...]],
) -> tuple[tuple[RequirementReason, int], ...]:
    people = {(reason, candidate) for (candidate, _), failed in ineligible.items() for reason in failed}
    return tuple(sorted(Counter(reason for reason, _ in people).items()))


def _assignment(formal: Qualifications, post: Post, lottery_place: int) -> Assignment:
    tier = tier_of(formal, post)
    if tier is None:
        raise InvalidInputError("tier", formal.candidate_id, f"a doctor in an advertised tier of {post.post_id}")
    return Assignment(formal.candidate_id, post.post_id, post.municipality_code, tier, lottery_place)
