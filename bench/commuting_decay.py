"""How fast commuting falls with distance: what `features.accessibility.COMMUTING_DECAY_KM` rests on.

Run with ``python -m bench.commuting_decay``. Commuting between municipalities in 2017 (SSB 03321, without those who
work where they live) against doubly constrained gravity models, which differ only in how willingness to commute falls
with road distance. ``docs/decisions/0003-commuting-decay.md`` tells what was chosen and why.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.accessibility import COMMUTING_DECAY_KM, road_km
from features.errors import InvalidInputError
from features.indicators.partner_jobs import commuting_today
from features.snapshot import Snapshot, load_snapshot

Matrix = NDArray[np.float64]

CAPS_KM = (200.0, 100.0)
DECAYS_KM = (10.0, 15.0, 18.0, 20.0, 22.0, 25.0, 30.0, 40.0)
POWERS = (1.5, 2.0, 2.5, 3.0)
CONVERGED = 1e-6  # greatest error in a column sum, relative to all flows: less than one commuter
ROUNDS = 10_000


@dataclass(frozen=True, slots=True)
class GravityFit:
    """How well a gravity model with the observed row and column sums reproduces flows.

    Attributes
    ----------
    log_likelihood : float
        Poisson log-likelihood per commuter, without the part that no model changes (the factorials).
    r2 : float
        Squared correlation of observed and modelled flows over the pairs in the fit.
    observed_km, modelled_km : float
        Mean distance of a commuter.
    """

    log_likelihood: float
    r2: float
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
    pairs = (distance_km <= cap_km) & ~np.eye(len(flows), dtype=bool)
    observed = np.where(pairs, flows, 0.0)
    modelled = balanced_flows(np.where(pairs, willingness, 0.0), observed)
    commuters = observed.sum()
    some = observed > 0
    return GravityFit(
        log_likelihood=float(((observed[some] * np.log(modelled[some])).sum() - modelled.sum()) / commuters),
        r2=float(np.corrcoef(observed[pairs], modelled[pairs])[0, 1] ** 2),
        observed_km=float((observed * distance_km).sum() / commuters),
        modelled_km=float((modelled * distance_km).sum() / modelled.sum()),
    )


def willingness_laws(distance_km: Matrix) -> Mapping[str, Matrix]:
    """Willingness to commute between all pairs, by the name of the law."""
    between = np.where(np.eye(len(distance_km), dtype=bool), 1.0, distance_km)  # the diagonal is never used
    exponential = {f"exp(-d / {decay:g} km)": np.exp(-between / decay) for decay in DECAYS_KM}
    return exponential | {f"d ^ -{power:g}": between**-power for power in POWERS}


def flow_matrix(snapshot: Snapshot) -> Matrix:
    """Commuters of 2017 between today's municipalities in the order of their codes; rows are workplaces."""
    codes = snapshot.municipalities["municipality_code"].sort()
    number = dict(zip(codes, range(codes.len()), strict=True))
    flows = np.zeros((codes.len(), codes.len()))
    pairs = commuting_today(snapshot).with_columns(pl.col("workplace_code", "residence_code").replace_strict(number))
    flows[pairs["workplace_code"], pairs["residence_code"]] = pairs["commuters"]
    return flows


def main() -> None:
    """Print one table per cap; the best exponential and the best of all are marked."""
    snapshot = load_snapshot()
    flows = flow_matrix(snapshot)
    distance_km = road_km(snapshot.municipalities.sort("municipality_code"))
    print(f"constant in use: {COMMUTING_DECAY_KM:g} km")
    for cap_km in CAPS_KM:
        fits = {
            name: gravity_fit(law, flows, distance_km, cap_km) for name, law in willingness_laws(distance_km).items()
        }
        by_fit = sorted(fits, key=lambda name: fits[name].log_likelihood, reverse=True)
        best_exponential = next(name for name in by_fit if name.startswith("exp"))
        covered = flows[distance_km <= cap_km].sum() / flows.sum()
        observed_km = next(iter(fits.values())).observed_km
        print(f"\nwithin {cap_km:g} km: {covered:.1%} of the commuters, {observed_km:.1f} km on average")
        print("law              | log-likelihood per commuter | R2 of flows | modelled mean km")
        for name, fit in fits.items():
            mark = " best" if name == by_fit[0] else " best exponential" if name == best_exponential else ""
            print(f"{name:<17}| {fit.log_likelihood:27.4f} | {fit.r2:11.4f} | {fit.modelled_km:16.1f}{mark}")


def _ratio(wanted: Matrix, reached: Matrix) -> Matrix:
    """Wanted over reached, and 0 where nothing is wanted."""
    return np.divide(wanted, reached, out=np.zeros_like(wanted), where=wanted > 0)


if __name__ == "__main__":
    main()
