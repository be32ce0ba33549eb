"""What ``stabil data coverage`` prints."""

import polars as pl

from api.console import Output, print_csv, print_json, print_table, speaker
from api.formatting import Formats
from features.catalogue import Catalogue, Language

SHARES = ("offline", "refresh_adds", "local_adds", "with_data", "with_data_lowest")


def print_coverage(table: pl.DataFrame, catalogue: Catalogue, language: Language, output: Output) -> None:
    """Print where the weight of each factor comes from and how much has data (contract `FactorCoverage`)."""
    match output:
        case Output.JSON:
            print_json(table.to_dicts())
        case Output.CSV:
            print_csv(table.columns, table.rows())
        case Output.TABLE:
            _print_table(table, catalogue, language)


def _print_table(table: pl.DataFrame, catalogue: Catalogue, language: Language) -> None:
    _, fmt = speaker(language), Formats(language)
    print_table(
        _("Andel av vekten i hver faktor"),
        [
            _("Faktor"),
            _("Indikatorer"),
            _("Innebygd"),
            _("Henting gir"),
            _("Kommunen"),
            _("Har tall nå"),
            _("Minst"),
        ],
        [
            [
                catalogue.factor(row["factor"]).label.in_language(language),
                str(row["indicators"]),
                *(fmt.percent(row[share], 0) for share in SHARES),
            ]
            for row in table.iter_rows(named=True)
        ],
    )
