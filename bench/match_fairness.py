"""Who is proposed, by attributes that the match never sees: selection-rate ratios in simulated rounds.

Run with ``python -m bench.match_fairness [ROUNDS]``. Sex and origin exist in this file only: each simulated doctor gets
them beside the record that the engine takes in, and they are laid over the proposal afterwards. *Apart* draws them
independently of everything. *With language* lets doctors trained abroad document their Norwegian less often, as may be
the case: an advertised level then selects indirectly, and the ratio shows by how much (an assumption, not a finding).
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from numpy.random import Generator, default_rng

from engine.candidates import Candidate, LanguageLevel
from engine.match_run import run_match
from engine.posts import Post
from engine.simulated_candidates import simulate_candidates
from engine.vacant_posts import posts_from_vacant_lists

TODAY = date(2026, 1, 15)
CODES = ("0301", "1103", "1804", "4601", "5001", "5501")
FACTORS = ("workload", "professional_community", "partner_jobs")
WOMEN, ABROAD = 0.49, 0.30  # assumptions: shares of simulated doctors
UNDOCUMENTED_ABROAD = 0.35  # assumption: share of those trained abroad who lack the document on the day
SMALLEST_GROUP = 5
FOUR_FIFTHS = 0.8


@dataclass(frozen=True, slots=True)
class SelectionRates:
    """Share proposed by group, over all rounds; ``ratio`` is the lowest share over the highest (1 is equal).

    ``error`` is the standard error of the difference between the two shares had chance alone drawn the groups.
    """

    rates: Mapping[str, float]
    sizes: Mapping[str, int]
    ratio: float
    error: float


@dataclass(frozen=True, slots=True)
class Population:
    """Doctors as the engine takes them in and, beside them, attributes that it never sees."""

    doctors: tuple[Candidate, ...]
    sex: Mapping[str, str]
    origin: Mapping[str, str]


def selection_rates(proposed: Sequence[tuple[str, bool]]) -> SelectionRates:
    """Selection rates from pairs (group, whether proposed), one for each doctor.

    Raises
    ------
    ValueError
        There are under two groups, or one has fewer than five doctors.

    References
    ----------
    Equal Employment Opportunity Commission (1978), Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4
    D: a ratio under four fifths is looked into. It is no Norwegian rule.

    Examples
    --------
    >>> found = selection_rates([("a", True)] * 6 + [("a", False)] * 4 + [("b", True)] * 3 + [("b", False)] * 7)
    >>> found.rates, found.ratio
    ({'a': 0.6, 'b': 0.3}, 0.5)
    """
    groups = sorted({group for group, _ in proposed})
    hits = {group: [hit for other, hit in proposed if other == group] for group in groups}
    if len(groups) < 2 or min(map(len, hits.values())) < SMALLEST_GROUP:
        raise ValueError(f"expected two groups or more of at least {SMALLEST_GROUP} doctors, got {groups}")
    rates = {group: sum(held) / len(held) for group, held in hits.items()}
    low, high = min(rates, key=rates.__getitem__), max(rates, key=rates.__getitem__)
    pooled = sum(hit for _, hit in proposed) / len(proposed)
    variance = pooled * (1 - pooled) * (1 / len(hits[low]) + 1 / len(hits[high]))
    ratio = rates[low] / rates[high] if rates[high] else 1.0
    return SelectionRates(rates, {group: len(held) for group, held in hits.items()}, ratio, variance**0.5)


def population(n: int, rng: Generator, *, undocumented_abroad: float | None = None) -> Population:
    """Simulated doctors with sex and origin beside them; `undocumented_abroad` ties the language document to origin."""
    doctors = simulate_candidates(n, [code[:2] for code in CODES], FACTORS, rng, today=TODAY)
    (hidden,) = rng.spawn(1)
    sex = {own.candidate_id: "woman" if hidden.random() < WOMEN else "man" for own in doctors}
    origin = {own.candidate_id: "abroad" if hidden.random() < ABROAD else "Norway" for own in doctors}
    if undocumented_abroad is not None:
        doctors = tuple(
            _with_level(own, LanguageLevel.NONE if hidden.random() < undocumented_abroad else LanguageLevel.C2)
            if origin[own.candidate_id] == "abroad"
            else _with_level(own, LanguageLevel.C2)
            for own in doctors
        )
    return Population(doctors, sex, origin)


def _with_level(doctor: Candidate, level: LanguageLevel) -> Candidate:
    return replace(doctor, qualifications=replace(doctor.qualifications, language_level=level))


def places(rng: Generator) -> tuple[tuple[Post, ...], pl.DataFrame]:
    """Posts in six municipalities, three places each, and factor scores."""
    lists = pl.DataFrame({"municipality_code": CODES, "year": 2025, "measure": "lists_without_gp", "value": 3})
    counties = [code[:2] for code in CODES]
    where = pl.DataFrame({"municipality_code": CODES, "county_code": counties, "centrality_class": [1, 2, 3, 2, 2, 5]})
    cells = [(code, factor, rng.uniform(0, 100)) for code in CODES for factor in FACTORS]
    scores = pl.DataFrame(cells, schema={"municipality_code": str, "factor": str, "score": float}, orient="row")
    return posts_from_vacant_lists(lists, where, rng, today=TODAY), scores


def proposed_by_group(
    rounds: int, doctors: int = 40, *, undocumented_abroad: float | None = None, equally_qualified: bool = False
) -> dict[str, SelectionRates]:
    """Selection rates by sex and by origin over simulated rounds.

    `equally_qualified` counts only doctors who document their Norwegian.
    """
    found: dict[str, list[tuple[str, bool]]] = {"sex": [], "origin": []}
    for seed in range(rounds):
        rng = default_rng([seed, 20260115])
        people = population(doctors, rng, undocumented_abroad=undocumented_abroad)
        posts, scores = places(rng)
        result = run_match(people.doctors, posts, scores, f"seed {seed}", TODAY)
        matched = {pair.candidate_id for pair in result.assignments}
        for own in people.doctors:
            if not equally_qualified or own.qualifications.language_level >= LanguageLevel.B2:
                name = own.candidate_id
                found["sex"].append((people.sex[name], name in matched))
                found["origin"].append((people.origin[name], name in matched))
    return {attribute: selection_rates(pairs) for attribute, pairs in found.items()}


def main(rounds: int = 200) -> None:
    """Print a line for each population and attribute."""
    print("population | attribute | share proposed | ratio | difference in standard errors")
    for name, settings in (
        ("apart", {}),
        ("with language", {"undocumented_abroad": UNDOCUMENTED_ABROAD}),
        ("with language, documented only", {"undocumented_abroad": UNDOCUMENTED_ABROAD, "equally_qualified": True}),
    ):
        for attribute, found in proposed_by_group(rounds, **settings).items():  # type: ignore[arg-type]
            shares = ", ".join(f"{group} {rate:.3f} (n={found.sizes[group]})" for group, rate in found.rates.items())
            gap = (max(found.rates.values()) - min(found.rates.values())) / found.error
            mark = "" if found.ratio >= FOUR_FIFTHS else " under four fifths"
            print(f"{name} | {attribute} | {shares} | {found.ratio:.3f}{mark} | {gap:.1f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
