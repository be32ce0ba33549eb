"""Reads the catalogue of indicators and factors; a wrong entry fails with file and key."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from features.errors import CatalogueError, UnknownKeyError

FOLDER = Path(__file__).parent / "catalogue"

Language = Literal["nb", "nn", "en"]
Kind = Literal["structural", "lever", "outcome"]
FactorKind = Literal["structural", "lever", "outcome", "mixed"]
Direction = Literal["up", "down", "band", "context"]
Element = Literal["P1", "P2", "P3", "R1", "R2", "R3", "T1", "T2", "T3", "S", "O"]
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
]

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


class Indicator(_Entry):
    """One indicator of the catalogue.

    Attributes
    ----------
    key : str
        Name of the entry and of the function in `features.indicators` that computes it.
    element : str
        Element of the Recruit & Retain framework (P1-P3, R1-R3, T1-T3), ``S`` structure or ``O`` outcome.
    kind : str
        ``structural`` sets what to expect, ``lever`` can be changed by the municipality, ``outcome`` is the result.
    direction : str
        ``up`` or ``down`` says which way is better, ``band`` that values inside `band` are, ``context`` is not scored.
    origin : str
        ``snapshot``: computed from `measures` (table.measure of the data package); ``local``: only the municipality
        can tell, no value until it does.
    bounds : tuple[float, float]
        A value outside is an error in the source or in the computation.
    note : Translated or None
        What the band or the uncertainty rests on.

    References
    ----------
    Abelsen et al. 2020, "Plan, recruit, retain", Hum Resour Health 18:63. The indicators are our operationalisation
    of that checklist, not part of it.
    """

    key: str
    label: Translated
    definition: Translated
    unit: Unit
    element: Element
    kind: Kind
    direction: Direction
    band: tuple[float, float] | None = None
    origin: Literal["snapshot", "local"]
    measures: tuple[Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$")], ...]
    uncertainty: Uncertainty
    bounds: tuple[float, float]
    note: Translated | None = None

    @property
    def rests_on_assumption(self) -> bool:
        """Whether a target band, or the size of its uncertainty, is an assumption; `note` says which."""
        return self.band is not None or isinstance(self.uncertainty, Mean | Relative | Clustered)

    @model_validator(mode="after")
    def _consistent(self) -> "Indicator":
        if (self.band is not None) != (self.direction == "band"):
            raise ValueError("needs band = [low, high] exactly when its direction is 'band'")
        if (self.origin == "snapshot") != bool(self.measures):
            raise ValueError("needs measures exactly when its origin is 'snapshot'")
        if self.rests_on_assumption and self.note is None:
            raise ValueError("needs a note that tells its assumption")
        if self.bounds[0] >= self.bounds[1]:
            raise ValueError("needs bounds = [low, high] with low < high")
        return self


class Factor(_Entry):
    """One factor of the catalogue: indicators and their weights.

    Attributes
    ----------
    kind : str
        Kind of its indicators that public statistics give; ``mixed`` where they differ.
    weights : dict[str, float]
        Weight of each indicator; equal weights are an assumption.
    """

    key: str
    label: Translated
    description: Translated
    kind: FactorKind
    elements: tuple[Element, ...]
    weights: dict[str, Annotated[float, Field(gt=0)]]


class Catalogue(_Entry):
    """Every indicator and every factor, by key, in the order of the files."""

    indicators: dict[str, Indicator]
    factors: dict[str, Factor]

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
    """Load ``indicators.toml`` and ``factors.toml``.

    Raises
    ------
    CatalogueError
        If an entry has unknown keys, lacks something, is out of bounds, or if a factor weighs an indicator that does
        not exist or is shown for context only, or names another kind than its indicators have.

    Examples
    --------
    >>> catalogue = load_catalogue()
    >>> catalogue.factor("flexibility").label.nb
    'Fleksibilitet'
    >>> catalogue.indicator("open_list_share").direction
    'up'
    """
    indicators = _read(folder / "indicators.toml", Indicator)
    factors = _read(folder / "factors.toml", Factor)
    for factor in factors.values():
        for key in factor.weights:
            if key not in indicators:
                raise CatalogueError("factors.toml", factor.key, f"weighs {key!r}, which is no indicator")
            if indicators[key].direction == "context":
                raise CatalogueError("factors.toml", factor.key, f"weighs {key!r}, which is context only")
        kinds = {indicators[key].kind for key in factor.weights if indicators[key].origin == "snapshot"}
        if factor.kind != (kinds.pop() if len(kinds) == 1 else "mixed"):
            raise CatalogueError("factors.toml", factor.key, f"is called {factor.kind}, but its indicators are not")
    return Catalogue(indicators=indicators, factors=factors)


_Item = TypeVar("_Item", bound=BaseModel)


def _read(path: Path, model: type[_Item]) -> dict[str, _Item]:
    try:
        entries: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(path.name, "-", f"cannot be read ({error})") from error
    found: dict[str, _Item] = {}
    for key, entry in entries.items():
        try:
            found[key] = model.model_validate({"key": key} | entry)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise CatalogueError(path.name, key, f"is wrong at {where or 'the entry'}: {first['msg']}") from error
    return found
