"""Whom a municipality is compared with: by class, by KOSTRA group, by own choice, or the most like it in structure."""

from collections.abc import Sequence
from dataclasses import dataclass

import dataframely as dy
import polars as pl

from api.services.profile import MunicipalityFacts, facts_of
from api.services.scores import peers_of
from features.errors import InvalidInputError
from features.frames import PeerGroup
from features.indicators.observations import population_of
from features.likeness import Alike, FeatureGap, most_alike
from features.municipality_codes import require_municipality
from features.peers import SMALLEST_GROUP, PeerWay, chosen_peers, distance_peers, kostra_peers
from features.snapshot import Snapshot

DEFAULT_COUNT, MOST = 10, 50


@dataclass(frozen=True, slots=True)
class AlikeMunicipality:
    """A municipality most like another: how near it is, and every feature compared, the nearest first.

    `distance` is 0 (the same place in every feature) to 1; `compared` the share of the weight that had figures.
    """

    facts: MunicipalityFacts
    distance: float
    compared: float
    gaps: tuple[FeatureGap, ...]


@dataclass(frozen=True, slots=True)
class PeerChoice:
    """Whom a municipality (`own`) is compared with, itself left out.

    Attributes
    ----------
    basis : str
        What makes them peers (`features.frames.PeerGroup`).
    is_small : bool
        Whether there are too few, the municipality included, to say what is usual among them.
    alike : tuple[AlikeMunicipality, ...]
        The nearest first, with the reasons; empty for other ways.
    """

    own: MunicipalityFacts
    way: PeerWay
    basis: str
    is_small: bool
    peers: tuple[MunicipalityFacts, ...]
    alike: tuple[AlikeMunicipality, ...]


def choose_peers(
    snapshot: Snapshot,
    values: pl.DataFrame,
    code: str,
    way: PeerWay,
    *,
    codes: Sequence[str] = (),
    count: int = DEFAULT_COUNT,
) -> PeerChoice:
    """Peers of a municipality in one of five ways; `codes` are the own choice, `count` how many are most alike.

    `values` obeys `features.frames.IndicatorValue`.

    Raises
    ------
    UnknownMunicipalityError
        If a code is none of today's.
    InvalidInputError
        If codes are given without being asked for or missing, or the count is out of range.
    """
    require_municipality(code, snapshot.municipality_code_changes, snapshot.municipalities)
    if bool(codes) != (way is PeerWay.OWN) or len(codes) > MOST:
        raise InvalidInputError("codes", ", ".join(codes), f"1-{MOST} municipality codes, and only by 'own'")
    if not 1 <= count <= MOST:
        raise InvalidInputError("count", count, f"1-{MOST}")
    alike = most_alike(code, values, count) if way is PeerWay.ALIKE else ()
    chosen = tuple(codes) or tuple(found.municipality_code for found in alike)
    group = peer_frame(snapshot, values, code, way, chosen)
    facts = {place.code: place for place in facts_of(snapshot)}
    return PeerChoice(
        own=facts[code],
        way=way,
        basis=group["basis"].cast(pl.String).item(0),
        is_small=group.height < SMALLEST_GROUP,
        peers=tuple(facts[peer] for peer in group["peer_code"] if peer != code),
        alike=tuple(_alike(found, facts) for found in alike),
    )


def peer_frame(
    snapshot: Snapshot, values: pl.DataFrame, code: str, way: PeerWay, codes: Sequence[str] = ()
) -> dy.DataFrame[PeerGroup]:
    """The municipality's rows of the contract `PeerGroup`, itself included, to score and compare by.

    `codes` are the peers of an own choice and those most alike.
    """
    changes, municipalities = snapshot.municipality_code_changes, snapshot.municipalities
    match way:
        case PeerWay.OWN | PeerWay.ALIKE:
            return chosen_peers(code, codes, changes, municipalities, basis=way)
        case PeerWay.CLASS:
            groups = peers_of(snapshot)
        case PeerWay.KOSTRA:
            groups = kostra_peers(municipalities)
        case PeerWay.DISTANCE:
            population = population_of(snapshot).select("municipality_code", "population")
            travel = values.filter(pl.col("indicator") == "hospital_travel_min")
            groups = distance_peers(municipalities, population, travel)
    return PeerGroup.validate(groups.filter(pl.col("municipality_code") == code))


def _alike(found: Alike, facts: dict[str, MunicipalityFacts]) -> AlikeMunicipality:
    return AlikeMunicipality(facts[found.municipality_code], found.distance, found.compared, found.gaps)
