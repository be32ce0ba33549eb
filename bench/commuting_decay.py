"""How fast commuting falls with distance: what `features.accessibility.COMMUTING_DECAY` rests on.

Run with ``python -m bench.commuting_decay`` (some minutes). Commuting between municipalities in 2017 (SSB 03321,
without those who work where they live) against doubly constrained gravity models, which differ only in how willingness
to commute falls with road distance. ``docs/decisions/0003-commuting-decay.md`` tells what was chosen and why.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import spearmanr

from features.accessibility import COMMUTING_DECAY, decayed_reach, road_km
from features.errors import InvalidInputError
from features.indicators.partner_jobs import commuting_today
from features.snapshot import Snapshot, load_snapshot

Matrix = NDArray[np.float64]

CAPS_KM = (200.0, COMMUTING_DECAY.limit_km)
FOLDS = 5
CONVERGED = 1e-6  # greatest error in a column sum, relative to all flows: less than one commuter
ROUNDS = 10_000
EVALUATIONS = 80
DETOUR_AT_REGION_KM = (8.4, 0.82)
"""Minutes to the centre of the labour-market region as a line in road kilometres: intercept and slope, fitted here."""


@dataclass(frozen=True, slots=True)
class Family:
    """A law of distance: the logarithm of willingness by distance and positive parameters, and where to start."""

    log_willingness: Callable[..., Matrix]
    start: tuple[float, ...]


FAMILIES: Mapping[str, Family] = {
    "exponential": Family(lambda d, b: -d / b, (20.0,)),
    "power": Family(lambda d, a: -a * np.log(d), (2.5,)),
    "logistic": Family(lambda d, c, w: -np.logaddexp(0, (d - c) / w), (5.0, 15.0)),
    "lognormal": Family(lambda d, m, s: -((np.log(d) - np.log(m)) ** 2) / (2 * s**2), (3.0, 1.05)),
    "power times exponential": Family(lambda d, a, b: -a * np.log(d) - d / b, (2.0, 100.0)),
    "stretched exponential": Family(lambda d, b, c: -((d / b) ** c), (0.1, 0.35)),
    "shifted power": Family(lambda d, c, a: -a * np.log1p(d / c), (12.0, 3.2)),
    "log-logistic": Family(lambda d, c, a: -np.log1p((d / c) ** a), (14.0, 2.8)),
    "two exponentials": Family(lambda d, b, c, p: np.logaddexp(-d / b, np.log(p) - d / c), (11.0, 60.0, 0.015)),
}
"""Laws by name. The power law and those built on it are infinite or undefined at distance 0."""


@dataclass(frozen=True, slots=True)
class GravityFit:
    """How well a gravity model with the observed row and column sums reproduces flows.

    Attributes
    ----------
    log_likelihood : float
        Poisson log-likelihood per commuter, without the part that no model changes (the factorials).
    r2 : float
        Squared correlation of observed and modelled flows over the pairs in the fit.
    r2_log : float
        The same of their logarithms, over the pairs with commuters.
    observed_km, modelled_km : float
        Mean distance of a commuter.
    """

    log_likelihood: float
    r2: float
    r2_log: float
    observed_km: float
    modelled_km: float


def balanced_flows(willingness: Matrix, flows: Matrix) -> Matrix:
    """Willingness scaled by a factor per row and per column until it has the sums of the flows.

    Raises
    ------
    InvalidInputError
        If the sums cannot be reached, as where people commute to a place that no one is willing to go to.

    References
    ----------
    A. G. Wilson (1967), *A statistical theory of spatial distribution models*, Transportation Research 1(3), 253-269.
    W. E. Deming and F. F. Stephan (1940), Annals of Mathematical Statistics 11(4), 427-444 (the iteration).
    """
    rows, columns = flows.sum(axis=1), flows.sum(axis=0)
    in_columns = np.ones_like(columns)
    with np.errstate(all="ignore"):  # factors without bound end in the error below
        for _ in range(ROUNDS):
            in_rows = _ratio(rows, willingness @ in_columns)
            reached = in_rows @ willingness
            if np.abs(reached * in_columns - columns).max() <= CONVERGED * flows.sum():
                balanced: Matrix = in_rows[:, None] * willingness * in_columns
                return balanced
            in_columns = _ratio(columns, reached)
    raise InvalidInputError("willingness", f"sums not reached in {ROUNDS} rounds", "some wherever someone commutes")


def gravity_fit(willingness: Matrix, flows: Matrix, distance_km: Matrix, cap_km: float) -> GravityFit:
    """Fit of a gravity model to the flows between different places at most `cap_km` apart.

    Parameters
    ----------
    willingness, flows, distance_km : numpy.ndarray of shape (n, n)
        Rows are workplaces, columns residences; only the proportions of `willingness` matter.
    cap_km : float
        Pairs farther apart, and a place with itself, are left out of model and observation alike.
    """
    pairs = _pairs(distance_km, cap_km)
    observed, modelled = _observed_and_modelled(willingness, flows, pairs)
    some = observed > 0
    return GravityFit(
        log_likelihood=_log_likelihood(observed, modelled),
        r2=_r2(observed[pairs], modelled[pairs]),
        r2_log=_r2(np.log(observed[some]), np.log(modelled[some])),
        observed_km=float((observed * distance_km).sum() / observed.sum()),
        modelled_km=float((modelled * distance_km).sum() / modelled.sum()),
    )


def fitted(
    family: Family, flows: Matrix, distance_km: Matrix, cap_km: float, residences: NDArray[np.bool_] | None = None
) -> tuple[float, ...]:
    """Parameters of a law with the greatest likelihood.

    Parameters
    ----------
    family : Family
    flows, distance_km : numpy.ndarray of shape (n, n)
    cap_km : float
    residences : numpy.ndarray of shape (n,), optional
        Whose flows count in the likelihood, all by default. All row and column sums are kept in any case.
    """
    pairs = _pairs(distance_km, cap_km)
    counted = np.ones(len(flows), dtype=bool) if residences is None else residences

    def loss(logarithms: NDArray[np.float64]) -> float:
        observed, modelled = _observed_and_modelled(_willingness(family, distance_km, np.exp(logarithms)), flows, pairs)
        return -_log_likelihood(observed[:, counted], modelled[:, counted])

    found = minimize(
        loss,
        np.log(family.start),
        method="Nelder-Mead",
        options={"xatol": 2e-3, "fatol": 1e-5, "maxfev": EVALUATIONS},
    )
    return tuple(float(value) for value in np.exp(found.x))


def held_out(
    family: Family, flows: Matrix, distance_km: Matrix, cap_km: float, folds: Sequence[NDArray[np.bool_]]
) -> tuple[float, ...]:
    """Log-likelihood per commuter of the flows of each fold's residences, with the law fitted to all the others."""
    pairs = _pairs(distance_km, cap_km)
    scores = []
    for fold in folds:
        parameters = fitted(family, flows, distance_km, cap_km, ~fold)
        observed, modelled = _observed_and_modelled(_willingness(family, distance_km, parameters), flows, pairs)
        scores.append(_log_likelihood(observed[:, fold], modelled[:, fold]))
    return tuple(scores)


def county_folds(snapshot: Snapshot, flows: Matrix, count: int = FOLDS) -> tuple[NDArray[np.bool_], ...]:
    """Whole counties of residence dealt out by number of commuters, the largest first."""
    county = snapshot.municipalities.sort("municipality_code")["county_code"].to_numpy()
    by_size = sorted(set(county), key=lambda code: -flows[:, county == code].sum())
    return tuple(np.isin(county, by_size[first::count]) for first in range(count))


def jackknife(family: Family, snapshot: Snapshot, flows: Matrix, distance_km: Matrix, cap_km: float) -> Matrix:
    """Covariance of the logarithms of a law's parameters, leaving out one county of residence at a time.

    References
    ----------
    B. Efron and C. Stein (1981), *The jackknife estimate of variance*, Annals of Statistics 9(3), 586-596.
    """
    folds = county_folds(snapshot, flows, snapshot.municipalities["county_code"].n_unique())
    left_out = np.log([fitted(family, flows, distance_km, cap_km, ~fold) for fold in folds])
    deviations = left_out - left_out.mean(axis=0)
    covariance: Matrix = (len(folds) - 1) / len(folds) * deviations.T @ deviations
    return covariance


def flow_matrix(snapshot: Snapshot) -> Matrix:
    """Commuters of 2017 between today's municipalities in the order of their codes; rows are workplaces."""
    codes = snapshot.municipalities["municipality_code"].sort()
    number = dict(zip(codes, range(codes.len()), strict=True))
    flows = np.zeros((codes.len(), codes.len()))
    pairs = commuting_today(snapshot).with_columns(pl.col("workplace_code", "residence_code").replace_strict(number))
    flows[pairs["workplace_code"], pairs["residence_code"]] = pairs["commuters"]
    return flows


def detours(snapshot: Snapshot, distance_km: Matrix) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """How much longer the way to the region's centre takes than its distance lets expect, and which centre that is.

    The centre is the municipality that the region is named after, or its largest. The detour is the logarithm of the
    published minutes over the line through all of them; 0 for a centre.
    """
    places = snapshot.municipalities.sort("municipality_code").join(
        snapshot.population.filter(pl.col("year") == pl.col("year").max()),
        on="municipality_code",
        maintain_order="left",
    )
    centre = (
        places.with_row_index("place")
        .with_columns(named=pl.col("labour_market_region_name").str.starts_with(pl.col("name").str.split(" ").list[0]))
        .sort("named", "population", descending=True)
        .with_columns(centre=pl.col("place").first().over("labour_market_region_2020"))
        .sort("place")["centre"]
        .to_numpy()
        .astype(np.intp)
    )
    place = np.arange(len(centre))
    minutes, km = places["minutes_to_region_centre"].to_numpy(), distance_km[place, centre]
    intercept, slope = DETOUR_AT_REGION_KM
    away = (centre != place) & (minutes > 0)
    logarithm = np.where(away, np.log(np.where(away, minutes, 1.0) / (intercept + slope * km)), 0.0)
    return logarithm, centre


def main() -> None:
    """Print how the laws fit, how they do on counties left out, and what the law in use rests on."""
    snapshot = load_snapshot()
    flows = flow_matrix(snapshot)
    distance_km = road_km(snapshot.municipalities.sort("municipality_code"))
    print(f"in use: {COMMUTING_DECAY}")
    for cap_km in CAPS_KM:
        _print_families(snapshot, flows, distance_km, cap_km)
    limit_km = COMMUTING_DECAY.limit_km
    law = replace(FAMILIES["log-logistic"], start=(COMMUTING_DECAY.half_km, COMMUTING_DECAY.exponent))
    covariance = jackknife(law, snapshot, flows, distance_km, limit_km)
    print(f"\nlog-logistic within {limit_km:g} km, leaving out one county at a time:")
    print(f"standard errors of the logarithms {np.sqrt(np.diag(covariance)).round(4)}")
    print(f"their correlation {covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]):.3f}")
    _print_detours(snapshot, flows, distance_km)
    _print_observed(snapshot, flows, distance_km)


def _print_families(snapshot: Snapshot, flows: Matrix, distance_km: Matrix, cap_km: float) -> None:
    pairs, folds = _pairs(distance_km, cap_km), county_folds(snapshot, flows)
    saturated = np.where(pairs, flows, 0.0)
    inside = saturated.sum() / flows.sum()
    print(f"\nwithin {cap_km:g} km: {inside:.1%} of the commuters; log-likelihood of the flows themselves ", end="")
    print(f"{_log_likelihood(saturated, saturated):.4f}")
    print("law | parameters | log-likelihood | R2 | R2 of logarithms | mean km | counties left out | folds won")
    baseline: tuple[float, ...] = ()
    weights = np.array([saturated[:, fold].sum() for fold in folds])
    for name, family in FAMILIES.items():
        parameters = fitted(family, flows, distance_km, cap_km)
        fit = gravity_fit(_willingness(family, distance_km, parameters), flows, distance_km, cap_km)
        near = replace(family, start=parameters)  # the folds' laws lie close by: fewer steps to find them
        scores = held_out(near, flows, distance_km, cap_km, folds)
        baseline = baseline or scores
        won = sum(score > first for score, first in zip(scores, baseline, strict=True))
        print(
            f"{name} | {' '.join(f'{value:.3g}' for value in parameters)} | {fit.log_likelihood:.4f} | {fit.r2:.4f} | "
            f"{fit.r2_log:.4f} | {fit.modelled_km:.1f} of {fit.observed_km:.1f} | "
            f"{np.average(scores, weights=weights):.4f} | {won}/{len(folds)}",
            flush=True,
        )
    used = gravity_fit(COMMUTING_DECAY.law(distance_km), flows, distance_km, cap_km)
    print(f"in use: {used}")


def _print_detours(snapshot: Snapshot, flows: Matrix, distance_km: Matrix) -> None:
    """Whether published minutes to the region's centre say more about commuting than straight lines do."""
    logarithm, centre = detours(snapshot, distance_km)
    away = centre != np.arange(len(centre))
    km = distance_km[np.arange(len(centre)), centre][away]
    minutes = snapshot.municipalities.sort("municipality_code")["minutes_to_region_centre"].to_numpy()[away]
    slope, intercept = np.polyfit(km, minutes, 1)
    print(f"\nminutes to the region's centre, {away.sum()} municipalities: {intercept:.2f} + {slope:.3f} per road km, ")
    print(f"median {np.median(minutes / km):.2f} per km; standard deviation of the logarithm about the line ", end="")
    print(f"{logarithm[away].std():.3f}")
    link = np.zeros_like(distance_km)
    link[np.flatnonzero(away), centre[away]] = 1
    longer = (link + link.T) * (logarithm[:, None] + logarithm)
    folds, limit_km = county_folds(snapshot, flows), COMMUTING_DECAY.limit_km
    weights = np.array([np.where(_pairs(distance_km, limit_km), flows, 0)[:, fold].sum() for fold in folds])
    for part in (0.0, 0.25, 0.5, 1.0):
        corrected = np.where(_pairs(distance_km, limit_km), distance_km * np.exp(part * longer), distance_km)
        family = Family(lambda _, c, a, km=corrected: -np.log1p((km / c) ** a), FAMILIES["log-logistic"].start)
        scores = held_out(family, flows, distance_km, limit_km, folds)
        print(f"{part:.0%} of the detour: counties left out {np.average(scores, weights=weights):.4f}", flush=True)


def _print_observed(snapshot: Snapshot, flows: Matrix, distance_km: Matrix) -> None:
    """How the reach by the law orders municipalities beside the reach by observed commuting alone."""
    inflow = flows.sum(axis=1)
    went = flows / np.maximum(flows.sum(axis=0), 1e-12)
    observed = went.T @ inflow
    modelled = decayed_reach(inflow, distance_km)
    print("\nin-commuters of 2017 at the places that residents commute to, beside those within reach by the law: ")
    print(f"rank correlation {spearmanr(observed, modelled).statistic:.3f}")
    names = snapshot.municipalities.sort("municipality_code")["name"].to_list()
    gap = _ranks(modelled) - _ranks(observed)
    for title, order in (("law above commuting", np.argsort(-gap)), ("law below commuting", np.argsort(gap))):
        print(f"{title}: {', '.join(f'{names[place]} {gap[place]:+d}' for place in order[:8])}")


def _willingness(family: Family, distance_km: Matrix, parameters: Sequence[float] | NDArray[np.float64]) -> Matrix:
    between = np.where(np.eye(len(distance_km), dtype=bool), 1.0, distance_km)  # the diagonal is never used
    logarithm = np.clip(family.log_willingness(between, *parameters), -600, 600)
    willingness: Matrix = np.exp(logarithm)
    return willingness


def _pairs(distance_km: Matrix, cap_km: float) -> NDArray[np.bool_]:
    pairs: NDArray[np.bool_] = (distance_km <= cap_km) & ~np.eye(len(distance_km), dtype=bool)
    return pairs


def _observed_and_modelled(willingness: Matrix, flows: Matrix, pairs: NDArray[np.bool_]) -> tuple[Matrix, Matrix]:
    observed = np.where(pairs, flows, 0.0)
    return observed, balanced_flows(np.where(pairs, willingness, 0.0), observed)


def _log_likelihood(observed: Matrix, modelled: Matrix) -> float:
    some = observed > 0
    return float(((observed[some] * np.log(modelled[some])).sum() - modelled.sum()) / observed.sum())


def _r2(observed: NDArray[np.float64], modelled: NDArray[np.float64]) -> float:
    return float(np.corrcoef(observed, modelled)[0, 1] ** 2)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.intp]:
    ranks: NDArray[np.intp] = np.argsort(np.argsort(values))
    return ranks


def _ratio(wanted: Matrix, reached: Matrix) -> Matrix:
    """Wanted over reached, and 0 where nothing is wanted."""
    return np.divide(wanted, reached, out=np.zeros_like(wanted), where=wanted > 0)


if __name__ == "__main__":
    main()
