"""How much each of a candidate's own wishes adds to the score of a place. For the candidate alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.candidates import Wishes
from engine.posts import Post
from engine.preferences import PARTNER_JOBS, PreferenceRules, factor_of, has_partner, weight_shares
from engine.wish_limits import ScoreOf

PARTNER_SERVICE = "partner_service"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one wish adds to a score: its share of all weight (0-1) times the place's score (0-100) for it.

    ``wish`` is a factor, or ``partner_service`` for what a partner service adds to a partner's jobs. ``is_assumed``
    marks a place without figures for the factor, which counts with the neutral score.
    """

    wish: str
    share: float
    score: float
    points: float
    is_assumed: bool


def contributions(
    wishes: Wishes, scores: ScoreOf, rules: PreferenceRules, post: Post | None = None
) -> tuple[Contribution, ...]:
    """Contributions of all wishes to the score of a municipality or, with a post, of that post; largest first.

    Their points sum to the place's score (0-100), the utility by which `engine.preferences` orders.

    Examples
    --------
    >>> from engine.candidates import PartnerOccupation
    >>> own = Wishes("K1", (("workload", 3.0), ("training", 1.0)), PartnerOccupation.NONE, frozenset(), None, 5)
    >>> [(each.wish, each.points) for each in contributions(own, {"workload": 80.0}, PreferenceRules(50.0, ()))]
    [('workload', 60.0), ('training', 12.5)]
    """
    found = []
    for factor, share in weight_shares(wishes, rules).items():
        known = scores.get(factor_of(factor, wishes, scores))
        score = rules.neutral_score if known is None else known
        found.append(Contribution(factor, share, score, share * score, known is None))
        if factor == PARTNER_JOBS and post is not None and post.has_partner_service and has_partner(wishes):
            lift = min(100.0, score + rules.partner_service_points) - score
            found.append(Contribution(PARTNER_SERVICE, share, lift, share * lift, is_assumed=True))
    return tuple(sorted(found, key=lambda each: (-each.points, each.wish)))


def total_score(parts: tuple[Contribution, ...]) -> float:
    """Score (0-100) of a place: the sum of its contributions."""
    return sum(part.points for part in parts)


def wanted_municipalities(wishes: Wishes, scores: Mapping[str, ScoreOf]) -> tuple[str, ...]:
    """Codes of the municipalities in the counties and above the factor limits that the candidate set."""
    return tuple(
        code
        for code, own in scores.items()
        if (wishes.counties is None or code[:2] in wishes.counties)
        and all((score := own.get(factor)) is None or score >= least for factor, least in wishes.factor_limits)
    )
