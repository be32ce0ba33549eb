"""What ``stabil retention`` prints about one post."""

from functools import partial

from api import words
from api.console import Output, print_csv, print_json, print_table, print_text, shown, speaker
from api.formatting import Formats
from api.retention_words import CAUTIONS, DRIVERS, PEER_BASES, cause_name
from api.services.post_forecast import answer_for
from api.services.world import World
from api.translation import translate
from features.catalogue import Language
from models.forecast import PostProfile
from models.post_forecast import PostForecast
from models.post_milestones import Milestone


def print_post_forecast(
    world: World, profile: PostProfile, stayed_years: float, language: Language, output: Output
) -> None:
    """Print the forecast for a post: milestones beside the peers, mean, causes, drivers and cautions."""
    found = answer_for(world, profile, stayed_years)
    match output:
        case Output.JSON:
            print_json(found)
        case Output.CSV:
            curve = found.forecast
            rows = zip(curve.times_years, curve.survival, curve.lower, curve.upper, found.peers.survival, strict=True)
            print_csv(
                ["years", "survival", "lower", "upper", "peers", "is_simulated"],
                [[*row, curve.is_simulated] for row in rows],
            )
        case Output.TABLE:
            _print_tables(found, language)


def _print_tables(found: PostForecast, language: Language) -> None:
    _, fmt = speaker(language), Formats(language)
    causes = [cause.cause for cause in found.milestones[0].causes]
    print_table(
        _("Andel avtaler som fortsatt varer, i en stilling som denne"),
        [
            _("År"),
            _("Stillingen (90 % intervall)"),
            _("Like stillinger"),
            *(cause_name(each, language) for each in causes),
        ],
        [
            [
                fmt.number(own.years),
                _with_interval(own, fmt),
                shown(peers.survival, partial(fmt.percent, digits=0)),
                *([fmt.percent(cause.share, 0) for cause in own.causes] or ["–"] * len(causes)),
            ]
            for own, peers in zip(found.milestones, found.peers.milestones, strict=True)
        ],
    )
    print_text(
        _(
            "I snitt {years} år av de neste {horizon} (90 % intervall {interval}); like stillinger {peers} år.",
            years=fmt.number(found.mean.years, 1),
            horizon=fmt.number(found.mean.horizon_years, 0 if found.mean.horizon_years.is_integer() else 1),
            interval=fmt.span(found.mean.lower, found.mean.upper, 1),
            peers=fmt.number(found.peers.mean.years, 1),
        ),
        _("Like stillinger: {which}.", which=peers_sentence(found, language)),
        "",
    )
    print_table(
        _(
            "Hva anslaget hviler på, i år mot landets stillinger ({mean} år)",
            mean=fmt.number(found.background_mean_years, 1),
        ),
        ["", _("År"), _("90 % intervall")],
        [
            [_(DRIVERS[each.field]), signed(each.years, fmt), fmt.span(each.lower, each.upper, 1)]
            for each in found.drivers
        ],
    )
    print_text("", *(_(CAUTIONS[each]) for each in found.cautions))


def peers_sentence(found: PostForecast, language: Language) -> str:
    """Which posts the peers are."""
    peers = found.peers
    band = translate(words.POPULATION_BANDS[peers.population_band], language)
    lists = Formats(language).number(peers.lists)
    return translate(PEER_BASES[peers.basis], language, lists=lists, band=band, number=peers.centrality_class)


def signed(years: float, fmt: Formats) -> str:
    """Years with their sign."""
    text = fmt.number(years, 1)
    return f"+{text}" if round(years, 1) > 0 else text


def _with_interval(own: Milestone, fmt: Formats) -> str:
    if own.survival is None or own.lower is None or own.upper is None:
        return "–"
    return f"{fmt.percent(own.survival, 0)} ({fmt.percent_span(own.lower, own.upper, 0)})"
