"""How long doctors stay in posts like one: information about the post, for the candidate.

It is a statement about posts, never a score of a person, and ranks nobody. Only `engine.candidate_places` takes it in;
nothing that orders applicants, matches them or answers an employer imports this file (a test holds that).
"""

from dataclasses import dataclass

from features.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class PostOutlook:
    """Whole years around the time by which half of the doctors in posts like this have left ("about 4-7 years").

    ``upper_years`` is None beyond what was observed; ``is_simulated`` marks a forecast from simulated careers;
    ``source`` names the model that made it. In posts as few as five doctors hold, it is a forecast for the kind of
    post, not for those doctors.
    """

    post_id: str
    lower_years: int
    upper_years: int | None
    is_simulated: bool
    source: str

    def __post_init__(self) -> None:
        if self.lower_years < 0 or (self.upper_years is not None and self.upper_years < self.lower_years):
            raise InvalidInputError("years", (self.lower_years, self.upper_years), "0 <= lower <= upper, or no upper")
        if not self.source:
            raise InvalidInputError("source", self.source, "the model that made the outlook")
