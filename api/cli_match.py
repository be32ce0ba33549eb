"""The command that matches simulated doctors to the vacant lists, as a whole, for one doctor or for one post."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli_world import served_world
from api.console import Output
from api.settings import DEFAULT_CANDIDATES, DEFAULT_LOTTERY_SEED, with_values
from features.errors import InvalidInputError


def match(
    context: typer.Context,
    candidates: Annotated[int, typer.Option(help="Number of simulated doctors.")] = DEFAULT_CANDIDATES,
    lottery_seed: Annotated[
        str, typer.Option(help="Published seed of the lottery that breaks ties.")
    ] = DEFAULT_LOTTERY_SEED,
    seed: Annotated[int | None, typer.Option(help="Seed of everything simulated.")] = None,
    candidate: Annotated[
        str | None, typer.Option(help="Give the answer to one simulated doctor, for example SIM-0001.")
    ] = None,
    places: Annotated[
        bool, typer.Option("--places", help="With --candidate: best posts and municipalities, and what nearly fits.")
    ] = False,
    post: Annotated[
        str | None, typer.Option(help="Explain one post and what would make it attractive, for example POST-1833.")
    ] = None,
    couples: Annotated[int, typer.Option(help="Number of simulated couples with joint lists, among the doctors.")] = 0,
    terms: Annotated[
        Path | None, typer.Option("--terms", help="JSON file of what posts share: limits, reversions, minimums.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Propose a stable match of simulated doctors to the real vacant lists, with its proof."""
    from api.reports.match import print_candidate
    from api.reports.match_answers import print_places, print_post
    from api.reports.match_round import print_match
    from api.services.match_answers import best_places, explain_post
    from api.services.match_terms import read_terms
    from api.services.matching import explain_to_candidate, propose_match
    from api.storage.database import open_database
    from engine.round_terms import NO_TERMS

    if (couples or terms) and (post is not None or places):
        raise InvalidInputError("couples, terms", "with --post or --places", "a whole round, or --candidate alone")

    settings = with_values(context.obj, {"seed": seed})
    world, engine = served_world(settings), open_database(settings.database_url)
    now = datetime.now(UTC)
    output = Output.JSON if as_json else Output.CSV if as_csv else Output.TABLE
    shared = NO_TERMS if terms is None else read_terms(world, terms, now.date())
    if post is not None:
        answer = explain_post(
            world, post, candidates=candidates, lottery_seed=lottery_seed, seed=settings.seed, today=now.date()
        )
        print_post(world, answer, settings.language, output)
        return
    if candidate is not None and places:
        found = best_places(world, candidate, candidates=candidates, seed=settings.seed, today=now.date())
        print_places(world, found, settings.language, output)
        return
    if candidate is not None:
        view = explain_to_candidate(
            world,
            candidate,
            candidates=candidates,
            lottery_seed=lottery_seed,
            seed=settings.seed,
            today=now.date(),
            couples=couples,
            terms=shared,
        )
        print_candidate(world, view, settings.language, output)
        return
    saved = propose_match(
        world,
        engine,
        candidates=candidates,
        lottery_seed=lottery_seed,
        seed=settings.seed,
        now=now,
        couples=couples,
        terms=shared,
    )
    print_match(world, saved.proposal, settings.language, output)
