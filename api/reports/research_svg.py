"""Curves and calibration as plain SVG that stands alone: no script, no font, no request."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import polars as pl

COLOURS = ("#0051be", "#b3440e", "#2b7a3f", "#7a3fa0", "#8a6d00", "#007c89", "#a3195b", "#4a5568")
MOST_GROUPS = len(COLOURS)
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 420, 62, 170, 44, 52
_INK, _GRID = "#1e2b3c", "#d5dbe3"


@dataclass(frozen=True, slots=True)
class PlotWords:
    """Words on a figure, in the reader's language; the percent sign with what stands between it and a number."""

    title: str
    across: str
    up: str
    all_spells: str
    percent_sign: str


def curves_svg(curves: pl.DataFrame, words: PlotWords) -> str:
    """Survival of each group as steps with its 90 % band; the groups with most spells where there are many."""
    whole = curves.filter(pl.col("cause") == 0)
    names = _largest(whole)
    longest = float(np.asarray(whole.filter(pl.col("group").is_in(names))["time"].max() or 1.0))
    plot = _Plot(longest, 1.0)
    parts = [*plot.frame(words, _ticks(longest))]
    for place, name in enumerate(names):
        colour, own = COLOURS[place], whole.filter(pl.col("group") == name)
        banded = own.filter(pl.col("incidence_lower").is_not_null())
        if banded.height > 1:
            upper = plot.steps(banded["time"].to_numpy(), 1 - banded["incidence_lower"].to_numpy())
            lower = plot.steps(banded["time"].to_numpy(), 1 - banded["incidence_upper"].to_numpy())
            parts.append(f'<polygon points="{" ".join([*upper, *lower[::-1]])}" fill="{colour}" opacity="0.13"/>')
        points = " ".join(plot.steps(own["time"].to_numpy(), own["survival"].to_numpy()))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        label = words.all_spells if name == "-" and len(names) == 1 else name
        parts.append(_legend(place, colour, label))
    return _svg(words.title, parts)


def calibration_svg(points: Sequence[tuple[float, float, float | None, float | None]], words: PlotWords) -> str:
    """Predicted beside observed shares (0-1), with their intervals, and the line on which both are the same."""
    plot = _Plot(1.0, 1.0)
    parts = [*plot.frame(words, _shares(words))]
    parts.append(
        f'<line x1="{plot.x(0):.1f}" y1="{plot.y(0):.1f}" x2="{plot.x(1):.1f}" y2="{plot.y(1):.1f}" '
        f'stroke="{_INK}" stroke-dasharray="4 4"/>'
    )
    for predicted, observed, lower, upper in points:
        x = plot.x(predicted)
        if lower is not None and upper is not None:
            parts.append(
                f'<line x1="{x:.1f}" y1="{plot.y(lower):.1f}" x2="{x:.1f}" y2="{plot.y(upper):.1f}" '
                f'stroke="{COLOURS[0]}" stroke-width="1.5"/>'
            )
        parts.append(f'<circle cx="{x:.1f}" cy="{plot.y(observed):.1f}" r="4" fill="{COLOURS[0]}"/>')
    return _svg(words.title, parts)


@dataclass(frozen=True, slots=True)
class _Plot:
    """Places of values from 0 to the ends of both axes."""

    right: float
    top: float

    def x(self, value: float) -> float:
        return _LEFT + value / self.right * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - value / self.top * (_HEIGHT - _TOP - _BOTTOM)

    def steps(self, times: np.ndarray, values: np.ndarray) -> list[str]:
        places = []
        for at in range(times.size):
            if at:
                places.append(f"{self.x(times[at]):.1f},{self.y(values[at - 1]):.1f}")
            places.append(f"{self.x(times[at]):.1f},{self.y(values[at]):.1f}")
        return places

    def frame(self, words: PlotWords, across: Sequence[tuple[float, str]]) -> list[str]:
        left, low = self.x(0), self.y(0)
        middle = (left + self.x(self.right)) / 2
        return [
            f'<text x="{left}" y="22" font-size="15" font-weight="bold">{escape(words.title)}</text>',
            *(
                f'<line x1="{left}" y1="{self.y(value):.1f}" x2="{self.x(self.right):.1f}" y2="{self.y(value):.1f}" '
                f'stroke="{_GRID}"/><text x="{left - 8}" y="{self.y(value) + 4:.1f}" text-anchor="end">{shown}</text>'
                for value, shown in _shares(words)
            ),
            *(
                f'<text x="{self.x(value):.1f}" y="{low + 18:.1f}" text-anchor="middle">{shown}</text>'
                for value, shown in across
            ),
            f'<text x="{middle:.1f}" y="{low + 38:.1f}" text-anchor="middle">{escape(words.across)}</text>',
            f'<text x="{left}" y="{_TOP - 8}" text-anchor="start">{escape(words.up)}</text>',
        ]


def _shares(words: PlotWords) -> list[tuple[float, str]]:
    return [(place / 5, f"{place * 20}{words.percent_sign}") for place in range(6)]


def _largest(curves: pl.DataFrame) -> list[str]:
    sizes = curves.group_by("group").agg(pl.col("at_risk").max()).sort("at_risk", "group", descending=[True, False])
    return sorted(sizes["group"].head(MOST_GROUPS))


def _legend(place: int, colour: str, label: str) -> str:
    y, x = _TOP + 10 + 20 * place, _WIDTH - _RIGHT + 14
    shown = label if len(label) <= 22 else label[:21] + "…"
    return (
        f'<rect x="{x}" y="{y - 9}" width="12" height="12" fill="{colour}"/>'
        f'<text x="{x + 18}" y="{y + 1}">{escape(shown)}</text>'
    )


def _ticks(end: float) -> list[tuple[float, str]]:
    step = next(each for each in (0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 365, 1000, 1e9) if end / each <= 8)
    return [(step * place, f"{step * place:g}") for place in range(int(end / step + 1e-9) + 1)]


def _svg(title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title, quote=True)}" font-family="Arial, sans-serif" font-size="12" fill="{_INK}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>\n"
    )
