"""Retention curves as SVG, drawn on the server by Vega-Lite."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree

import altair as alt
import polars as pl
import vl_convert

SVG = "http://www.w3.org/2000/svg"

FONT = "Inter, Arial, sans-serif"
INK = "#1e2b3c"
GRID = "#d5dbe3"

LARGEST_CACHE = 400
"""Charts kept: thirty kinds of post in three languages and two widths, with room to spare."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A line with its band, and perhaps points of what was observed, as (time, value); `label` names it."""

    label: str
    colour: str
    dash: tuple[int, ...]
    times: tuple[float, ...]
    values: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ChartWords:
    """The words on and about a chart, already in the reader's language."""

    title: str
    description: str
    x_title: str
    y_title: str
    percent_sign: str


@lru_cache(maxsize=LARGEST_CACHE)
def curves_svg(curves: tuple[Curve, ...], words: ChartWords, width: int, height: int, key: str) -> str:
    """SVG of survival curves; `key` makes its ids unique on the page."""
    return _accessible(vl_convert.vegalite_to_svg(_chart(curves, words, width, height).to_dict()), words, key)


def warm_up() -> None:
    """Draw a chart in the background: the first one takes seconds, the next ones some hundredths."""
    threading.Thread(target=_first_chart, name="chart-warm-up", daemon=True).start()


def _first_chart() -> None:
    curve = Curve("-", INK, (), (0.0, 1.0), (1.0, 0.5), (1.0, 0.4), (1.0, 0.6))
    curves_svg((curve,), ChartWords("-", "-", "-", "-", "%"), 100, 100, "warm-up")


def _chart(curves: Sequence[Curve], words: ChartWords, width: int, height: int) -> alt.LayerChart:
    points = pl.concat(
        pl.DataFrame({"year": c.times, "value": c.values, "lower": c.lower, "upper": c.upper}).with_columns(
            curve=pl.lit(c.label)
        )
        for c in curves
    )
    labels = [curve.label for curve in curves]
    colour = alt.Color("curve:N", legend=None, scale=alt.Scale(domain=labels, range=[c.colour for c in curves]))
    last = max(curve.times[-1] for curve in curves)
    years = alt.X(
        "year:Q",
        title=words.x_title,
        scale=alt.Scale(domain=[0, last], nice=False),
        axis=alt.Axis(tickCount=int(last), format="d", grid=False),
    )
    shares = alt.Y(
        "value:Q",
        title=words.y_title,
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(
            values=[0, 0.25, 0.5, 0.75, 1],
            labelExpr=f"format(datum.value * 100, 'd') + '{words.percent_sign}'",
            titleAngle=0,
            titleAlign="left",
            titleAnchor="end",
            titleX=-38,
            titleY=-14,
        ),
    )
    base = alt.Chart(points)
    bands = base.mark_area(opacity=0.16).encode(years, alt.Y("lower:Q"), alt.Y2("upper:Q"), colour)
    lines = base.mark_line(strokeWidth=2.5).encode(
        years,
        shares,
        colour,
        strokeDash=alt.StrokeDash(
            "curve:N",
            legend=None,
            scale=alt.Scale(domain=labels, range=[list(curve.dash) or [1, 0] for curve in curves]),
        ),
    )
    half = alt.Chart(pl.DataFrame({"half": [0.5]})).mark_rule(color=INK, strokeDash=[2, 3]).encode(alt.Y("half:Q"))
    chart: alt.LayerChart = (
        alt.layer(bands, half, lines, *_observed(curves, years, colour))
        .properties(
            width=width,
            height=height,
            background="transparent",
            padding={"left": 4, "right": 14, "top": 6, "bottom": 4},
        )
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            gridColor=GRID,
            domainColor=INK,
            tickColor=INK,
            labelFontSize=13,
            titleFontSize=13,
            titleFontWeight="normal",
            titlePadding=8,
        )
    )
    return chart


def _observed(curves: Sequence[Curve], years: alt.X, colour: alt.Color) -> list[alt.Chart]:
    rows = [(curve.label, *point) for curve in curves for point in curve.points]
    if not rows:
        return []
    points = pl.DataFrame(rows, schema=["curve", "year", "value"], orient="row")
    return [alt.Chart(points).mark_point(size=34, filled=True, opacity=1).encode(years, alt.Y("value:Q"), colour)]


def _accessible(svg: str, words: ChartWords, key: str) -> str:
    """The drawing as one image with a name and a description; what Vega says of its parts is left out."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        for attribute in [name for name in element.attrib if name == "role" or name.startswith("aria-")]:
            del element.attrib[attribute]
    root.attrib |= {"role": "img", "aria-labelledby": f"{key}-title {key}-desc", "class": "chart-image"}
    for position, (tag, text) in enumerate((("title", words.title), ("desc", words.description))):
        element = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": f"{key}-{tag}"})
        element.text = text
        root.insert(position, element)
    return ElementTree.tostring(root, encoding="unicode")
