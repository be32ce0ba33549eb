"""The posts (lists) of simulated careers: where they are, when they opened, and what their municipality adds."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.peers import population_band
from models.career_hazard import Floats
from models.career_parameters import MONTHS, CareerParameters
from models.career_rates import MIDDLE_CENTRALITY, Ints
from models.career_scenario import Lever
from models.mix import BAND_NAMES


@dataclass(frozen=True, slots=True)
class Posts:
    """Arrays with one value per post.

    Attributes
    ----------
    places : DataFrame
        One row per municipality: ``municipality_code``, ``population``, ``population_band``, ``centrality_class``,
        ``municipality_effect`` (ratio of its doctors' rate of leaving to what its structure explains).
    place : ndarray of int
        Row of ``places``.
    band, centrality_class : ndarray of int
        Of the municipality; bands smallest first.
    opens : ndarray of int
        Month in which the list is first offered; those of month 0 are offered at the opening of the scheme.
    list_size : ndarray
        Length of the list relative to the national mean of any day.
    has_lever : ndarray of bool, shape (posts, levers)
        Which planted levers the post has.
    """

    places: pl.DataFrame
    place: Ints
    band: Ints
    centrality_class: Ints
    opens: Ints
    list_size: Floats
    has_lever: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of posts."""
        return int(self.place.size)

    @property
    def municipality_effect(self) -> Floats:
        """The ratio of each post's municipality."""
        effect: Floats = self.places["municipality_effect"].to_numpy()[self.place]
        return effect

    @property
    def post_ids(self) -> NDArray[np.str_]:
        """Municipality code and a running number within the municipality."""
        codes = self.places["municipality_code"].to_numpy()[self.place]
        numbers = _running_number(self.place) + 1
        return np.array([f"{code}-{number:03d}" for code, number in zip(codes, numbers, strict=True)])


def simulated_posts(
    mix: pl.DataFrame,
    levers: tuple[Lever, ...],
    lists: int,
    seeds: tuple[np.random.SeedSequence, np.random.SeedSequence],
    parameters: CareerParameters,
) -> Posts:
    """Return the lists of the reference day, opened along the published totals.

    Every municipality of the mix has a list from the first day, and its other lists open in proportion to the
    national growth. ``seeds``: of the posts, and of the levers, so that a planted lever changes no other draw.
    """
    rng = np.random.default_rng(seeds[0])
    places = mix.with_columns(
        population_band=population_band(pl.col("population")).cast(pl.Enum(BAND_NAMES)),
        municipality_effect=pl.Series(_effects(mix.height, parameters["municipality_sd"], rng)),
    )
    place = np.repeat(np.arange(places.height), whole_lists(mix["lists"].to_numpy(), lists))
    band = places["population_band"].to_physical().to_numpy().astype(np.int64)[place]
    centrality = places["centrality_class"].to_numpy()[place]
    own = parameters.by_band["relative_list_length"][band]
    size = np.clip(own * (1 + parameters["list_length_sd_share"] * rng.standard_normal(place.size)), 0.2 * own, None)
    return Posts(
        places=places.drop("lists"),
        place=place,
        band=band,
        centrality_class=centrality,
        opens=_opening_months(place, parameters.by_month["lists_total"], rng),
        list_size=size / size.mean(),
        has_lever=_lever_draws(centrality, levers, np.random.default_rng(seeds[1])),
    )


def whole_lists(weights: Floats, total: int) -> Ints:
    """Return whole lists in proportion to weights, at least one each, that add up (largest remainders).

    Examples
    --------
    >>> whole_lists(np.array([1.0, 2.0, 7.0]), 5).tolist()
    [1, 1, 3]
    """
    spare = total - weights.size
    exact = np.maximum(weights / weights.sum() * total - 1, 0)
    exact *= spare / exact.sum() if exact.sum() else 0.0
    floors: Ints = np.floor(exact).astype(np.int64)
    rest = np.argsort(floors - exact, kind="stable")[: spare - floors.sum()]
    floors[rest] += 1
    return 1 + floors


def _effects(size: int, sd: float, rng: np.random.Generator) -> Floats:
    effects: Floats = np.exp(sd * rng.standard_normal(size) - sd**2 / 2)
    return effects


def _opening_months(place: Ints, lists_total: Floats, rng: np.random.Generator) -> Ints:
    number = _running_number(place)
    of_place = np.bincount(place)[place]
    turn = np.where(number == 0, 0.0, (number + rng.random(place.size)) / of_place)
    rank = np.empty(place.size)
    rank[np.argsort(turn, kind="stable")] = np.arange(1, place.size + 1)
    path = np.maximum.accumulate(lists_total * place.size / lists_total[-1])
    months: Ints = np.searchsorted(path, rank - 0.5).astype(np.int64)
    return np.minimum(months, MONTHS)


def _running_number(place: Ints) -> Ints:
    first = np.searchsorted(place, place, side="left")
    number: Ints = np.arange(place.size) - first
    return number


def _lever_draws(centrality: Ints, levers: tuple[Lever, ...], rng: np.random.Generator) -> NDArray[np.bool_]:
    has = np.zeros((centrality.size, len(levers)), dtype=np.bool_)
    for column, lever in enumerate(levers):
        odds = lever.share / (1 - lever.share) * np.exp(lever.slope * (centrality - MIDDLE_CENTRALITY))
        has[:, column] = rng.random(centrality.size) < odds / (1 + odds)
    return has
