"""Drawings of the model card as plain SVG, small enough for a phone: no script, no font, no request."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from api.console import speaker
from api.formatting import Formats
from api.reports.card_tables import decision_horizons
from api.services.retention_report import RetentionReport
from features.catalogue import Language
from models.quality_report import HorizonQuality, NetBenefit

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 280, 256, 44, 22, 28, 40
_INK, _GRID, _BLUE, _RUST = "#1e2b3c", "#d5dbe3", "#0051be", "#b3440e"
_TENTHS = 10


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing: what stands above it (perhaps nothing), and its SVG."""

    title: str
    svg: str


def calibration_drawings(card: RetentionReport, language: Language) -> tuple[Drawing, ...]:
    """Predicted beside observed share that has ended, in tenths of the contracts, one drawing per horizon."""
    return tuple(_calibration(at, language) for at in card.quality.horizons if at.bins)


def decision_drawings(card: RetentionReport, language: Language) -> tuple[Drawing, ...]:
    """Net benefit over thresholds, one drawing per shown horizon."""
    return tuple(_decisions(at, language) for at in decision_horizons(card))


def d_calibration_drawing(card: RetentionReport, language: Language) -> Drawing:
    """Share of the contracts in each tenth of the predicted course, beside one tenth."""
    _, fmt = speaker(language), Formats(language)
    title, shares = _("Andel av avtalene i hver tidel"), card.quality.d_calibration.shares[::-1]
    top = max(0.15, *(share.upper or share.value or 0.0 for share in shares))
    plot = _Plot(0.5, _TENTHS + 0.5, 0.0, top)
    ticks = [(place, str(place)) for place in range(1, _TENTHS + 1)]
    parts = plot.frame(ticks, _share_ticks(top, fmt), (_("Tidel av det anslåtte forløpet"), title))
    parts.append(plot.line([(0.5, 1 / _TENTHS), (_TENTHS + 0.5, 1 / _TENTHS)], _INK, "4 4"))
    for place, share in enumerate(shares, start=1):
        parts += plot.point(place, share.value, share.lower, share.upper)
    told = _(
        "Andel av avtalene i hver tidel, fra tidligst til senest: {shares}.",
        shares=", ".join(fmt.percent(share.value or 0.0) for share in shares),
    )
    return Drawing("", _svg(title, told, parts))


def _calibration(at: HorizonQuality, language: Language) -> Drawing:
    _, fmt = speaker(language), Formats(language)
    told = [point for point in at.bins if point.observed is not None]
    highest = max((max(point.predicted, point.observed_upper or point.observed or 0.0) for point in told), default=1.0)
    top = min(1.0, _rounded_up(highest))
    plot = _Plot(0.0, top, 0.0, top)
    ticks = _share_ticks(top, fmt)
    parts = plot.frame(ticks, ticks, (_("Anslått andel som er over"), _("Talt opp")))
    parts.append(plot.line([(0.0, 0.0), (top, top)], _INK, "4 4"))
    for point in told:
        parts += plot.point(point.predicted, point.observed, point.observed_lower, point.observed_upper)
    words = "; ".join(
        _("anslått {predicted}, talt opp {observed}", predicted=fmt.percent(point.predicted, 0), observed=observed)
        for point in told
        for observed in [fmt.percent(point.observed or 0.0, 0)]
    )
    title = _("Etter {years} år", years=fmt.number(at.horizon))
    return Drawing(title, _svg(_("Anslått mot talt opp etter {years} år", years=fmt.number(at.horizon)), words, parts))


def _decisions(at: HorizonQuality, language: Language) -> Drawing:
    _, fmt = speaker(language), Formats(language)
    known = [each for each in at.decisions if each.net_benefit is not None and each.net_benefit_all is not None]
    top = max(0.05, *(max(each.net_benefit or 0.0, each.net_benefit_all or 0.0) for each in known)) * 1.05
    floor = -0.25 * top
    plot = _Plot(0.0, 1.0, floor, top)
    step = 0.1 if top < 0.6 else 0.2
    up = [(step * place, fmt.number(step * place, 1)) for place in range(int(top / step) + 1)]
    parts = plot.frame(
        [(place / 4, fmt.percent(place / 4, 0)) for place in range(5)], up, (_("Terskel"), _("Nettonytte"))
    )
    parts += [
        plot.line([(0.0, 0.0), (1.0, 0.0)], _INK, "2 3"),
        plot.line(_above(known, floor), _RUST, "6 4"),
        plot.line([(each.threshold, max(each.net_benefit or 0.0, floor)) for each in known], _BLUE, ""),
    ]
    words = "; ".join(
        _(
            "terskel {threshold}: {model} med modellen, {all} med tiltak i alle",
            threshold=fmt.percent(each.threshold, 0),
            model=fmt.number(each.net_benefit or 0.0, 2),
            all=fmt.number(each.net_benefit_all or 0.0, 2),
        )
        for each in known[3::4]
    )
    title = _("Etter {years} år", years=fmt.number(at.horizon))
    return Drawing(title, _svg(_("Nettonytte etter {years} år", years=fmt.number(at.horizon)), words, parts))


def _above(known: Sequence[NetBenefit], floor: float) -> list[tuple[float, float]]:
    """Net benefit of acting for all, as far as it is above the floor of the drawing."""
    return [(each.threshold, each.net_benefit_all) for each in known if (each.net_benefit_all or 0.0) > floor]  # type: ignore[misc]  # known


@dataclass(frozen=True, slots=True)
class _Plot:
    """Places of values between the ends of both axes."""

    left: float
    right: float
    low: float
    top: float

    def x(self, value: float) -> float:
        return _LEFT + (value - self.left) / (self.right - self.left) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - self.low) / (self.top - self.low) * (_HEIGHT - _TOP - _BOTTOM)

    def line(self, points: Sequence[tuple[float, float]], colour: str, dash: str) -> str:
        places = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.5"{dashed}/>'

    def point(self, x: float, value: float | None, lower: float | None, upper: float | None) -> list[str]:
        if value is None:
            return []
        across, parts = self.x(x), []
        if lower is not None and upper is not None:
            parts.append(
                f'<line x1="{across:.1f}" x2="{across:.1f}" y1="{self.y(lower):.1f}" y2="{self.y(upper):.1f}" '
                f'stroke="{_BLUE}" stroke-width="1.5"/>'
            )
        return [*parts, f'<circle cx="{across:.1f}" cy="{self.y(value):.1f}" r="3.2" fill="{_BLUE}"/>']

    def frame(
        self, across: Sequence[tuple[float, str]], up: Sequence[tuple[float, str]], titles: tuple[str, str]
    ) -> list[str]:
        """Ticks, grid and titles of both axes, that across first."""
        low = _HEIGHT - _BOTTOM
        return [
            f'<text x="2" y="14">{escape(titles[1])}</text>',
            *(
                f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{self.y(value):.1f}" y2="{self.y(value):.1f}" '
                f'stroke="{_GRID}"/><text x="{_LEFT - 6}" y="{self.y(value) + 4:.1f}" text-anchor="end">'
                f"{escape(shown)}</text>"
                for value, shown in up
            ),
            *(
                f'<text x="{self.x(value):.1f}" y="{low + 16}" text-anchor="middle">{escape(shown)}</text>'
                for value, shown in across
            ),
            f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{low + 34}" text-anchor="middle">{escape(titles[0])}</text>',
        ]


def _rounded_up(value: float) -> float:
    return next(top for top in (0.2, 0.4, 0.6, 0.8, 1.0) if value <= top or top == 1.0)


def _share_ticks(top: float, fmt: Formats) -> list[tuple[float, str]]:
    step = 0.05 if top <= 0.2 else 0.1 if top <= 0.4 else 0.2
    return [(step * place, fmt.percent(step * place, 0)) for place in range(int(top / step + 1e-9) + 1)]


def _svg(title: str, description: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart-image" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(f"{title}. {description}", quote=True)}" font-family="Inter, Arial, sans-serif" '
        f'font-size="12" fill="{_INK}">{"".join(parts)}</svg>'
    )
