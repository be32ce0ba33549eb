"""Whether a value drawn towards its peers tells more about the next year than the value itself.

``python -m bench.shrinkage`` prints how long all indicators take, and three tables. The first predicts each year of the
panel 2015-2025 from the year before: the share of inhabitants without a GP, with every parameter estimated from the
year before alone. The second measures how much figures move from one year to the next, which is what the sizes of
chance in the catalogue stand for. The third predicts the mean list length under several such sizes.

The panel has percentages and mean list lengths, not counts. Inhabitants on lists are taken to be the inhabitants of
that 1 January (of 2020 for earlier years; in 2025 half the municipalities had 91-102 % of theirs on their lists), and
lists are these over the mean list length. How many lists stood vacant, the panel does not tell: the log-score rounds.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from time import process_time

import numpy as np
import polars as pl
from scipy.special import betaln, gammaln

from features.catalogue import Indicator, Mean, load_catalogue
from features.conjugate import Array
from features.group_priors import PeerSets, fitted_prior, peer_sets, updated
from features.indicators.compute import indicator_values
from features.indicators.observations import newest, population_of
from features.peers import peer_groups, population_band
from features.shrinkage import CLUSTER_COUNTS, evidence, posterior, shrunk_values
from features.snapshot import Snapshot, load_snapshot

OUTCOME = "patients_without_gp_share"
METHODS = ("raw", "group mean", "shrunk", "shrunk, one size of list")
RESAMPLES = 2000
FULL_PANEL = 2020
"""First year with more than 200 municipalities."""

JEFFREYS = 0.5
LIST_LENGTH_SDS = (300.0, 200.0, 130.0, 100.0, 70.0)


@dataclass(frozen=True, slots=True)
class Forecasts:
    """What each method says about the next year, and what came.

    ``places`` has ``municipality_code``, ``year`` (predicted from), ``band`` and ``actual``; in ``predicted`` is the
    share by method, in ``log_score`` the logarithm of the probability given to the number of vacant lists that came.
    """

    places: pl.DataFrame
    predicted: Mapping[str, Array]
    log_score: Mapping[str, Array]


def panel(snapshot: Snapshot) -> pl.DataFrame:
    """Share without a GP, inhabitants, lists and mean list length of each municipality and year."""
    wide = (
        snapshot.gp_lists.filter(pl.col("measure").is_in(["patients_without_gp_pct", "list_length_mean"]))
        .pivot("measure", index=["municipality_code", "year"], values="value")
        .with_columns(population_year=pl.max_horizontal("year", snapshot.population["year"].min()))
    )
    inhabitants = snapshot.population.rename({"year": "population_year"})
    national = 946.0  # inhabitants per list in 2025, where a year lacks the municipality's own
    length = pl.when(pl.col("list_length_mean") > 0).then("list_length_mean").otherwise(national)
    return (
        wide.join(inhabitants, on=["municipality_code", "population_year"])
        .drop_nulls("patients_without_gp_pct")
        .with_columns(share=pl.col("patients_without_gp_pct") / 100, population=pl.col("population").cast(pl.Float64))
        .with_columns(lists=pl.max_horizontal(pl.col("population") / length, 1.0))
        .select("municipality_code", "year", "share", "population", "lists", "list_length_mean")
        .sort("municipality_code", "year")
    )


def year_ahead(figures: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Each year's figures of the municipalities that also have the next year's, which are called ``next_…``."""
    following = figures.with_columns(pl.col("year") - 1).rename(
        {name: f"next_{name}" for name in figures.columns if name not in ("municipality_code", "year")}
    )
    both = figures.join(following, on=["municipality_code", "year"]).sort("municipality_code")
    for year in both["year"].unique().sort():
        yield int(year), both.filter(pl.col("year") == year)


def peers_in(snapshot: Snapshot, places: pl.DataFrame) -> PeerSets:
    """Peers by the population of that year, among the municipalities of a table."""
    here = snapshot.municipalities.join(places, on="municipality_code", how="semi")
    population = places.select("municipality_code", pl.col("population").cast(pl.Int64))
    return peer_sets(places["municipality_code"], peer_groups(here, population))


def vacancy_forecasts(snapshot: Snapshot, first_year: int = 0) -> Forecasts:
    """Next year's share of inhabitants without a GP from each year of the panel since `first_year`."""
    entry = load_catalogue().indicator(OUTCOME)
    parts = [
        _of_year(entry, places, peers_in(snapshot, places))
        for year, places in year_ahead(panel(snapshot))
        if year >= first_year
    ]
    return Forecasts(
        pl.concat([part.places for part in parts]),
        {method: np.concatenate([part.predicted[method] for part in parts]) for method in METHODS},
        {method: np.concatenate([part.log_score[method] for part in parts]) for method in METHODS},
    )


def _of_year(entry: Indicator, places: pl.DataFrame, groups: PeerSets) -> Forecasts:
    share, lists, inhabitants = (places[name].to_numpy() for name in ("share", "lists", "population"))
    clusters = lists / CLUSTER_COUNTS[OUTCOME][1]
    by_lists = {"value": share, "numerator": share * inhabitants, "denominator": inhabitants, "clusters": clusters}
    by_national = {name: column for name, column in by_lists.items() if name != "clusters"}
    own, fixed = (posterior(entry, rows, groups) for rows in (by_lists, by_national))
    prior = fitted_prior(own.evidence.family, share, clusters, groups)
    shapes = {
        "raw": (share * lists + JEFFREYS, (1 - share) * lists + JEFFREYS),
        "group mean": (prior.strength * prior.mean, prior.strength * (1 - prior.mean)),
        "shrunk": _beta_shape(own.behind, own.behind_variance),
        "shrunk, one size of list": _beta_shape(fixed.behind, fixed.behind_variance),
    }
    predicted = {
        "raw": share,
        "group mean": prior.mean,
        "shrunk": own.estimate,
        "shrunk, one size of list": fixed.estimate,
    }
    to_come = np.maximum(np.round(places["next_lists"].to_numpy()), 1.0)
    vacant = np.round(places["next_share"].to_numpy() * to_come)
    return Forecasts(
        places.select("municipality_code", "year", population_band(pl.col("population")).alias("band"), "next_share"),
        predicted,
        {method: _log_probability(vacant, to_come, *shape) for method, shape in shapes.items()},
    )


def _beta_shape(mean: Array, variance: Array) -> tuple[Array, Array]:
    strength = mean * (1 - mean) / variance - 1
    return mean * strength, (1 - mean) * strength


def _log_probability(hits: Array, total: Array, a: Array, b: Array) -> Array:
    ways = gammaln(total + 1) - gammaln(hits + 1) - gammaln(total - hits + 1)
    return np.asarray(ways + betaln(hits + a, total - hits + b) - betaln(a, b))


def scores(forecasts: Forecasts, method: str) -> dict[str, Array]:
    """Squared error, absolute error and log-score of every forecast."""
    error = forecasts.predicted[method] - forecasts.places["next_share"].to_numpy()
    return {"squared": error**2, "absolute": np.abs(error), "log": forecasts.log_score[method]}


def resampled(codes: pl.Series, statistic: Callable[[Array], Array], rng: np.random.Generator) -> Array:
    """Statistics of weighted rows when municipalities, with all their years, are drawn with replacement."""
    _, place = np.unique(codes.to_numpy(), return_inverse=True)
    weights = rng.multinomial(place.max() + 1, np.full(place.max() + 1, 1 / (place.max() + 1)), size=RESAMPLES)
    return statistic(weights[:, place].astype(float))


def mean_gain(first: Array, second: Array, weights: Array) -> Array:
    """Mean of the second less that of the first."""
    return np.asarray(weights @ (second - first) / weights.sum(axis=1))


def root_gain(first: Array, second: Array, weights: Array) -> Array:
    """Root of the mean of the second less that of the first."""
    roots = [np.sqrt(weights @ column / weights.sum(axis=1)) for column in (first, second)]
    return np.asarray(roots[1] - roots[0])


def print_forecasts(forecasts: Forecasts) -> None:
    """Print the first table: all years, years with the full panel, and size bands of these."""
    places = forecasts.places
    full = (places["year"] >= FULL_PANEL).to_numpy()
    subsets = {"all years": np.ones(len(full), dtype=bool), f"from {FULL_PANEL}": full, f"before {FULL_PANEL}": ~full}
    bands = {band: full & (places["band"] == band).to_numpy() for band in places["band"].unique(maintain_order=True)}
    print("| predicted from | rows | method | RMSE | MAE | log-score | RMSE less raw (90 %) | log-score less raw |")
    print("|---|---|---|---|---|---|---|---|")
    rng = np.random.default_rng(1)
    for name, here in (subsets | bands).items():
        raw = {key: column[here] for key, column in scores(forecasts, "raw").items()}
        for method in METHODS:
            own = {key: column[here] for key, column in scores(forecasts, method).items()}
            plain = f"{own['squared'].mean() ** 0.5:.4f} | {own['absolute'].mean():.4f} | {own['log'].mean():.4f}"
            beside = []
            for key, digits, gain in (("squared", 4, root_gain), ("log", 3, mean_gain)):
                less_raw = partial(gain, raw[key], own[key])
                drawn = resampled(places["municipality_code"].filter(pl.Series(here)), less_raw, rng)
                middle = less_raw(np.ones((1, len(raw[key]))))[0]
                low, high = np.percentile(drawn, (5, 95))
                beside.append(f"{middle:+.{digits}f} ({low:+.{digits}f}, {high:+.{digits}f})")
            print(f"| {name} | {here.sum()} | {method} | {plain} | {' | '.join(beside)} |")


def moves(snapshot: Snapshot, years: int) -> Mapping[str, Array]:
    """Moves over some years in units of chance: squared, per list, less what the whole country moved.

    For GPs (contracts with a doctor, from inhabitants over mean list length) in units of a Poisson count.
    """
    lists = newest(snapshot.gp_lists, "lists_total").select("municipality_code", count="value")
    with_gp = panel(snapshot).with_columns(
        gps=(1 - pl.col("share")) * pl.col("population") / pl.col("list_length_mean")
    )
    tables = {
        "mean list length": _measure(snapshot.gp_lists, "list_length_mean"),
        "reserve capacity index": _measure(snapshot.gp_lists, "reserve_capacity_index"),
        "GPs": with_gp.filter((pl.col("year") >= FULL_PANEL) & (pl.col("list_length_mean") > 0)).select(
            "municipality_code", "year", value="gps"
        ),
    }
    return {
        name: _squared_moves(table, years, lists, per_list=-1.0 if name == "GPs" else 1.0)
        for name, table in tables.items()
    }


def _measure(gp_lists: pl.DataFrame, measure: str) -> pl.DataFrame:
    return gp_lists.filter(pl.col("measure") == measure).select("municipality_code", "year", "value")


def _squared_moves(table: pl.DataFrame, years: int, lists: pl.DataFrame, per_list: float) -> Array:
    later = table.with_columns(pl.col("year") - years).rename({"value": "later"})
    pairs = table.join(later, on=["municipality_code", "year"]).join(lists, on="municipality_code")
    move = pl.col("later") - pl.col("value")
    squared = (move - move.mean().over("year")) ** 2 * pl.col("count") ** per_list
    return pairs.select(squared.alias("squared"))["squared"].to_numpy()


def print_moves(snapshot: Snapshot) -> None:
    """Print the second table.

    Half the squared move of one year is the variance if nothing lasts. Were all of it to last (a random walk), the move
    of two years would be twice as large; what does not last is half of twice the first less the second.
    """
    one, two = moves(snapshot, 1), moves(snapshot, 2)
    print("| figure | pairs of years | if nothing lasts | what does not last | unit |\n|---|---|---|---|---|")
    for name in one:
        nothing, fleeting = one[name].mean() / 2, one[name].mean() - two[name].mean() / 2
        if name == "GPs":
            shown, unit = (nothing, fleeting), "variance / Poisson variance"
        else:
            shown, unit = (nothing**0.5, max(fleeting, 0.0) ** 0.5), "standard deviation per list"
        print(f"| {name} | {len(one[name])} | {shown[0]:.3g} | {shown[1]:.3g} | {unit} |")


def print_list_lengths(snapshot: Snapshot) -> None:
    """Print the third table: mean list length of the next year, under several spreads per list."""
    entry = load_catalogue().indicator("list_length_mean")
    lists = newest(snapshot.gp_lists, "lists_total").select("municipality_code", count="value")
    full = panel(snapshot).drop_nulls("list_length_mean").join(lists, on="municipality_code")
    errors: dict[str, list[Array]] = {}
    for _, places in year_ahead(full.filter(pl.col("year") >= FULL_PANEL)):
        groups, value = peers_in(snapshot, places), places["list_length_mean"].to_numpy()
        rows = {"value": value, "numerator": np.full_like(value, np.nan), "denominator": places["count"].to_numpy()}
        came = places["next_list_length_mean"].to_numpy()
        errors.setdefault("raw", []).append((value - came) ** 2)
        for sd in LIST_LENGTH_SDS:
            spread = entry.model_copy(update={"uncertainty": Mean(kind="mean", sd=sd)})
            found = evidence(spread, rows)
            prior = fitted_prior(found.family, found.raw, found.size, groups)
            shrunk, _, _ = updated(found.family, found.raw, found.size, prior)
            errors.setdefault(f"sd {sd:g} per list", []).append((shrunk - came) ** 2)
    print("| mean list length of the next year from | RMSE |\n|---|---|")
    for name, squared in errors.items():
        print(f"| {name} | {np.concatenate(squared).mean() ** 0.5:.1f} |")


def print_time(snapshot: Snapshot) -> None:
    """Print how long all indicators take, the quickest of five."""
    catalogue = load_catalogue()
    values = indicator_values(snapshot, catalogue)
    population = population_of(snapshot).select("municipality_code", "population")
    peers = peer_groups(snapshot.municipalities, population)
    seconds = []
    for _ in range(5):
        start = process_time()
        shrunk_values(values, peers, catalogue)
        seconds.append(process_time() - start)
    print(f"{len(catalogue.indicators)} indicators: {min(seconds):.2f} s of processor time")


if __name__ == "__main__":
    facts = load_snapshot()
    print_time(facts)
    print_forecasts(vacancy_forecasts(facts))
    print_moves(facts)
    print_list_lengths(facts)
