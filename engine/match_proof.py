"""Proof of a whole round from its inputs, apart from the code that made the proposal.

Nothing of the run's own lists and orders enters: who qualifies, in which tier, by which lottery number, and what each
candidate wants in which order is worked out here again from candidates, posts and scores, pair by pair and without the
functions of `engine.eligibility`, `engine.ranking` and `engine.preferences` that the run uses. Shared are the inputs
themselves, the dated rules among them, and `engine.stability`, which shares no code with the algorithm.
"""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import date
from hashlib import sha256

import polars as pl

from engine.candidates import Candidate, PartnerOccupation, Qualifications, Wishes
from engine.eligibility import LegalRequirements, legal_requirements
from engine.joint_proof import joint_proof, submitted_couples
from engine.joint_wishes import JointWishes
from engine.posts import Post, QualificationGroup
from engine.preferences import DECIMALS, PARTNER_JOBS, PreferenceRules, preference_rules
from engine.proof_result import Lists, OwnLimits, RoundProof, SubmittedLimit, SubmittedMarket
from engine.round_terms import NO_TERMS, LimitKind, RoundTerms
from engine.stability import stability_proof
from engine.terms_outcome import NO_OUTCOME, TermsOutcome
from engine.terms_proof import cap_of, keeps_to_terms, places_after, reachable_places

BITS_64 = 2**64 - 1
Scores = Mapping[tuple[str, str], float | None]


def round_proof(
    matching: Mapping[str, str],
    candidates: Sequence[Candidate],
    posts: Sequence[Post],
    factor_scores: pl.DataFrame,
    lottery_seed: str,
    today: date,
    joint: Sequence[JointWishes] = (),
    terms: RoundTerms = NO_TERMS,
    regions: Mapping[str, str] | None = None,
    outcome: TermsOutcome = NO_OUTCOME,
) -> RoundProof:
    """Check a matching of a round against the round's inputs.

    A pair is mutually acceptable if each stands on the other's submitted list. The proof says nothing of posts beyond
    a candidate's own limit: those are counted, not checked, for the candidate did not submit them.

    Parameters
    ----------
    matching
        Candidate -> post, the matched only.
    candidates, posts, factor_scores, lottery_seed, today, joint, terms, regions
        As given to `engine.match_run.run_match`.
    outcome
        The places that are said to have changed hands, and the cap; both are checked.

    References
    ----------
    Gale and Shapley (1962); Haeringer and Klijn (2009), Constrained school choice, Journal of Economic Theory 144(5):
    what a limit on lists does to stability.
    """
    market = submitted_market(candidates, posts, factor_scores, lottery_seed, today)
    if joint or terms != NO_TERMS:
        couples = submitted_couples(market, joint, posts, regions or {}, reachable_places(market.capacities, terms))
        return joint_proof(
            matching,
            replace(market, capacities=places_after(market.capacities, outcome)),
            couples,
            submitted_limits(terms, candidates, posts),
            cap_of(market.capacities, terms, outcome),
            keeps_to_terms=keeps_to_terms(matching, market.capacities, terms, outcome),
        )
    held = Counter(matching.values())
    free = {name for name, capacity in market.capacities.items() if held[name] < capacity}
    return RoundProof(
        stability=stability_proof(matching, market.candidate_lists, market.post_orders, market.capacities),
        candidates_checked=sum(bool(listed) for listed in market.candidate_lists.values()),
        own_limits=OwnLimits(
            pairs=sum(len(left) for left in market.beyond_limit.values()),
            candidates=sum(bool(left) for left in market.beyond_limit.values()),
            unmatched_with_free_place=sum(
                name not in matching and not free.isdisjoint(left) for name, left in market.beyond_limit.items()
            ),
        ),
    )


def submitted_market(
    candidates: Sequence[Candidate], posts: Sequence[Post], factor_scores: pl.DataFrame, lottery_seed: str, today: date
) -> SubmittedMarket:
    """Both sides' lists, worked out anew from the inputs of a round."""
    law = {day: legal_requirements(day) for day in {post.starts_on for post in posts}}
    rules = preference_rules(today)
    scores: Scores = {
        (code, factor): score
        for code, factor, score in factor_scores.select("municipality_code", "factor", "score").iter_rows()
    }
    factors = {factor for _, factor in scores}
    numbers = {
        doctor.candidate_id: sha256(f"{lottery_seed}:{doctor.candidate_id}".encode()).hexdigest()
        for doctor in candidates
    }
    ranked: dict[str, list[tuple[int, str, str]]] = {post.post_id: [] for post in posts}
    lists: Lists = {}
    beyond: Lists = {}
    for doctor in candidates:
        name, wanted = doctor.candidate_id, []
        shares = _shares(doctor.wishes, rules)
        for post in posts:
            tier = _tier(doctor.qualifications, post, law[post.starts_on])
            if tier is None:
                continue
            ranked[post.post_id].append((tier, numbers[name], name))
            if doctor.wishes.own_ranking is not None:
                if post.post_id in doctor.wishes.own_ranking:
                    wanted.append((doctor.wishes.own_ranking.index(post.post_id), 0, post.post_id))
            elif _is_wanted(doctor.wishes, post, scores):
                liking = _liking(doctor.wishes, shares, post, scores, factors, rules)
                wanted.append((-liking, _tie_number(name, post.post_id), post.post_id))
        ordered = tuple(post_id for _, _, post_id in sorted(wanted))
        lists[name], beyond[name] = ordered[: doctor.wishes.list_limit], ordered[doctor.wishes.list_limit :]
    return SubmittedMarket(
        candidate_lists=lists,
        beyond_limit=beyond,
        standings={post_id: {name: (tier, drawn) for tier, drawn, name in order} for post_id, order in ranked.items()},
        capacities={post.post_id: post.capacity for post in posts},
    )


def submitted_limits(terms: RoundTerms, candidates: Sequence[Candidate], posts: Sequence[Post]) -> list[SubmittedLimit]:
    """Shared limits and whom each counts where: for training, those who train at posts where the law asks for it."""
    in_training = frozenset(
        doctor.candidate_id
        for doctor in candidates
        if doctor.qualifications.in_training and not doctor.qualifications.is_specialist
    )
    supervised = {post.post_id for post in posts if legal_requirements(post.starts_on).trainee_supervisor}
    return [
        SubmittedLimit(limit.capacity, limit.posts, None)
        if limit.kind is LimitKind.REGIONAL_QUOTA
        else SubmittedLimit(limit.capacity, limit.posts & supervised, in_training)
        for limit in terms.limits
    ]


def _tier(formal: Qualifications, post: Post, law: LegalRequirements) -> int | None:
    """Number of the advertised tier from 0, None for a doctor whom law or advert rules out."""
    is_trainee = formal.in_training and not formal.is_specialist
    asked = post.requirements
    if (
        (law.authorisation and not formal.authorised)
        or (
            law.specialist_or_training and not _is_short(post, law) and not (formal.is_specialist or formal.in_training)
        )
        or (((is_trainee and law.lis1_before_training) or asked.lis1_complete) and not formal.lis1_complete)
        or (is_trainee and law.trainee_supervisor and not _has_hours(post, law))
        or (is_trainee and law.trainee_supervisor and not post.has_supervisor)
        or formal.language_level < asked.language_minimum
        or formal.available_from > asked.latest_start
        or not asked.fte_minimum <= formal.fte <= asked.fte_maximum
    ):
        return None
    if formal.is_specialist:
        group = QualificationGroup.SPECIALIST
    else:
        group = QualificationGroup.TRAINEE if is_trainee else QualificationGroup.OTHER_DOCTOR
    return next((number for number, tier in enumerate(post.tiers) if group in tier), None)


def _is_short(post: Post, law: LegalRequirements) -> bool:
    return post.fixed_term_months is not None and post.fixed_term_months <= law.exempt_term_months


def _has_hours(post: Post, law: LegalRequirements) -> bool:
    return post.supervision_hours_year is None or post.supervision_hours_year >= law.supervision_hours_year


def _is_wanted(wishes: Wishes, post: Post, scores: Scores) -> bool:
    if wishes.contract_forms.isdisjoint({post.contract_form, *post.other_contract_forms}):
        return False
    if wishes.counties is not None and post.county_code not in wishes.counties:
        return False
    rota, length = post.oncall_rota_n, post.list_length
    return not (
        not wishes.unwanted_kinds.isdisjoint(post.kinds)
        or (wishes.latest_start is not None and wishes.latest_start < post.starts_on)
        or (wishes.oncall_rota_min is not None and rota is not None and 0 < rota < wishes.oncall_rota_min)
        or (wishes.list_length_max is not None and length is not None and length > wishes.list_length_max)
        or (wishes.wants_supervisor and not post.has_supervisor)
        or any(
            (score := scores.get((post.municipality_code, factor))) is not None and score < least
            for factor, least in wishes.factor_limits
        )
    )


def _shares(wishes: Wishes, rules: PreferenceRules) -> list[tuple[str, float]]:
    weights = dict(wishes.factor_weights)
    total = sum(weights[factor] for factor in sorted(weights))
    shares = {factor: weight / total if total else 0.0 for factor, weight in weights.items()}
    stated, floor = shares.get(PARTNER_JOBS, 0.0), dict(rules.partner_floor)[wishes.partner_occupation_group]
    if floor > stated:
        shares = {factor: share * (1 - floor) / (1 - stated) for factor, share in shares.items()}
        shares[PARTNER_JOBS] = floor
    return sorted(shares.items())


def _liking(
    wishes: Wishes,
    shares: Sequence[tuple[str, float]],
    post: Post,
    scores: Scores,
    factors: Set[str],
    rules: PreferenceRules,
) -> int:
    """Weighted mean score in whole billionths, so that differences in the last bits do not count."""
    liking, by_occupation = 0.0, f"{PARTNER_JOBS}.{wishes.partner_occupation}"
    for factor, share in shares:
        is_partners = factor == PARTNER_JOBS
        score = scores.get(
            (post.municipality_code, by_occupation if is_partners and by_occupation in factors else factor)
        )
        held = rules.neutral_score if score is None else score
        if is_partners and post.has_partner_service and wishes.partner_occupation_group is not PartnerOccupation.NONE:
            held = min(100.0, held + rules.partner_service_points)
        liking += share * held
    return round(liking * 10.0**DECIMALS)


def _tie_number(candidate_id: str, post_id: str) -> int:
    left, right = (int.from_bytes(sha256(name.encode()).digest()[:8], "big") for name in (candidate_id, post_id))
    bits = left ^ right
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 & BITS_64
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB & BITS_64
    return bits ^ (bits >> 31)
