"""What two doctors who look for posts together want."""

from dataclasses import dataclass
from enum import StrEnum

from features.errors import InvalidInputError

PostPair = tuple[str | None, str | None]


class JointReach(StrEnum):
    """How near each other the two posts must be."""

    SAME_MUNICIPALITY = "same_municipality"
    SAME_LABOUR_MARKET = "same_labour_market"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class JointWishes:
    """A couple's wishes: private to the two, and used for their joint list alone.

    Attributes
    ----------
    members : tuple of str
        Pseudonyms of the two doctors; each has qualifications and wishes of their own.
    reach : JointReach
        How near each other their posts must be; not used beside `own_ranking`.
    takes_one : bool
        Whether they would also take one post while the other member stays without; not used beside `own_ranking`.
    list_limit : int
        Number of pairs wanted on the joint list (>= 1).
    own_ranking : tuple of (str or None, str or None), or None
        Pairs of posts in the order of `members`, best first; None in a pair is a member without a post. It overrides
        all of the above but `list_limit`, and the members' own wishes.
    """

    members: tuple[str, str]
    reach: JointReach = JointReach.SAME_LABOUR_MARKET
    takes_one: bool = False
    list_limit: int = 50
    own_ranking: tuple[PostPair, ...] | None = None

    def __post_init__(self) -> None:
        if len(set(self.members)) < 2 or not all(self.members):
            raise InvalidInputError("members", self.members, "the pseudonyms of two doctors")
        if self.list_limit < 1:
            raise InvalidInputError("list_limit", self.list_limit, "at least 1")
        if self.own_ranking is not None:
            if len(set(self.own_ranking)) < len(self.own_ranking):
                raise InvalidInputError("own_ranking", self.own_ranking, "each pair once")
            if (None, None) in self.own_ranking:
                raise InvalidInputError("own_ranking", (None, None), "a post for one member at least")
