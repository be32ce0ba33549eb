"""What a round of the match gives: a proposal, its proof, and each candidate's private list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from engine.candidates import Qualifications
from engine.eligibility import RequirementReason
from engine.posts import Post
from engine.proof_result import RoundProof
from engine.round_terms import SharedLimit
from engine.terms_outcome import NO_OUTCOME, TermsOutcome
from engine.wish_limits import WishReason

PostPair = tuple[str | None, str | None]


class MatchStatus(StrEnum):
    """Standing of a result; the engine makes proposals only, a person decides and gives the reason."""

    PROPOSAL = "proposal"


class StabilityStatus(StrEnum):
    """What is known about stable matchings of a round.

    With ``none_exists`` it is proven that there is none. ``fewest_blocking``: time was up without either, and fewer
    blocking options were searched for; ``undecided``: time was up before that search gave anything.
    """

    STABLE = "stable"
    NONE_EXISTS = "none_exists"
    FEWEST_BLOCKING = "fewest_blocking"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A proposed pair, in words an employer may see; ``lottery_place`` counts among all candidates of the round."""

    candidate_id: str
    post_id: str
    municipality_code: str
    tier: int
    lottery_place: int


@dataclass(frozen=True, slots=True)
class UnfilledPost:
    """A post with places left; ``filled`` of its ``capacity`` places have a proposal.

    ``held_back_by`` names shared limits of the post that are full, so that somebody it counts could not have the place;
    it says nothing of whether anybody wanted it.
    """

    post_id: str
    municipality_code: str
    capacity: int
    filled: int
    held_back_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnListEntry:
    """A post as it stands in a candidate's own order; private to the candidate.

    ``position`` counts from 1 among the posts the candidate qualifies for, None where ``reasons`` say why not.
    """

    post_id: str
    position: int | None
    reasons: tuple[RequirementReason, ...]


@dataclass(frozen=True, slots=True)
class OwnList:
    """A candidate's wanted posts in own order, and how many posts each own wish left out; private."""

    entries: tuple[OwnListEntry, ...]
    left_out: tuple[tuple[WishReason, int], ...]

    @property
    def listed(self) -> tuple[str, ...]:
        """Posts that the candidate proposes to, best first."""
        return tuple(entry.post_id for entry in self.entries if entry.position is not None)


@dataclass(frozen=True, slots=True)
class JointListEntry:
    """A pair of posts as it stands in a couple's order; private to the two.

    ``posts`` stand in the order of the list's members, None for a member without a post. ``position`` counts from 1
    among the pairs that can be had, None where a member does not qualify or one post has no two places.
    """

    posts: PostPair
    position: int | None


@dataclass(frozen=True, slots=True)
class JointList:
    """A couple's wanted pairs of posts, best first, and how many their own limit left out; private to the two.

    ``is_ranked`` if the couple ranked the pairs itself: the members' own lists then count for nothing.
    """

    members: tuple[str, str]
    entries: tuple[JointListEntry, ...]
    beyond_limit: int
    is_ranked: bool = False

    @property
    def listed(self) -> tuple[PostPair, ...]:
        """Pairs that the couple proposes, best first."""
        return tuple(entry.posts for entry in self.entries if entry.position is not None)


@dataclass(frozen=True, slots=True)
class MatchResult:
    """Proposal of one round, its proof and what is needed to explain it; private to those who run the round.

    ``stability`` says what is known: without couples and shared limits it is always `StabilityStatus.STABLE`. ``bound``
    is proven: every matching of the round has at least so many options that block. What blocks stands in ``proof``.

    ``capacities`` are the places of each post that the proposal used, ``limits`` those that posts share and that count,
    ``outcome`` what came of places that may change hands and of least numbers.
    ``simulated`` marks a round with any made-up part, ``candidates_simulated`` one in which no doctor is real.
    ``ineligible_candidates`` counts the distinct candidates who miss a requirement at one post at least; it does not
    depend on wishes. ``public_inputs_sha256`` covers all inputs but the wishes; there is no checksum of the wishes,
    since whoever knows the rest could try wishes until it fits. ``own_lists`` is private to each candidate,
    ``joint_lists`` (under both members' pseudonyms) to each couple; both are left out of the printed form. Answers to
    people are made by `engine.employer_view`, `engine.candidate_view` and `engine.round_figures`, never from this
    object itself.
    """

    status: MatchStatus
    run_on: date
    lottery_seed: str
    simulated: bool
    candidates_simulated: bool
    assignments: tuple[Assignment, ...]
    unfilled: tuple[UnfilledPost, ...]
    unmatched: tuple[str, ...]
    ineligible_candidates: tuple[tuple[RequirementReason, int], ...]
    proof: RoundProof
    public_inputs_sha256: str
    lottery_places: Mapping[str, int] = field(repr=False)
    posts: Mapping[str, Post] = field(repr=False)
    qualifications: Mapping[str, Qualifications] = field(repr=False)
    own_lists: Mapping[str, OwnList] = field(repr=False)
    capacities: Mapping[str, int] = field(repr=False)
    limits: tuple[SharedLimit, ...] = ()
    joint_lists: Mapping[str, JointList] = field(repr=False, default_factory=dict)
    stability: StabilityStatus = StabilityStatus.STABLE
    bound: int = 0
    outcome: TermsOutcome = NO_OUTCOME

    @property
    def blocking_posts(self) -> tuple[str, ...]:
        """Posts that somebody would rather have, and would get: for whoever decides on an unstable proposal."""
        proof = self.proof.stability
        moved = {post for couple in proof.blocking_couples for post in couple.posts if post is not None}
        return tuple(sorted(moved | {pair.post_id for pair in proof.blocking_pairs}))
