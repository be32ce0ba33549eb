"""Doctors in a match: what an employer may know, and what stays with the doctor."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from features.errors import InvalidInputError


class ContractForm(StrEnum):
    """Form of contract of a GP post; the four that an advert can state.

    Forecasts of stay (`models.posts.CONTRACT_FORMS`) know the other three only: no published figure tells how long
    doctors stay under a municipal-operated contract, so such a post can be matched but not forecast.
    """

    SELF_EMPLOYED = "self_employed"
    COOPERATION_8_2 = "cooperation_contract_8_2"
    MUNICIPAL_OPERATED = "municipal_operated_contract"
    SALARIED = "salaried"


class PostKind(StrEnum):
    """What a post consists of; several may hold, as a zero list and a nursing home for a doctor in training.

    A kind says nothing of how the doctor is paid: that is the `ContractForm`. A *zero list* (null-hjemmel) is a new
    list without patients, whatever the contract; a municipal-operated contract (null-avtale) is a way of running the
    office, whatever the list. They never share a name.
    """

    GP_POST = "gp_post"
    ZERO_LIST_POST = "zero_list_post"
    RELIEF_GP = "relief_gp"
    NURSING_HOME_DOCTOR = "nursing_home_doctor"
    GP_TRAINEE = "gp_trainee"
    OUT_OF_HOURS = "out_of_hours"


class LanguageLevel(IntEnum):
    """Documented level of Norwegian (CEFR); no document is ``NONE``, whatever the doctor masters.

    Examples
    --------
    >>> LanguageLevel.C1 >= LanguageLevel.B2 > LanguageLevel.NONE
    True
    """

    NONE = 0
    A1 = 1
    A2 = 2
    B1 = 3
    B2 = 4
    C1 = 5
    C2 = 6


class PartnerOccupation(StrEnum):
    """Occupation group of a partner who looks for work at the new place."""

    NONE = "none"
    HIGHER_EDUCATION = "higher_education"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Qualifications:
    """Formal qualifications: all that eligibility, tiers and the employer's answer may rest on.

    ``in_training`` means registered in specialist training in general practice, or starting it with this post
    under a signed agreement. ``available_from`` is the first possible day; ``fte`` (0-1] the position wanted.
    """

    candidate_id: str
    authorised: bool
    lis1_complete: bool
    is_specialist: bool
    in_training: bool
    language_level: LanguageLevel
    available_from: date
    fte: float

    def __post_init__(self) -> None:
        if not self.candidate_id:
            raise InvalidInputError("candidate_id", self.candidate_id, "a pseudonym of at least one character")
        if not 0 < self.fte <= 1:
            raise InvalidInputError("fte", self.fte, "a share of a full position above 0, at most 1")


@dataclass(frozen=True, slots=True)
class Wishes:
    """The candidate's own wishes, used for the own order of posts and nothing else.

    Weights order the posts, limits keep posts off the list; a limit on a fact that the post does not state keeps
    nothing off. A shorter list is the candidate's choice and risk: it can leave the candidate without a post, never
    move one up.

    Attributes
    ----------
    factor_weights, factor_limits : tuple of (str, float)
        Pairs (factor, weight >= 0) in any scale, and (factor, least score 0-100 of the municipality).
    partner_occupation_group : PartnerOccupation
        Sets the least weight of a partner's jobs.
    partner_occupation : str or None
        Key of the partner's occupation group (`features.occupation_groups`), for jobs in that group.
    contract_forms : frozenset of ContractForm
        Forms the candidate would take.
    counties : frozenset of str or None
        County codes; None means any county.
    list_limit : int
        Number of posts wanted on the own list (>= 1).
    unwanted_kinds : frozenset of PostKind
        A post with any of them is left off.
    latest_start : date or None
        A post that starts later is left off.
    oncall_rota_min : int or None
        N of "on call at most one time in N" (>= 1).
    list_length_max : int or None
        Longest list in inhabitants.
    wants_supervisor : bool
        Posts without a supervisor are left off.
    own_ranking : tuple of str or None
        Post identifiers, best first. It overrides all of the above but `list_limit`: nothing else is on the list.
    """

    candidate_id: str
    factor_weights: tuple[tuple[str, float], ...]
    partner_occupation_group: PartnerOccupation
    contract_forms: frozenset[ContractForm]
    counties: frozenset[str] | None
    list_limit: int
    factor_limits: tuple[tuple[str, float], ...] = ()
    partner_occupation: str | None = None
    unwanted_kinds: frozenset[PostKind] = frozenset()
    latest_start: date | None = None
    oncall_rota_min: int | None = None
    list_length_max: int | None = None
    wants_supervisor: bool = False
    own_ranking: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name, pairs in (("factor_weights", self.factor_weights), ("factor_limits", self.factor_limits)):
            factors = [factor for factor, _ in pairs]
            if len(set(factors)) < len(factors):
                raise InvalidInputError(name, factors, "each factor once")
        if bad := [weight for _, weight in self.factor_weights if not 0 <= weight < float("inf")]:
            raise InvalidInputError("factor_weights", bad[0], "finite weights of 0 or more")
        if bad := [limit for _, limit in self.factor_limits if not 0 <= limit <= 100]:
            raise InvalidInputError("factor_limits", bad[0], "least scores from 0 to 100")
        for name, least in (("list_limit", self.list_limit), ("oncall_rota_min", self.oncall_rota_min)):
            if least is not None and least < 1:
                raise InvalidInputError(name, least, "at least 1")
        if self.list_length_max is not None and self.list_length_max < 0:
            raise InvalidInputError("list_length_max", self.list_length_max, "0 inhabitants or more")
        if self.partner_occupation is not None and self.partner_occupation_group is PartnerOccupation.NONE:
            raise InvalidInputError("partner_occupation", self.partner_occupation, "nothing without a partner")
        if self.own_ranking is not None and len(set(self.own_ranking)) < len(self.own_ranking):
            raise InvalidInputError("own_ranking", self.own_ranking, "each post once")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A doctor in a match; ``simulated`` is true for one who does not exist."""

    qualifications: Qualifications
    wishes: Wishes
    simulated: bool

    def __post_init__(self) -> None:
        if self.qualifications.candidate_id != self.wishes.candidate_id:
            raise InvalidInputError("wishes", self.wishes.candidate_id, f"those of {self.qualifications.candidate_id}")

    @property
    def candidate_id(self) -> str:
        """The candidate's pseudonym, set before the lottery seed is drawn."""
        return self.qualifications.candidate_id
