"""Checks of places that are said to have changed hands and of a cap, apart from the code that moved and set them."""

from collections import Counter
from collections.abc import Mapping

from engine.proof_result import SubmittedLimit
from engine.round_terms import RoundTerms
from engine.terms_outcome import MinimumStatus, TermsOutcome


def places_after(capacities: Mapping[str, int], outcome: TermsOutcome) -> dict[str, int]:
    """Places of each post after those that changed hands."""
    found = dict(capacities)
    for each in outcome.moved:
        found[each.from_post] -= each.places
        found[each.to_post] += each.places
    return found


def reachable_places(capacities: Mapping[str, int], terms: RoundTerms) -> dict[str, int]:
    """Places that a post could have at most: its own and those of every post from which places can come to it."""
    givers: dict[str, set[str]] = {post: set() for post in capacities}
    for each in terms.reversions:
        givers[each.to_post].add(each.from_post)
    found = {}
    for post in capacities:
        reached, waiting = {post}, [post]
        while waiting:
            fresh = givers[waiting.pop()] - reached
            reached |= fresh
            waiting += fresh
        found[post] = sum(capacities[each] for each in reached)
    return found


def keeps_to_terms(
    matching: Mapping[str, str], capacities: Mapping[str, int], terms: RoundTerms, outcome: TermsOutcome
) -> bool:
    """Whether places moved as the terms allow, none was left that should have, and least numbers are as is said."""
    held = Counter(matching.values())
    after = places_after(capacities, outcome)
    targets = {each.from_post: each.to_post for each in terms.reversions}
    is_along = all(each.places > 0 and targets.get(each.from_post) == each.to_post for each in outcome.moved)
    is_left = (
        outcome.reversion_is_complete
        and outcome.cap is None  # a cap comes after, and can empty places
        and any(held[post] < after[post] for post in targets if not _comes_back(post, targets))
    )
    reached = {quota.quota_id: sum(held[post] for post in quota.posts) for quota in terms.minimums}
    said = {each.quota_id: each.reached for each in outcome.minimums}
    is_met = all(reached[quota.quota_id] >= quota.at_least for quota in terms.minimums)
    is_said_met = outcome.minimum_status in (MinimumStatus.MET, MinimumStatus.MET_BY_CAP)
    return (
        is_along and not is_left and min(after.values(), default=0) >= 0 and said == reached and is_met == is_said_met
    )


def cap_of(capacities: Mapping[str, int], terms: RoundTerms, outcome: TermsOutcome) -> SubmittedLimit | None:
    """The cap as a limit on everybody in all posts that no least number names."""
    if outcome.cap is None:
        return None
    named = {post for quota in terms.minimums for post in quota.posts}
    return SubmittedLimit(outcome.cap.places, frozenset(capacities.keys() - named), None)


def _comes_back(post: str, targets: Mapping[str, str]) -> bool:
    """Whether places of a post can go round and come back; then one that nobody fills anywhere may stay."""
    at, seen = targets.get(post), {post}
    while at is not None and at not in seen:
        seen.add(at)
        at = targets.get(at)
    return at == post
