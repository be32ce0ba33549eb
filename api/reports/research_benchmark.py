"""What ``stabil research benchmark`` prints."""

import polars as pl

from api.console import print_error, print_table, print_text, speaker
from api.formatting import Formats
from api.services.research_benchmark import BenchmarkResult
from api.translation import N_
from features.catalogue import Language
from models.benchmarking import OURS

TITLES = {
    "isbs": N_("Integrert Brier-skår: middelrang, lavest er best"),
    "harrell_c": N_("Harrells C: middelrang, lavest er best"),
}


def print_benchmark(result: BenchmarkResult, language: Language) -> None:
    """Print the mean ranks of every learner and our score on every data set."""
    _, formats = speaker(language), Formats(language)
    for measure, title in TITLES.items():
        rows = result.ranks.filter(pl.col("measure") == measure)
        print_table(
            _(title),
            (_("Metode"), _("Middelrang"), _("Datasett"), _("Best på"), _("Bedre enn vår på")),
            [
                (
                    row["learner"],
                    formats.number(row["mean_rank"], 2),
                    formats.number(row["datasets"], 0),
                    formats.number(row["wins"], 0),
                    formats.number(row["better_than_ours"], 0) if row["learner"] != OURS else "",
                )
                for row in rows.iter_rows(named=True)
            ],
        )
    ours = result.means.filter(pl.col("learner") == OURS).pivot("measure", index="task", values=["score", "rank"])
    print_table(
        _("Vår skår og rang på hvert datasett"),
        (_("Datasett"), _("Integrert Brier-skår"), _("Rang"), _("Harrells C"), _("Rang")),
        [
            (
                row["task"],
                formats.number(row["score_isbs"], 4),
                formats.number(row["rank_isbs"], 1),
                formats.number(row["score_harrell_c"], 4),
                formats.number(row["rank_harrell_c"], 1),
            )
            for row in ours.sort("task").iter_rows(named=True)
        ],
    )
    print_text(
        _("{folds} folder skåret; alt står i {file}.", folds=len(result.scores), file=str(result.output)),
    )
    for failure in result.failures:
        print_error(
            _("Fold {iteration} av {task} er uten skår", task=failure["task"], iteration=failure["iteration"]),
            failure["reason"],
        )
