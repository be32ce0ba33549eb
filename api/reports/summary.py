"""The summary that a run ends with."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import polars as pl

from api.console import print_table, print_text, shown, speaker
from api.formatting import Formats
from api.services.matching import MatchProposal
from api.services.world import RunRecord, World
from api.words import POPULATION_BANDS
from features.catalogue import Language
from features.coverage import coverage_table
from models.band_medians import BandMedian


@dataclass(frozen=True, slots=True)
class FactorSummary:
    """How many municipalities a factor scored, with what mean coverage (0-1) and mean width of the interval.

    The interval's width is missing for a factor without scores. `offline`, `refresh_adds` and `local_adds` (0-1) are
    the shares of its weight that each source can give.
    """

    factor: str
    label: str
    scored: int
    municipalities: int
    mean_coverage: float
    mean_interval_width: float | None
    offline: float
    refresh_adds: float
    local_adds: float


@dataclass(frozen=True, slots=True)
class OutcomeSummary:
    """How much of an outcome structure explains in other counties, and whether its score follows population.

    Shares and rank correlations with 90 % intervals; `raw` is the published value, `adjusted` the score that structure
    has been taken out of, `tie_free` the same with ties broken at random.
    """

    outcome: str
    label: str
    explained: float
    explained_lower: float
    explained_upper: float
    raw: float
    raw_lower: float
    raw_upper: float
    adjusted: float
    adjusted_lower: float
    adjusted_upper: float
    tie_free: float
    tie_free_lower: float
    tie_free_upper: float


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run produced: scores, medians of the retention model beside the published, and the match."""

    run: RunRecord
    municipalities: int
    indicators_computed: int
    indicators_live: int
    indicators_local: int
    factors: tuple[FactorSummary, ...]
    outcomes: tuple[OutcomeSummary, ...]
    careers_simulated: bool
    medians: tuple[BandMedian, ...]
    concordance: float | None
    vacant_lists: int
    vacant_lists_year: int
    candidates: int
    matched: int | None
    pairs_checked: int | None
    blocking_pairs: int


def run_summary(world: World, proposal: MatchProposal, language: Language) -> RunSummary:
    """Summary of a run and its match."""
    entries = world.catalogue.indicators.values()
    scores = world.scores.factors.group_by("factor").agg(
        scored=pl.col("score").count(),
        municipalities=pl.len(),
        mean_coverage=pl.col("coverage").mean(),
        mean_interval_width=(pl.col("upper") - pl.col("lower")).mean(),
    )
    sources = coverage_table(world.catalogue, world.scores.values)
    by_factor = {
        row["factor"]: row
        for row in scores.join(
            sources.select("factor", "offline", "refresh_adds", "local_adds"), on="factor"
        ).iter_rows(named=True)
    }
    vacant = world.snapshot.gp_lists.filter(pl.col("measure") == "lists_without_gp")
    return RunSummary(
        run=world.run,
        municipalities=world.snapshot.municipalities.height,
        indicators_computed=sum(entry.origin == "snapshot" for entry in entries),
        indicators_live=sum(entry.origin == "live" for entry in entries),
        indicators_local=sum(entry.origin == "local" for entry in entries),
        factors=tuple(
            FactorSummary(label=factor.label.in_language(language), **by_factor[key])
            for key, factor in world.catalogue.factors.items()
        ),
        outcomes=_outcomes(world, language),
        careers_simulated=world.retention.is_simulated,
        medians=world.retention.bands,
        concordance=world.retention.quality.harrell_c.value,
        vacant_lists=proposal.vacant_lists,
        vacant_lists_year=vacant["year"].to_numpy().max().item(),
        candidates=proposal.candidates,
        matched=proposal.matched,
        pairs_checked=proposal.proof.pairs_checked,
        blocking_pairs=proposal.proof.blocking_pairs,
    )


def print_summary(summary: RunSummary, language: Language) -> None:
    """Print the summary as tables."""
    _, fmt = speaker(language), Formats(language)
    print_table(
        _("Poeng: {count} kommuner", count=summary.municipalities),
        [
            _("Faktor"),
            _("Med poeng"),
            _("Datadekning"),
            _("Intervallbredde"),
            _("I uttrekket"),
            _("Oppdatering gir"),
            _("Bare kommunen vet"),
        ],
        [
            [
                factor.label,
                f"{factor.scored}/{factor.municipalities}",
                fmt.percent(factor.mean_coverage, 0),
                shown(factor.mean_interval_width, fmt.number),
                fmt.percent(factor.offline, 0),
                fmt.percent(factor.refresh_adds, 0),
                fmt.percent(factor.local_adds, 0),
            ]
            for factor in summary.factors
        ],
    )
    print_text(
        _(
            "{computed} indikatorer er regnet av offentlige tall (uttrekk {version}); en oppdatering gir {live} "
            "til, og {local} må kommunen selv oppgi.",
            computed=summary.indicators_computed,
            live=summary.indicators_live,
            local=summary.indicators_local,
            version=summary.run.snapshot_version,
        ),
        "",
    )
    print_outcomes(summary.outcomes, language)
    print_medians(summary.medians, language)
    print_text(
        _(
            "Legekarrierene er SIMULERT etter publiserte norske tall. C-indeks på ukjente kontrakter: {value}.",
            value=shown(summary.concordance, partial(fmt.number, digits=2)),
        ),
        "",
        _(
            "Kobling: {matched} av {candidates} simulerte leger har fått forslag om en av {vacant} lister uten fast "
            "lege (SSB 12005, {year}).",
            matched=shown(summary.matched, fmt.number),
            candidates=summary.candidates,
            vacant=summary.vacant_lists,
            year=summary.vacant_lists_year,
        ),
        _(
            "Bevis for stabilitet: {pairs} par kontrollert, {blocking} blokkerende. Et forslag; et menneske avgjør.",
            pairs=shown(summary.pairs_checked, fmt.number),
            blocking=summary.blocking_pairs,
        ),
    )


def print_outcomes(outcomes: tuple[OutcomeSummary, ...], language: Language) -> None:
    """Print how far structure explains each outcome, and whether its score follows population."""
    _, fmt = speaker(language), Formats(language)

    def interval(value: float, lower: float, upper: float, write: Callable[[float, int], str], digits: int) -> str:
        return f"{write(value, digits)} ({write(lower, digits)}; {write(upper, digits)})"

    print_table(
        _("Resultat og struktur (90 % intervall)"),
        [_("Resultat"), _("Forklart av struktur"), _("Følger folketall, rå"), _("Justert"), _("Justert, like delt")],
        [
            [
                outcome.label,
                interval(outcome.explained, outcome.explained_lower, outcome.explained_upper, fmt.percent, 0),
                interval(outcome.raw, outcome.raw_lower, outcome.raw_upper, fmt.number, 2),
                interval(outcome.adjusted, outcome.adjusted_lower, outcome.adjusted_upper, fmt.number, 2),
                interval(outcome.tie_free, outcome.tie_free_lower, outcome.tie_free_upper, fmt.number, 2),
            ]
            for outcome in outcomes
        ],
    )
    print_text(
        _(
            "Forklart: målt i andre fylker enn de modellen er tilpasset i. Følger: rangkorrelasjon med folketall, fra "
            "−1 til 1; 0 er at stor og liten kommune har samme sjanse."
        ),
        "",
    )


def _outcomes(world: World, language: Language) -> tuple[OutcomeSummary, ...]:
    explained = world.scores.explained.rename({name: f"explained_{name}" for name in ("lower", "upper")})
    rows = explained.rename({"share": "explained"}).join(
        world.scores.fairness.filter(pl.col("against") == "population").drop("against"), on="outcome"
    )
    return tuple(
        OutcomeSummary(label=world.catalogue.indicator(row["outcome"]).label.in_language(language), **row)
        for row in rows.iter_rows(named=True)
    )


def print_medians(medians: tuple[BandMedian, ...], language: Language) -> None:
    """Print median years in post by size of municipality, beside the published ones."""
    _, fmt = speaker(language), Formats(language)
    labels = band_labels(language)
    print_table(
        _("Median varighet av fastlegeavtaler, år (90 % intervall)"),
        [_("Kommunestørrelse"), _("Modell"), _("Kaplan–Meier"), _("Publisert")],
        [
            [
                labels[band.band] + ("*" if band.is_interpolated else ""),
                _interval(band.model, band.model_lower, band.model_upper, fmt),
                _interval(band.kaplan_meier, band.kaplan_meier_lower, band.kaplan_meier_upper, fmt),
                shown(band.published, partial(fmt.number, digits=2)),
            ]
            for band in medians
        ],
    )
    print_text(_("* Ikke publisert: simulatoren er stilt inn mellom de publiserte størrelsene, en antakelse."))


def band_labels(language: Language) -> dict[str, str]:
    """Name of each population band in words."""
    _ = speaker(language)
    return {"national": _("hele landet")} | {band: _(words) for band, words in POPULATION_BANDS.items()}


def print_served(address: str, language: Language) -> None:
    """Say where the pages are."""
    _ = speaker(language)
    print_text(_("Åpne {address} i nettleseren. API: {address}/docs. Stopp med Ctrl+C.", address=address))


def _interval(value: float | None, lower: float | None, upper: float | None, fmt: Formats) -> str:
    if value is None:
        return "–"
    low, high = ("…" if bound is None else fmt.number(bound, 1) for bound in (lower, upper))
    return f"{fmt.number(value, 2)} ({low}–{high})"
