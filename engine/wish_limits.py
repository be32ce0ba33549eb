"""Limits in a candidate's wishes: what keeps a post off the own list, and by how much. For the candidate alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.candidates import ContractForm, PostKind, Wishes
from engine.posts import Post

ScoreOf = Mapping[str, float | None]
"""Scores (0-100) of one municipality by factor; None without figures."""

Stated = float | str | date | frozenset[ContractForm] | frozenset[PostKind] | frozenset[str] | None


class WishReason(StrEnum):
    """Why a post is not on a candidate's list; the candidate's own, never in an employer's answer."""

    CONTRACT_FORM_NOT_WANTED = "contract_form_not_wanted"
    KIND_NOT_WANTED = "kind_not_wanted"
    REGION_NOT_WANTED = "region_not_wanted"
    STARTS_AFTER_OWN_LATEST = "starts_after_own_latest"
    ONCALL_TOO_OFTEN = "oncall_too_often"
    LIST_TOO_LONG = "list_too_long"
    SUPERVISOR_WANTED = "supervisor_wanted"
    FACTOR_BELOW_LIMIT = "factor_below_limit"
    NOT_IN_OWN_RANKING = "not_in_own_ranking"
    BELOW_OWN_LIMIT = "below_own_limit"


@dataclass(frozen=True, slots=True)
class WishGap:
    """One limit that a post does not keep: what the candidate wants and what the post has.

    ``offered`` None means that the post does not state it: nothing is kept off the list by that, but the candidate may
    ask. ``factor`` names the factor of a limit on a score.
    """

    reason: WishReason
    wanted: Stated
    offered: Stated
    factor: str | None = None


def wish_gaps(wishes: Wishes, post: Post, scores: ScoreOf) -> tuple[WishGap, ...]:
    """All limits that the post is known not to keep, the own ranking and the length of the list left aside.

    References
    ----------
    Likestillings- og diskrimineringsloven § 30; domain section 5.2, inputs (candidate-owned preferences).

    Examples
    --------
    >>> from engine.candidates import LanguageLevel, PartnerOccupation
    >>> from engine.posts import QualificationGroup, Requirements
    >>> start, tiers = date(2026, 8, 1), (frozenset({QualificationGroup.SPECIALIST}),)
    >>> asked, salaried = Requirements(LanguageLevel.B2, start, 0.5), ContractForm.SALARIED
    >>> post = Post("P1", "5001", "50", salaried, 1, False, start, asked, tiers, start, oncall_rota_n=3)
    >>> own = Wishes("K1", (), PartnerOccupation.NONE, frozenset({salaried}), None, 5, oncall_rota_min=5)
    >>> [(gap.reason.value, gap.wanted, gap.offered) for gap in wish_gaps(own, post, {})]
    [('oncall_too_often', 5, 3)]
    """
    return tuple(gap for gap, is_kept in _limits(wishes, post, scores) if gap.offered is not None and not is_kept)


def unstated_limits(wishes: Wishes, post: Post, scores: ScoreOf) -> tuple[WishGap, ...]:
    """Limits that cannot be judged because the post or the figures do not say: what the candidate should ask about."""
    return tuple(gap for gap, _ in _limits(wishes, post, scores) if gap.offered is None)


def wish_reasons(wishes: Wishes, post: Post, scores: ScoreOf | None = None) -> tuple[WishReason, ...]:
    """All own wishes that keep the post off the candidate's list, the length of the list left aside.

    For the candidate alone: never part of an answer to an employer. With an own ranking nothing else counts.
    """
    if wishes.own_ranking is not None:
        return () if post.post_id in wishes.own_ranking else (WishReason.NOT_IN_OWN_RANKING,)
    return tuple(dict.fromkeys(gap.reason for gap in wish_gaps(wishes, post, scores or {})))


def _limits(wishes: Wishes, post: Post, scores: ScoreOf) -> list[tuple[WishGap, bool]]:
    """Every limit the candidate has set, with what the post has and whether that keeps it (False where not stated)."""
    forms, kinds = wishes.contract_forms, wishes.unwanted_kinds
    limits = [
        (WishGap(WishReason.CONTRACT_FORM_NOT_WANTED, forms, post.contract_forms), bool(forms & post.contract_forms))
    ]
    if kinds:
        limits.append((WishGap(WishReason.KIND_NOT_WANTED, kinds, post.kinds), not kinds & post.kinds))
    if wishes.counties is not None:
        gap = WishGap(WishReason.REGION_NOT_WANTED, wishes.counties, post.county_code)
        limits.append((gap, post.county_code in wishes.counties))
    if wishes.latest_start is not None:
        gap = WishGap(WishReason.STARTS_AFTER_OWN_LATEST, wishes.latest_start, post.starts_on)
        limits.append((gap, post.starts_on <= wishes.latest_start))
    if wishes.oncall_rota_min is not None:
        gap = WishGap(WishReason.ONCALL_TOO_OFTEN, wishes.oncall_rota_min, post.oncall_rota_n)
        rota = post.oncall_rota_n
        limits.append((gap, rota is not None and (rota == 0 or rota >= wishes.oncall_rota_min)))
    if wishes.list_length_max is not None:
        gap = WishGap(WishReason.LIST_TOO_LONG, wishes.list_length_max, post.list_length)
        limits.append((gap, post.list_length is not None and post.list_length <= wishes.list_length_max))
    if wishes.wants_supervisor:
        gap = WishGap(WishReason.SUPERVISOR_WANTED, 1.0, float(post.has_supervisor))
        limits.append((gap, post.has_supervisor))
    for factor, least in wishes.factor_limits:
        score = scores.get(factor)
        gap = WishGap(WishReason.FACTOR_BELOW_LIMIT, least, score, factor)
        limits.append((gap, score is not None and score >= least))
    return limits
