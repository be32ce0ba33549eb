"""What the page shows about one post: sentences, charts, and bars of what the forecast rests on."""

import math
from dataclasses import dataclass

from api import words
from api.formatting import NO_BREAK_SPACE, Formats
from api.group_words import CLASS
from api.pages.charts import ChartWords, Curve, curves_svg
from api.pages.retention_charts import RetentionCharts
from api.reports.post_forecast import peers_sentence
from api.retention_words import CAUTIONS, DRIVERS, cause_name
from api.translation import N_, translate
from features.catalogue import Language
from models.post_drivers import Driver
from models.post_forecast import PostForecast

OWN, PEERS = N_("Stillingen"), N_("Like stillinger")
COLOURS = {OWN: "#0051be", PEERS: "#5f6b7a"}

SPAN = N_("Halvparten av avtalene i en stilling som denne er over etter {lower}–{upper} år.")
SPAN_OPEN = N_("Halvparten av avtalene i en stilling som denne er over etter {lower} år eller mer.")
SPAN_NONE = N_("Mer enn halvparten av avtalene i en stilling som denne varer lenger enn tallene rekker.")
FROM_NOW = N_("Årene regnes fra i dag, gitt at legen alt har vært der i {years} år.")
MEAN = N_("I snitt varer avtalen {years} av de neste {horizon} årene (90 % intervall {interval}).")
MEAN_PEERS = N_("I like stillinger: {years} år ({interval}).")
LENGTHENS, SHORTENS = N_("{years} år lenger"), N_("{years} år kortere")
NO_EFFECT = N_("ingen forskjell")


@dataclass(frozen=True, slots=True)
class DriverBar:
    """A driver in words, and its bar with interval on an axis of 0 to 100 whose middle is no effect."""

    driver: Driver
    name: str
    value: str
    effect: str
    interval: str
    start: float
    width: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """Everything that the answer's part of the template needs."""

    found: PostForecast
    sentences: tuple[str, ...]
    peers: str
    charts: RetentionCharts
    causes: tuple[str, ...]
    levers: tuple[DriverBar, ...]
    structure: tuple[DriverBar, ...]
    axis_years: float
    cautions: tuple[str, ...]


def post_answer(found: PostForecast, language: Language) -> PostAnswer:
    """View of a forecast."""
    reach = max(max(abs(each.lower), abs(each.upper)) for each in found.drivers)
    axis = max(0.5, math.ceil(2 * reach) / 2)
    bars = [_bar(each, axis, language) for each in found.drivers]
    return PostAnswer(
        found=found,
        sentences=_sentences(found, language),
        peers=peers_sentence(found, language),
        charts=_charts(found, language),
        causes=tuple(cause_name(each.cause, language) for each in found.milestones[0].causes),
        levers=tuple(bar for bar in bars if bar.driver.kind == "lever"),
        structure=tuple(bar for bar in bars if bar.driver.kind == "structural"),
        axis_years=axis,
        cautions=tuple(translate(CAUTIONS[each], language) for each in found.cautions),
    )


def _sentences(found: PostForecast, language: Language) -> tuple[str, ...]:
    fmt, stayed = Formats(language), found.forecast.stayed_years
    if found.span is None:
        half = translate(SPAN_NONE, language)
    elif found.span.upper is None:
        half = translate(SPAN_OPEN, language, lower=found.span.lower)
    else:
        half = translate(SPAN, language, lower=found.span.lower, upper=found.span.upper)
    horizon = found.mean.horizon_years
    mean = translate(
        MEAN,
        language,
        years=fmt.number(found.mean.years, 1),
        horizon=fmt.number(horizon, 0 if horizon.is_integer() else 1),
        interval=fmt.span(found.mean.lower, found.mean.upper, 1),
    )
    own_peers = found.peers.mean
    peers = translate(
        MEAN_PEERS,
        language,
        years=fmt.number(own_peers.years, 1),
        interval=fmt.span(own_peers.lower, own_peers.upper, 1),
    )
    given = (translate(FROM_NOW, language, years=fmt.number(stayed, 0 if stayed.is_integer() else 1)),)
    return (half, *(given if stayed else ()), mean, peers)


def _bar(driver: Driver, axis: float, language: Language) -> DriverBar:
    fmt = Formats(language)

    def at(years: float) -> float:
        return 50 + 50 * years / axis

    size = fmt.number(abs(driver.years), 1)
    sentence = NO_EFFECT if round(driver.years, 1) == 0 else LENGTHENS if driver.years > 0 else SHORTENS
    return DriverBar(
        driver=driver,
        name=translate(DRIVERS[driver.field], language),
        value=_value(driver, language),
        effect=translate(sentence, language, years=size),
        interval=fmt.span(driver.lower, driver.upper, 1),
        start=min(50.0, at(driver.years)),
        width=abs(at(driver.years) - 50),
        lower=at(driver.lower),
        upper=at(driver.upper),
    )


def _value(driver: Driver, language: Language) -> str:
    fmt = Formats(language)
    if isinstance(driver.value, str):
        return translate(words.CONTRACT_FORMS[driver.value], language)
    if driver.field == "population":
        return fmt.number(driver.value)
    if driver.field == "centrality_class":
        return translate(CLASS, language, number=fmt.number(driver.value))
    if driver.value < 0:
        left = fmt.number(-driver.value, 0 if driver.value.is_integer() else 1)
        return translate(N_("ferdig spesialist om {years} år"), language, years=left)
    return translate(N_("ferdig spesialist ved start"), language)


def _charts(found: PostForecast, language: Language) -> RetentionCharts:
    horizon = found.mean.horizon_years
    own, peers = found.forecast, found.peers
    kept = sum(time <= horizon + 1e-9 for time in own.times_years)
    curves = (
        Curve(
            translate(PEERS, language),
            COLOURS[PEERS],
            (7, 4),
            peers.times_years[:kept],
            peers.survival[:kept],
            peers.lower[:kept],
            peers.upper[:kept],
        ),
        Curve(
            translate(OWN, language),
            COLOURS[OWN],
            (),
            own.times_years[:kept],
            own.survival[:kept],
            own.lower[:kept],
            own.upper[:kept],
        ),
    )
    words_ = ChartWords(
        title=translate(N_("Andel avtaler som fortsatt varer, stillingen og like stillinger"), language),
        description=_description(found, language),
        x_title=translate(N_("År fra i dag") if own.stayed_years else N_("År siden avtalen startet"), language),
        y_title=translate(N_("Andel som fortsatt varer"), language),
        percent_sign="%" if language == "en" else f"{NO_BREAK_SPACE}%",
    )
    return RetentionCharts(
        wide=curves_svg(curves, words_, 520, 280, "post-wide"),
        narrow=curves_svg(curves, words_, 210, 200, "post-narrow"),
    )


def _description(found: PostForecast, language: Language) -> str:
    fmt = Formats(language)
    told = []
    for own, peers in zip(found.milestones, found.peers.milestones, strict=True):
        if own.survival is not None and peers.survival is not None:
            told.append(
                translate(
                    N_("År {years}: {own} varer fortsatt, i like stillinger {peers}."),
                    language,
                    years=fmt.number(own.years),
                    own=fmt.percent(own.survival, 0),
                    peers=fmt.percent(peers.survival, 0),
                )
            )
    return " ".join(told)
