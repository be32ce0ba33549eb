"""The command about how long contracts last: medians, a post, curves by group, and the model card."""

from enum import StrEnum
from typing import Annotated

import typer

from api.cli_world import served_world
from api.console import Output
from api.settings import Settings
from features.errors import InvalidInputError


class ContractForm(StrEnum):
    """Form of a contract."""

    SELF_EMPLOYED = "self_employed"
    COOPERATION = "cooperation_contract_8_2"
    SALARIED = "salaried"


class Grouping(StrEnum):
    """What contracts are grouped by."""

    POPULATION_BAND = "population_band"
    CONTRACT_FORM = "contract_form"
    CENTRALITY_CLASS = "centrality_class"
    CAREER_STAGE = "career_stage"


def retention(
    context: typer.Context,
    municipality: Annotated[
        str | None, typer.Option(help="Name or number: the kinds of posts that this municipality offers.")
    ] = None,
    population: Annotated[float | None, typer.Option(help="Inhabitants of the post's municipality.")] = None,
    centrality: Annotated[int | None, typer.Option(help="Its centrality class, 1 (most central) to 6.")] = None,
    form: Annotated[ContractForm, typer.Option(help="Form of the contract.")] = ContractForm.SELF_EMPLOYED,
    specialist_in: Annotated[
        float, typer.Option("--specialist-in", help="Years until the doctor is a specialist; 0 for one who is.")
    ] = 0.0,
    stayed: Annotated[float, typer.Option(help="Years already stayed in the post.")] = 0.0,
    list_length: Annotated[
        float | None, typer.Option("--list-length", help="Moves no forecast; the answer says so.")
    ] = None,
    by: Annotated[Grouping | None, typer.Option(help="Curves by group, with the numbers at risk.")] = None,
    report: Annotated[bool, typer.Option("--report", help="The model card.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """How long contracts last: medians by size, a --municipality's posts, one post by --population and more, curves."""
    from api.reports.post_forecast import print_post_forecast
    from api.reports.retention import print_retention
    from api.reports.retention_card import print_curves, print_report
    from models.forecast import PostProfile

    settings: Settings = context.obj
    output = Output.JSON if as_json else Output.CSV if as_csv else Output.TABLE
    if municipality is not None and (report or by or population is not None or centrality is not None):
        raise InvalidInputError(
            "--municipality", municipality, "no --population, --centrality, --by or --report beside"
        )
    if municipality is not None:
        _print_place(settings, municipality, output)
    elif report:
        print_report(served_world(settings), settings.language, output)
    elif by is not None:
        print_curves(served_world(settings), by.value, settings.language, output)
    elif population is not None and centrality is not None:
        profile = PostProfile(population, centrality, list_length, form.value, -specialist_in)
        print_post_forecast(served_world(settings), profile, stayed, settings.language, output)
    elif population is not None or centrality is not None:
        missing, expected = (
            ("population", "inhabitants, with --population")
            if population is None
            else ("centrality", "a class from 1 to 6, with --centrality")
        )
        raise InvalidInputError(missing, None, expected)
    else:
        print_retention(served_world(settings), settings.language, output)


def _print_place(settings: Settings, municipality: str, output: Output) -> None:
    from api.services.find_place import require_place
    from features.snapshot import load_snapshot

    facts = require_place(municipality, load_snapshot(settings.reference_dir))

    from api.reports.kind_of_post import print_kind_of_post

    print_kind_of_post(served_world(settings), facts, settings.language, output)
