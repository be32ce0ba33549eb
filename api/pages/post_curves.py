"""The page of curves by group: the model's lines, Kaplan-Meier's points, and the numbers at risk."""

from dataclasses import dataclass
from functools import lru_cache

from api.formatting import Formats
from api.group_words import group_name
from api.pages.addresses import curves_address
from api.pages.charts import ChartWords, Curve, curves_svg
from api.pages.retention_charts import RetentionCharts
from api.retention_words import GROUPINGS
from api.services.retention_curves import grouped_curves
from api.services.world import World
from api.translation import N_, translate
from features.catalogue import Language
from features.errors import UnknownKeyError
from models.group_curves import GROUPINGS as KNOWN
from models.group_curves import GroupCurve, GroupName

SHOWN_YEARS = (1.0, 3.0, 5.0, 10.0)
RISK_YEARS = (0.0, 1.0, 3.0, 5.0, 10.0)

STYLES: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("#06264f", ()),
    ("#0f7fb8", (9, 3)),
    ("#1c7a45", (2, 3)),
    ("#8a6d00", (7, 3, 2, 3)),
    ("#b3440e", (4, 3)),
    ("#7b2d8b", (12, 4)),
)
"""Colour and dash of each group, told apart without seeing colours."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group: its name, its number among the styles, and its curve."""

    name: str
    style: int
    curve: GroupCurve

    def at(self, year: float) -> int | None:
        """Place of a year on the curve, if it reaches that far."""
        times = self.curve.times_years
        return times.index(year) if year in times else None


@dataclass(frozen=True, slots=True)
class CurvesPage:
    """Everything the page's template needs."""

    by: GroupName
    choices: tuple[tuple[GroupName, str], ...]
    rows: tuple[GroupRow, ...]
    charts: RetentionCharts
    shown_years: tuple[float, ...]
    risk_years: tuple[float, ...]
    is_simulated: bool
    svg_href: str
    csv_href: str
    json_href: str


def known_grouping(by: str) -> GroupName:
    """The grouping of that name.

    Raises
    ------
    UnknownKeyError
        If there is none.
    """
    found = next((name for name in KNOWN if name == by), None)
    if found is None:
        raise UnknownKeyError("grouping", by, KNOWN)
    return found


def curves_page(world: World, by: GroupName, language: Language) -> CurvesPage:
    """View of the curves of a grouping."""
    curves = grouped_curves(world, by)
    rows = tuple(GroupRow(group_name(each, language), place, each) for place, each in enumerate(curves))
    return CurvesPage(
        by=by,
        choices=tuple((name, translate(GROUPINGS[name], language)) for name in KNOWN),
        rows=rows,
        charts=RetentionCharts(
            wide=curves_drawing(curves, language, 1020, 380), narrow=curves_drawing(curves, language, 210, 220)
        ),
        shown_years=SHOWN_YEARS,
        risk_years=RISK_YEARS,
        is_simulated=world.retention.is_simulated,
        svg_href=curves_address(language, by, ".svg"),
        csv_href=f"/api/v1/retention/curves?by={by}&format=csv",
        json_href=f"/api/v1/retention/curves?by={by}",
    )


@lru_cache(maxsize=64)
def curves_drawing(curves: tuple[GroupCurve, ...], language: Language, width: int, height: int) -> str:
    """SVG of the curves, the model as lines and Kaplan-Meier as points at whole years."""
    fmt = Formats(language)
    drawn = tuple(
        Curve(
            label=group_name(each, language),
            colour=STYLES[place % len(STYLES)][0],
            dash=STYLES[place % len(STYLES)][1],
            times=each.times_years,
            values=each.model,
            lower=each.model,
            upper=each.model,
            points=tuple(
                (time, share)
                for time, share in zip(each.times_years, each.kaplan_meier, strict=True)
                if share is not None and time.is_integer() and time > 0
            ),
        )
        for place, each in enumerate(curves)
    )
    told = (
        translate(
            N_("{group}: {share} varer fortsatt etter {years} år."),
            language,
            group=group_name(each, language),
            share=fmt.percent(each.model[each.times_years.index(5.0)], 0),
            years=5,
        )
        for each in curves
        if 5.0 in each.times_years
    )
    words = ChartWords(
        title=translate(N_("Andel avtaler som fortsatt varer, etter gruppe"), language),
        description=" ".join(told),
        x_title=translate(N_("År siden avtalen startet"), language),
        y_title=translate(N_("Andel som fortsatt varer"), language),
        percent_sign=Formats(language).percent_sign,
    )
    return curves_svg(drawn, words, width, height, f"groups-{width}")
