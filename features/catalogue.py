"""Reads the catalogue of indicators and factors; a wrong entry fails with file and key."""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from features.errors import CatalogueError, UnknownKeyError

FOLDER = Path(__file__).parent / "catalogue"

INDICATOR_FILES = ("indicators.toml", "local_indicators.toml")
"""Indicators of public figures, and those that only the municipality itself can answer."""

Language = Literal["nb", "nn", "en"]
Kind = Literal["structural", "lever", "outcome"]
FactorKind = Literal["structural", "lever", "outcome", "mixed"]
Direction = Literal["up", "down", "band", "context"]
Element = Literal["P1", "P2", "P3", "R1", "R2", "R3", "T1", "T2", "T3", "C1", "C2", "C3", "C4", "C5", "S", "O"]
Origin = Literal["snapshot", "live", "local"]
Frequency = Literal["M", "Q", "A", "E"]
EvidenceClass = Literal["high", "medium_high", "medium", "low_medium", "very_low", "none"]
Unit = Literal[
    "persons",
    "share",
    "ratio",
    "km",
    "minutes",
    "nok_per_year",
    "index",
    "per_1000",
    "per_km2",
    "options",
    "doctors",
    "level",
    "count",
    "applicants",
    "fte",
    "per_year",
    "points_per_year",
    "hours_per_week",
    "hours_per_month",
    "days",
    "months",
    "years",
    "nok_per_inhabitant",
    "percentage_points",
    "grade",
]

WEIGHT_OF_EVIDENCE: Mapping[EvidenceClass, float] = {
    "high": 3.0,
    "medium_high": 2.5,
    "medium": 2.0,
    "low_medium": 1.5,
    "none": 1.0,
    "very_low": 0.5,
}
"""Weight of an indicator within its factor by what is known of its lever; the numbers are an assumption.

``none`` (nobody has measured the effect) is the lowest ordinary weight; ``very_low`` lies below it because there the
effect was looked for and not found.
"""

Text = Annotated[str, Field(min_length=2)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Translated(_Entry):
    """A text in bokmål, nynorsk and English."""

    nb: Text
    nn: Text
    en: Text

    def in_language(self, language: Language) -> str:
        """Text in the language asked for."""
        return {"nb": self.nb, "nn": self.nn, "en": self.en}[language]


class Proportion(_Entry):
    """Count out of a total: chance moves it like a binomial share."""

    kind: Literal["proportion"]


class Clustered(_Entry):
    """Share that moves in whole groups of `size` members, such as the inhabitants of one patient list."""

    kind: Literal["clustered"]
    size: Annotated[float, Field(gt=0)]


class Count(_Entry):
    """Count per something, times `scale`: chance moves it like a Poisson count."""

    kind: Literal["count"]
    scale: Annotated[float, Field(gt=0)]


class Mean(_Entry):
    """Mean over the members counted in the denominator, whose values spread with standard deviation `sd`."""

    kind: Literal["mean"]
    sd: Annotated[float, Field(gt=0)]


class Relative(_Entry):
    """Measured or modelled with relative standard deviation `sd`."""

    kind: Literal["relative"]
    sd: Annotated[float, Field(gt=0, lt=1)]


class Exact(_Entry):
    """Fixed by definition; chance does not move it."""

    kind: Literal["exact"]


Uncertainty = Annotated[Proportion | Clustered | Count | Mean | Relative | Exact, Field(discriminator="kind")]


class Evidence(_Entry):
    """What research has found about one kind of lever.

    Attributes
    ----------
    strength : str
        Class of the evidence, which sets the default weight (`WEIGHT_OF_EVIDENCE`): our judgement.
    sources : tuple[str, ...]
        Where it was published.
    """

    key: str
    label: Translated
    finding: Translated
    strength: EvidenceClass
    sources: Annotated[tuple[Text, ...], Field(min_length=1)]


class Indicator(_Entry):
    """One indicator of the catalogue.

    Attributes
    ----------
    key : str
        Name of the entry and of the function in `features.indicators` that computes it.
    id : str or None
        Number in the list of 60 that the catalogue covers; None for those of our own beside it. An item of two
        figures has two entries.
    element : str
        Element of the Recruit & Retain framework (P1-P3, R1-R3, T1-T3) or its condition (C1-C5), ``S`` structure or
        ``O`` outcome.
    kind : str
        ``structural`` sets what to expect, ``lever`` can be changed by the municipality, ``outcome`` is the result.
    direction : str
        ``up`` or ``down`` says which way is better, ``band`` that values inside `band` are, ``context`` is not scored.
    origin : str
        ``snapshot``: computed from `measures` (table.measure of the data package); ``live``: the same, but its table
        comes with a refresh, no value before; ``local``: only the municipality can tell, no value until it does.
    frequency : str
        How often its source renews it: ``M`` monthly, ``Q`` quarterly, ``A`` yearly, ``E`` with the event.
    supported_by : str
        The entry of ``evidence.toml`` that it falls under; `evidence` (class) and `evidence_source` are taken from it.
        The evidence is about the lever as a whole, not about this figure of it.
    bounds : tuple[float, float]
        A value outside is an error in the source or in the computation.
    goalposts : tuple[float, float] or None
        For local indicators that are scored, as few municipalities answer and ranks among them say nothing: the value
        that counts as poor and the one that counts as good. With a target band, ``good`` is the edge of the band
        nearest to ``poor``, and a value as far off on the other side is poor, too.
    minimum_set : bool
        One of the 22 items for a municipality that fills in a single page.
    question : Translated or None
        What the municipality is asked; local indicators only.
    note : Translated or None
        What the band, the goalposts or the uncertainty rest on.

    References
    ----------
    Abelsen et al. 2020, "Plan, recruit, retain", Hum Resour Health 18:63. The indicators are our operationalisation
    of that checklist, not part of it.
    """

    key: str
    id: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$")] | None = None
    label: Translated
    definition: Translated
    unit: Unit
    element: Element
    kind: Kind
    direction: Direction
    band: tuple[float, float] | None = None
    origin: Origin
    measures: tuple[Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$")], ...] = ()
    frequency: Frequency
    supported_by: str
    evidence: EvidenceClass
    evidence_source: Text
    uncertainty: Uncertainty
    bounds: tuple[float, float]
    goalposts: tuple[float, float] | None = None
    minimum_set: bool = False
    question: Translated | None = None
    note: Translated | None = None

    @property
    def rests_on_assumption(self) -> bool:
        """Whether a band, the goalposts or the size of its uncertainty is an assumption; `note` says which."""
        measured = self.band is None and self.goalposts is None
        return not measured or isinstance(self.uncertainty, Mean | Relative | Clustered)

    @property
    def asks_for_denominator(self) -> bool:
        """Whether the municipality must also say what its value was formed over, so that chance can be reckoned."""
        return self.origin == "local" and isinstance(self.uncertainty, Proportion | Clustered | Count | Mean)

    @model_validator(mode="after")
    def _consistent(self) -> "Indicator":
        if (self.band is not None) != (self.direction == "band"):
            raise ValueError("needs band = [low, high] exactly when its direction is 'band'")
        if (self.origin == "local") == bool(self.measures):
            raise ValueError("needs measures exactly when its origin is not 'local'")
        if (self.origin == "local") != (self.question is not None):
            raise ValueError("needs a question exactly when its origin is 'local'")
        if (self.origin == "local" and self.direction != "context") != (self.goalposts is not None):
            raise ValueError("needs goalposts = [poor, good] exactly when its origin is 'local' and it is scored")
        if self.goalposts is not None and not self._goalposts_fit(*self.goalposts):
            raise ValueError("needs goalposts = [poor, good] in its direction and within its bounds")
        if self.rests_on_assumption and self.note is None:
            raise ValueError("needs a note that tells its assumption")
        if self.bounds[0] >= self.bounds[1]:
            raise ValueError("needs bounds = [low, high] with low < high")
        return self

    def _goalposts_fit(self, poor: float, good: float) -> bool:
        if not all(self.bounds[0] <= post <= self.bounds[1] for post in (poor, good)):
            return False
        if self.band is not None:
            return (poor < good == self.band[0]) or (poor > good == self.band[1])
        return poor < good if self.direction == "up" else poor > good


class Factor(_Entry):
    """One factor of the catalogue: indicators and their weights.

    Attributes
    ----------
    kind : str
        Kind of the indicators that its score rests on: of those that public statistics give where they hold at least
        half of the weight, else of all; ``mixed`` where they differ. ``lever`` only where every one is a lever.
    weights : dict[str, float]
        Weight of each indicator by its class of evidence; the weights of the classes are an assumption.
    """

    key: str
    label: Translated
    description: Translated
    kind: FactorKind
    elements: tuple[Element, ...]
    weights: Annotated[dict[str, Annotated[float, Field(gt=0)]], Field(min_length=1)]


class Catalogue(_Entry):
    """Every indicator and every factor, by key, in the order of the files, and the evidence behind the levers."""

    indicators: dict[str, Indicator]
    factors: dict[str, Factor]
    evidence: dict[str, Evidence]

    def indicator(self, key: str) -> Indicator:
        """Entry of the indicator called `key`.

        Raises
        ------
        UnknownKeyError
            If the catalogue has no such indicator.
        """
        if key not in self.indicators:
            raise UnknownKeyError("indicator", key, tuple(self.indicators))
        return self.indicators[key]

    def factor(self, key: str) -> Factor:
        """Entry of the factor called `key`.

        Raises
        ------
        UnknownKeyError
            If the catalogue has no such factor.
        """
        if key not in self.factors:
            raise UnknownKeyError("factor", key, tuple(self.factors))
        return self.factors[key]


@cache
def load_catalogue(folder: Path = FOLDER) -> Catalogue:
    """Load ``evidence.toml``, `INDICATOR_FILES` and ``factors.toml``.

    Raises
    ------
    CatalogueError
        If an entry has unknown keys, lacks something, is out of bounds or stands in two files, if an indicator falls
        under no entry of the evidence, or if a factor holds an indicator that does not exist or is shown for context
        only, or names another kind than its indicators have.

    Examples
    --------
    >>> catalogue = load_catalogue()
    >>> catalogue.factor("flexibility").label.nb
    'Fleksibilitet'
    >>> catalogue.indicator("open_list_share").direction
    'up'
    >>> len({entry.id for entry in catalogue.indicators.values() if entry.id})
    60
    """
    evidence = _read(folder / "evidence.toml", Evidence)
    indicators: dict[str, Indicator] = {}
    for name in INDICATOR_FILES:
        found = _read(folder / name, Indicator, partial(_with_evidence, name, evidence))
        for key in found.keys() & indicators.keys():
            raise CatalogueError(name, key, "stands in another file already")
        indicators |= found
    factors = _read(folder / "factors.toml", Factor, partial(_with_weights, indicators))
    for factor in factors.values():
        if factor.kind != (kind := _kind(factor, indicators)):
            raise CatalogueError("factors.toml", factor.key, f"is called {factor.kind}, but its indicators are {kind}")
    return Catalogue(indicators=indicators, factors=factors, evidence=evidence)


_Item = TypeVar("_Item", bound=BaseModel)
_Raw = dict[str, Any]


def _with_evidence(file: str, evidence: Mapping[str, Evidence], key: str, entry: _Raw) -> _Raw:
    for name in ("evidence", "evidence_source"):
        if name in entry:
            raise CatalogueError(file, key, f"states {name}, which is taken from the entry that supports it")
    support = entry.get("supported_by")
    if not isinstance(support, str) or support not in evidence:
        raise CatalogueError(file, key, f"has supported_by = {support!r}, which is no entry of evidence.toml")
    found = evidence[support]
    return entry | {"evidence": found.strength, "evidence_source": "; ".join(found.sources)}


def _with_weights(indicators: Mapping[str, Indicator], key: str, entry: _Raw) -> _Raw:
    if "weights" in entry:
        raise CatalogueError("factors.toml", key, "states weights, which follow from the evidence of its indicators")
    held = entry.get("indicators")
    if not isinstance(held, list):
        raise CatalogueError("factors.toml", key, "has no list of indicators")
    for name in held:
        if not isinstance(name, str) or name not in indicators:
            raise CatalogueError("factors.toml", key, f"holds {name!r}, which is no indicator")
        if indicators[name].direction == "context":
            raise CatalogueError("factors.toml", key, f"holds {name!r}, which is context only")
    weights = {name: WEIGHT_OF_EVIDENCE[indicators[name].evidence] for name in held}
    return {name: value for name, value in entry.items() if name != "indicators"} | {"weights": weights}


def _kind(factor: Factor, indicators: Mapping[str, Indicator]) -> FactorKind:
    public = [key for key in factor.weights if indicators[key].origin != "local"]
    enough = 2 * sum(factor.weights[key] for key in public) >= sum(factor.weights.values())
    resting_on = {indicators[key].kind for key in (public if enough else factor.weights)}
    any_origin = {indicators[key].kind for key in factor.weights}
    if len(resting_on) > 1 or (resting_on == {"lever"} and any_origin != {"lever"}):
        return "mixed"
    return resting_on.pop()


def _as_it_is(key: str, entry: _Raw) -> _Raw:
    return entry


def _read(path: Path, model: type[_Item], complete: Callable[[str, _Raw], _Raw] = _as_it_is) -> dict[str, _Item]:
    try:
        entries: dict[str, _Raw] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(path.name, "-", f"cannot be read ({error})") from error
    found: dict[str, _Item] = {}
    for key, entry in entries.items():
        try:
            found[key] = model.model_validate({"key": key} | complete(key, entry))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise CatalogueError(path.name, key, f"is wrong at {where or 'the entry'}: {first['msg']}") from error
    return found
