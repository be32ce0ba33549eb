"""What a researcher plants in simulated careers: levers of known size, and the ends of obligations."""

from dataclasses import dataclass

from features.errors import InvalidInputError

_DEFAULT_SHARE = 0.5
_SPELLING = "name=ratio, name=ratio:share or name=ratio:share:slope, such as supervisor=0.8:0.5"


@dataclass(frozen=True, slots=True)
class Lever:
    """Something that some posts have and that changes how fast their doctors leave, by a ratio that is known.

    Attributes
    ----------
    name : str
        Column of the spells: ``has_`` and this name.
    ratio : float
        Hazard ratio (> 0) of every cause but retirement, of posts that have it against posts that have not.
    share : float
        Probability (0-1, ends excluded) that a post in centrality class 3 has it.
    slope : float
        Added to the log-odds of having it per step of centrality class toward the least central; 0 makes it
        independent of where the post is.

    Examples
    --------
    >>> Lever("supervisor", 0.8)
    Lever(name='supervisor', ratio=0.8, share=0.5, slope=0.0)
    """

    name: str
    ratio: float
    share: float = _DEFAULT_SHARE
    slope: float = 0.0

    def __post_init__(self) -> None:
        if not (self.name.isidentifier() and self.name.isascii() and self.name == self.name.lower()):
            raise InvalidInputError("lever", self.name, "a name of small letters, digits and underscores")
        if not 0.05 <= self.ratio <= 20:
            raise InvalidInputError(f"ratio of {self.name}", self.ratio, "a hazard ratio from 0.05 to 20")
        if not 0 < self.share < 1:
            raise InvalidInputError(f"share of {self.name}", self.share, "a share between 0 and 1")
        if not -5 <= self.slope <= 5:
            raise InvalidInputError(f"slope of {self.name}", self.slope, "log-odds from -5 to 5")


@dataclass(frozen=True, slots=True)
class Spike:
    """The end of an obligation that a doctor in training took on with the post.

    Attributes
    ----------
    years : float
        When it ends, counted from the contract's start; whole months.
    probability : float
        Extra probability (0-1, 1 excluded) to leave in the month after, for contracts that began before the approval.
    """

    years: float
    probability: float

    def __post_init__(self) -> None:
        if not 0 < self.years <= 20 or abs(self.years * 12 - round(self.years * 12)) > 1e-6:
            raise InvalidInputError("spikes", self.years, "whole months, at most 20 years after the start")
        if not 0 <= self.probability < 1:
            raise InvalidInputError("spikes", self.probability, "a probability from 0 to below 1")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is planted in simulated careers; by default nothing."""

    levers: tuple[Lever, ...] = ()
    spikes: tuple[Spike, ...] = ()

    def __post_init__(self) -> None:
        for what, keys in (
            ("lever", [lever.name for lever in self.levers]),
            ("spikes", [s.years for s in self.spikes]),
        ):
            if len(set(keys)) < len(keys):
                raise InvalidInputError(what, ", ".join(map(str, keys)), "each one once")


def parsed_lever(text: str) -> Lever:
    """Return the lever that a text such as ``supervisor=0.8:0.5`` names.

    Raises
    ------
    InvalidInputError
        If the text is no such thing or a number is out of range.

    Examples
    --------
    >>> parsed_lever("on_call_relief=0.85:0.3:-0.4")
    Lever(name='on_call_relief', ratio=0.85, share=0.3, slope=-0.4)
    """
    name, sign, rest = text.partition("=")
    try:
        numbers = [float(part) for part in rest.split(":")]
    except ValueError:
        numbers = []
    if not sign or not 1 <= len(numbers) <= 3:
        raise InvalidInputError("scenario", text, _SPELLING)
    return Lever(name.strip(), *numbers)


def parsed_spikes(text: str) -> tuple[Spike, ...]:
    """Return the spikes that a text such as ``2:0.2,3:0.1`` names: years and probability.

    Raises
    ------
    InvalidInputError
        If the text is no such thing or a number is out of range.

    Examples
    --------
    >>> parsed_spikes("2:0.2,5:0.1")
    (Spike(years=2.0, probability=0.2), Spike(years=5.0, probability=0.1))
    """
    spikes = []
    for part in text.split(","):
        try:
            years, probability = (float(number) for number in part.split(":"))
        except ValueError:
            raise InvalidInputError("spikes", text, "years:probability, such as 2:0.2,3:0.1") from None
        spikes.append(Spike(years, probability))
    return tuple(spikes)
