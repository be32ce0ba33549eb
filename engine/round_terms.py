"""What posts of a round share: capacities for training, regional quotas, places that change hands, least numbers.

All of it is set with the adverts, before names are seen.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from features.errors import InvalidInputError


class LimitKind(StrEnum):
    """What a shared limit counts."""

    SUPERVISION = "supervision"
    """Doctors in training whom the supervisors of these posts can take, from their hours (domain rule R8)."""
    INSTITUTION_SLOTS = "institution_slots"
    """Doctors in training for whom an institution has half-year slots."""
    GROUP_SEATS = "group_seats"
    """Doctors in training for whom the cooperating municipalities' supervision group has seats (domain rule R9)."""
    REGIONAL_QUOTA = "regional_quota"
    """Doctors of any kind in these posts together."""


@dataclass(frozen=True, slots=True)
class SharedLimit:
    """At most `capacity` doctors in these posts together: of all kinds for a regional quota, else those in training."""

    limit_id: str
    kind: LimitKind
    capacity: int
    posts: frozenset[str]

    def __post_init__(self) -> None:
        if self.capacity < 0:
            raise InvalidInputError("capacity", self.capacity, "0 or more doctors")
        if not self.posts:
            raise InvalidInputError("posts", "none", f"at least one post of limit {self.limit_id}")

    @property
    def is_for_trainees(self) -> bool:
        """Whether only doctors in training count."""
        return self.kind is not LimitKind.REGIONAL_QUOTA


@dataclass(frozen=True, slots=True)
class Reversion:
    """Places of one post that nobody fills become places of another, as an ALIS place becomes a salaried one."""

    from_post: str
    to_post: str

    def __post_init__(self) -> None:
        if self.from_post == self.to_post:
            raise InvalidInputError("to_post", self.to_post, "another post than the one the places come from")


@dataclass(frozen=True, slots=True)
class MinimumQuota:
    """These posts together should have at least so many doctors, where that is feasible."""

    quota_id: str
    at_least: int
    posts: frozenset[str]

    def __post_init__(self) -> None:
        if self.at_least < 1:
            raise InvalidInputError("at_least", self.at_least, "1 doctor or more")
        if not self.posts:
            raise InvalidInputError("posts", "none", f"at least one post of quota {self.quota_id}")


@dataclass(frozen=True, slots=True)
class RoundTerms:
    """All that posts of a round share; sealed with the adverts."""

    limits: tuple[SharedLimit, ...] = ()
    reversions: tuple[Reversion, ...] = ()
    minimums: tuple[MinimumQuota, ...] = ()

    def __post_init__(self) -> None:
        for name, ids in (
            ("limits", [limit.limit_id for limit in self.limits]),
            ("reversions", [reversion.from_post for reversion in self.reversions]),
            ("minimums", [quota.quota_id for quota in self.minimums]),
        ):
            if repeated := [key for key, times in Counter(ids).items() if times > 1]:
                raise InvalidInputError(name, repeated, "each once")


NO_TERMS = RoundTerms()
"""A round whose posts share nothing."""
