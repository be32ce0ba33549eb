"""What ``stabil peers`` prints."""

from api.console import Output, print_csv, print_json, print_table, print_text, speaker
from api.formatting import Formats
from api.services.peers import AlikeMunicipality, PeerChoice
from api.words import PEER_BASES, POPULATION_BANDS, class_pair
from features.catalogue import Catalogue, Language
from features.likeness import Closeness, FeatureGap

MOST_REASONS = 3


def print_peers(choice: PeerChoice, catalogue: Catalogue, language: Language, output: Output) -> None:
    """Print whom a municipality is compared with, and why they are alike."""
    match output:
        case Output.JSON:
            print_json(choice)
        case Output.CSV:
            _print_csv(choice)
        case Output.TABLE:
            _print_table(choice, catalogue, language)


def _print_csv(choice: PeerChoice) -> None:
    distance = {each.facts.code: each.distance for each in choice.alike}
    print_csv(
        ["municipality_code", "name", "population", "centrality_class", "basis", "distance"],
        [
            [
                place.code,
                place.name,
                place.population,
                place.centrality_class,
                choice.basis,
                distance.get(place.code, ""),
            ]
            for place in choice.peers
        ],
    )


def _print_table(choice: PeerChoice, catalogue: Catalogue, language: Language) -> None:
    _, fmt = speaker(language), Formats(language)
    own = choice.own
    print_text(
        _(
            PEER_BASES[choice.basis],
            own=own.centrality_class,
            band=_(POPULATION_BANDS[own.population_band]),
            pair=class_pair(own.centrality_class),
        )
    )
    if choice.is_small:
        print_text(_("Gruppen er for liten til å si hva som er vanlig."))
    if choice.alike:
        print_table(
            _("Mest like {name}", name=own.name),
            [_("Kommune"), _("Likt"), _("Ulikt"), _("Avstand 0–1")],
            [_alike_row(each, catalogue, language) for each in choice.alike],
            text_columns=3,
        )
        return
    if not choice.peers:
        return
    print_table(
        _("Sammenlignes med {name}", name=own.name),
        [_("Kommune"), _("Fylke"), _("Innbyggere"), _("Sentralitetsklasse")],
        [
            [place.name, place.county_name, fmt.number(place.population), str(place.centrality_class)]
            for place in choice.peers
        ],
        text_columns=2,
    )


def _alike_row(each: AlikeMunicipality, catalogue: Catalogue, language: Language) -> list[str]:
    near = [gap for gap in each.gaps if gap.closeness is Closeness.NEAR][:MOST_REASONS]
    far = [gap for gap in reversed(each.gaps) if gap.closeness is Closeness.FAR][:MOST_REASONS]
    return [
        each.facts.name,
        "; ".join(gap_words(gap, catalogue, language) for gap in near) or "–",
        "; ".join(gap_words(gap, catalogue, language) for gap in far) or "–",
        Formats(language).number(each.distance, 2),
    ]


def gap_words(gap: FeatureGap, catalogue: Catalogue, language: Language) -> str:
    """A feature with the municipality's own figure and the other's."""
    _, fmt, entry = speaker(language), Formats(language), catalogue.indicators[gap.feature]
    return _(
        "{label} ({own} mot {other})",
        label=entry.label.in_language(language).lower(),
        own=fmt.value(gap.own, entry.unit),
        other=fmt.value(gap.other, entry.unit),
    )
