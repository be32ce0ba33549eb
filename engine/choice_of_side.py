"""What it means which side proposes, and what one decider's assignment would cost: figures beside a proposal.

Exact, so for those who run the round; `engine.round_figures` gives what may be published.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from engine.match_result import MatchResult
from engine.ranking import tier_of
from engine.stability import stability_proof
from engine.stable_matching import post_optimal_matching

WHOLE = 100.0
"""Fit of a pair in which each side has what it likes best."""

Choices = Mapping[int | None, int]
"""How many candidates got their choice 1, 2, 3 …; None counts those who got none."""


@dataclass(frozen=True, slots=True)
class AssignmentPrice:
    """The proposal beside the assignment with the greatest total fit.

    Fits are sums over pairs of the mean of two places, the post's on the candidate's list and the candidate's among
    those who list the post, each from 100 for the first to just above 0 for the last. That both sides count alike is an
    assumption. ``blocking_pairs`` counts pairs that would both rather have each other than that assignment.
    """

    proposal_fit: float
    greatest_fit: float
    assigned: int
    blocking_pairs: int


@dataclass(frozen=True, slots=True)
class ChoiceOfSide:
    """Who got which choice by the proposal, and what the other side's best stable matching would give.

    A member of a couple who has a post counts with the place of the pair on the joint list. The last three are None for
    a round with couples, shared limits or a cap, where there is no such thing as a side's best stable matching.
    """

    proposal: Choices
    post_side: Choices | None
    placed_differently: int | None
    assignment: AssignmentPrice | None


def choice_of_side(result: MatchResult) -> ChoiceOfSide:
    """Compare a proposal with the stable matching that posts like best, and with the greatest total fit.

    Candidates propose in a round, so that nobody gains by listing other posts than the truly wanted; the stable
    matching that posts like best is the one that candidates like least.

    References
    ----------
    Gale and Shapley (1962), American Mathematical Monthly 69(1); Roth and Sotomayor (1990), Two-sided Matching,
    sections 2.3, 5.4 and 8.
    """
    lists = {name: own.listed for name, own in result.own_lists.items()}
    matching = {pair.candidate_id: pair.post_id for pair in result.assignments}
    if result.joint_lists or result.limits or result.outcome.cap:
        return ChoiceOfSide(_choices(result, lists, matching), None, None, None)
    orders = _orders(result, lists)
    other = post_optimal_matching(lists, orders, result.capacities)
    return ChoiceOfSide(
        proposal=_choices(result, lists, matching),
        post_side=_choices(result, lists, other),
        placed_differently=sum(matching[name] != other[name] for name in matching),
        assignment=_price(result, matching, lists, orders),
    )


def _choices(result: MatchResult, lists: Mapping[str, Sequence[str]], matching: Mapping[str, str]) -> Choices:
    def choice(name: str) -> int | None:
        if name not in matching:
            return None
        if couple := result.joint_lists.get(name):
            return couple.listed.index((matching.get(couple.members[0]), matching.get(couple.members[1]))) + 1
        return lists[name].index(matching[name]) + 1

    return Counter(choice(name) for name in lists)


def _orders(result: MatchResult, lists: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """For each post those who list it, by tier and lottery place."""
    found: dict[str, list[tuple[int, int, str]]] = {name: [] for name in result.posts}
    for name, listed in lists.items():
        for post in listed:
            tier = tier_of(result.qualifications[name], result.posts[post]) or 0
            found[post].append((tier, result.lottery_places[name], name))
    return {post: [name for _, _, name in sorted(ranked)] for post, ranked in found.items()}


def _price(
    result: MatchResult,
    matching: Mapping[str, str],
    lists: Mapping[str, Sequence[str]],
    orders: Mapping[str, Sequence[str]],
) -> AssignmentPrice:
    from engine.optimal_assignment import optimal_assignment  # the solver takes a while to load

    rank = {post: {name: at for at, name in enumerate(order)} for post, order in orders.items()}
    fits = {
        (name, post): WHOLE * (2 - at / len(listed) - rank[post][name] / len(orders[post])) / 2
        for name, listed in lists.items()
        for at, post in enumerate(listed)
    }
    pairs = pl.DataFrame(
        [(name, post, fit) for (name, post), fit in fits.items()],
        schema={"candidate_id": pl.String, "post_id": pl.String, "fit": pl.Float64},
        orient="row",
    )
    posts = pl.DataFrame(
        {"post_id": list(result.capacities), "capacity": list(result.capacities.values())},
        schema={"post_id": pl.String, "capacity": pl.Int64},
    )
    best = optimal_assignment(pairs, posts)
    assigned = dict(best.select("candidate_id", "post_id").iter_rows())
    return AssignmentPrice(
        proposal_fit=sum(fits[pair] for pair in matching.items()),
        greatest_fit=float(best["fit"].sum()),
        assigned=len(assigned),
        blocking_pairs=stability_proof(assigned, lists, orders, result.capacities).blocking,
    )
