"""The few sentences on what stands out about a municipality, from its figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from api.formatting import Formats
from api.pages.levers import LeverRow, is_scored_lever, lag
from api.services.profile import VACANCY, FactorResult, IndicatorResult, MunicipalityProfile, OutcomeResult, Source
from api.translation import N_, translate
from features.catalogue import FactorKind, Language
from features.highlights import Highlight, HighlightReason

HEADINGS: dict[HighlightReason, str] = {
    HighlightReason.OUTCOME_ABOVE_NORMAL: N_("Resultatet"),
    HighlightReason.OUTCOME_BELOW_NORMAL: N_("Resultatet"),
    HighlightReason.OUTCOME_WITHIN_NORMAL: N_("Resultatet"),
    HighlightReason.OUTCOME_MISSING: N_("Resultatet"),
    HighlightReason.FACTOR_CLEARLY_STRONG: N_("Tydeligste styrke"),
    HighlightReason.FACTOR_CLEARLY_WEAK: N_("Tydeligste svakhet"),
    HighlightReason.FACTOR_HIGHEST_UNSURE: N_("Høyest, men usikkert"),
    HighlightReason.LEVER_BEHIND_PEERS: N_("Kan påvirkes"),
    HighlightReason.NO_LEVER_BEHIND: N_("Kan påvirkes"),
}

FRAME = N_("Rammen kommunen har")
"""Heading in place of strength or weakness where nobody has earned it."""

OUTCOMES: dict[HighlightReason, str] = {
    HighlightReason.OUTCOME_ABOVE_NORMAL: N_(
        "{actual} av innbyggerne på liste har ikke fastlege, {expected} er ventet. Det er mer enn det normale for en "
        "kommune med slik struktur og {lists} ({normal})."
    ),
    HighlightReason.OUTCOME_BELOW_NORMAL: N_(
        "{actual} av innbyggerne på liste har ikke fastlege, {expected} er ventet. Det er mindre enn det normale for "
        "en kommune med slik struktur og {lists} ({normal})."
    ),
    HighlightReason.OUTCOME_WITHIN_NORMAL: N_(
        "{actual} av innbyggerne på liste har ikke fastlege, {expected} er ventet. Med {lists} er {normal} normalt, "
        "så tallet kan skyldes tilfeldigheter."
    ),
    HighlightReason.OUTCOME_MISSING: N_(
        "Kommunen har ikke tall for lister og fastleger det nyeste året. Vi kan derfor ikke si hvordan det går."
    ),
}

FACTORS: dict[HighlightReason, str] = {
    HighlightReason.FACTOR_CLEARLY_STRONG: N_(
        "{factor} får {score} av 100 poeng (90 % intervall {interval}), plass {rank} av {ranked}. Hele intervallet "
        "ligger over midten av landet."
    ),
    HighlightReason.FACTOR_CLEARLY_WEAK: N_(
        "{factor} får {score} av 100 poeng (90 % intervall {interval}), plass {rank} av {ranked}. Hele intervallet "
        "ligger under midten av landet."
    ),
    HighlightReason.FACTOR_HIGHEST_UNSURE: N_(
        "{factor} får {score} av 100 poeng, men intervallet på 90 % ({interval}) rommer midten av landet. Ingen faktor "
        "skiller seg sikkert ut."
    ),
}

FACTOR_BETWEEN_GOALPOSTS = N_(
    "{factor} får {score} av 100 mellom et svakt og et godt nivå (90 % intervall {interval}). Nivåene er antakelser, "
    "og tallene er oppgitt av kommunen."
)

FACTOR_KINDS: dict[FactorKind, str] = {
    "structural": N_("Det er gitt av sted og størrelse, ikke noe kommunen har gjort."),
    "lever": N_("Kommunen kan gjøre noe med det."),
    "outcome": N_("Det er et resultat, ikke et tiltak."),
    "mixed": N_("Noe av det er gitt, noe kan kommunen påvirke."),
}

LEVER_BEHIND = N_(
    "{lever} ligger lengst bak like kommuner av det kommunen kan endre. Eget tall er {value}. Anslaget er {estimate} "
    "(90 % intervall {interval}) mot {peers} hos like kommuner."
)

LEVER_UNSURE = N_("Intervallet rommer like kommuner, så det er usikkert.")

NO_LEVER = N_(
    "Ingen av de {count} tiltakene med tall ligger tydelig bak like kommuner. {unanswered} tiltak er ikke besvart av "
    "kommunen ennå."
)

NO_LEVER_WITH_FIGURES = N_(
    "Det finnes ikke offentlige tall for det kommunen kan endre her. {unanswered} tiltak er ikke besvart av kommunen "
    "ennå."
)

ONE_LIST, LISTS = N_("én liste"), N_("{count} lister")


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that stands out: a heading, a sentence in the reader's language, and where its figures come from."""

    heading: str
    sentence: str
    kind: FactorKind
    years: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Teller:
    """Turns reasons into sentences about one municipality."""

    profile: MunicipalityProfile
    lists: float | None
    peer_estimates: Mapping[str, float | None]
    language: Language

    def tell(self, highlight: Highlight) -> Told:
        """What a highlight says."""
        if highlight.reason in OUTCOMES:
            return self._outcome(highlight.reason)
        if highlight.reason in FACTORS and highlight.key is not None:
            return self._factor(highlight.reason, self.profile.factor(highlight.key))
        if highlight.key is not None:
            return self._lever(highlight.reason, self.profile.indicator(highlight.key))
        return self._no_lever(highlight.reason)

    @property
    def _say(self) -> Callable[..., str]:
        return partial(translate, language=self.language)

    def _told(
        self, reason: HighlightReason, sentences: list[str], kind: FactorKind, found: tuple[IndicatorResult, ...]
    ) -> Told:
        sources = {source.table: source for each in found for source in each.sources}
        heading = self._say(FRAME if kind == "structural" else HEADINGS[reason])
        return Told(heading, " ".join(sentences), kind, years(found), tuple(sources.values()))

    def _outcome(self, reason: HighlightReason) -> Told:
        outcome, indicator = self.profile.vacancy, self.profile.indicator(VACANCY)
        figures = {} if outcome is None else self._outcome_figures(outcome)
        return self._told(reason, [self._say(OUTCOMES[reason], **figures)], "outcome", (indicator,))

    def _outcome_figures(self, outcome: OutcomeResult) -> dict[str, str]:
        fmt = Formats(self.language)
        return {
            "actual": fmt.percent(outcome.actual),
            "expected": fmt.percent(outcome.expected),
            "normal": fmt.percent_span(outcome.normal_lower, outcome.normal_upper, 0),
            "lists": self._lists(fmt),
        }

    def _lists(self, fmt: Formats) -> str:
        if self.lists == 1:
            return self._say(ONE_LIST)
        return self._say(LISTS, count=fmt.number(self.lists or 0))

    def _factor(self, reason: HighlightReason, factor: FactorResult) -> Told:
        fmt = Formats(self.language)
        held = tuple(found for found in self.profile.indicators if found.factor == factor.entry.key)
        known = tuple(found for found in held if found.value is not None)
        sentence = self._say(
            FACTORS[reason] if factor.basis == "percentile" else FACTOR_BETWEEN_GOALPOSTS,
            factor=factor.entry.label.in_language(self.language),
            score=fmt.number(factor.score or 0.0),
            interval=fmt.span(factor.lower or 0.0, factor.upper or 0.0),
            rank=factor.rank_national,
            ranked=factor.ranked_national,
        )
        kind = factor.entry.kind
        is_news = (reason, kind) != (HighlightReason.FACTOR_CLEARLY_STRONG, "lever")
        return self._told(reason, [sentence, *([self._say(FACTOR_KINDS[kind])] if is_news else [])], kind, known)

    def _lever(self, reason: HighlightReason, found: IndicatorResult) -> Told:
        fmt, unit = Formats(self.language), found.entry.unit
        row = LeverRow(found, self.peer_estimates.get(found.entry.key), lag(found) or 0.0)
        shown = {
            name: "–" if value is None else fmt.value(value, unit)
            for name, value in (
                ("value", found.value),
                ("estimate", found.estimate),
                ("peers", row.peers_estimate),
            )
        }
        interval = fmt.value_span(found.lower or 0.0, found.upper or 0.0, unit)
        name = found.entry.label.in_language(self.language)
        sentences = [self._say(LEVER_BEHIND, lever=name, interval=interval, **shown)]
        return self._told(
            reason, [*sentences, *([self._say(LEVER_UNSURE)] if row.is_unsure else [])], "lever", (found,)
        )

    def _no_lever(self, reason: HighlightReason) -> Told:
        levers = tuple(found for found in self.profile.indicators if is_scored_lever(found))
        known = tuple(found for found in levers if found.percentile is not None)
        unanswered = sum(found.entry.origin == "local" and found.value is None for found in levers)
        text = NO_LEVER if known else NO_LEVER_WITH_FIGURES
        return self._told(reason, [self._say(text, count=len(known), unanswered=unanswered)], "lever", known)


def years(found: tuple[IndicatorResult, ...]) -> str:
    """Years that indicators describe: one, or the first and the last; empty if none has any."""
    known = sorted({each.year for each in found if each.year is not None})
    if len(known) < 2:
        return "".join(map(str, known))
    return f"{known[0]}–{known[-1]}"
