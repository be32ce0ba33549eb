"""Kartverket's municipalities: names, counties, a point inside, and outlines for maps.

References
----------
Kartverket, kommuneinfo v1, https://ws.geonorge.no/kommuneinfo/v1/ (``fylkerkommuner`` and ``kommuner/{code}/omrade``).
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.errors import AnswerFault
from features.frames import Outline
from features.sources.json_stat import Origin
from features.sources.transport import Client

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""

DEGREES = {"utkoordsys": "4258"}
"""Longitude and latitude (EUREF89) instead of metres."""

FEWEST_POINTS = 4

Ring = npt.NDArray[np.float64]
"""Points as rows (longitude, latitude); the last equals the first."""


def county_municipalities(client: Client) -> pl.DataFrame:
    """Municipalities in force with their counties.

    Returns
    -------
    polars.DataFrame
        Columns ``municipality_code``, ``name``, ``county_code``, ``county_name``, ``lat``, ``lon`` (a point inside the
        area, degrees), sorted by code.

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        If Kartverket does not answer, or not as documented.
    """
    path = "fylkerkommuner"
    return _municipalities(client.get_json(path, DEGREES), _origin(client, path))


def municipality_outlines(client: Client, codes: Iterable[str]) -> pl.DataFrame:
    """Outlines of municipalities, one question for each.

    Returns
    -------
    polars.DataFrame
        Contract `features.frames.Outline`.

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        If Kartverket does not answer, or not as documented.
    """
    rows = []
    for code in codes:
        path = f"kommuner/{code}/omrade"
        answer, origin = client.get_json(path, DEGREES), _origin(client, path)
        rows.append(_outline(code, answer.get("omrade") if isinstance(answer, Mapping) else None, origin))
    return _outlines(rows)


def outlines_of_features(collection: object, origin: Origin) -> pl.DataFrame:
    """Outlines of a GeoJSON feature collection whose features carry the property ``kommunenummer``.

    Returns
    -------
    polars.DataFrame
        Contract `features.frames.Outline`; several features of one municipality are pieces of it.

    Raises
    ------
    SourceAnswerError
        If it is no such collection.
    """
    features = collection.get("features") if isinstance(collection, Mapping) else None
    if not isinstance(features, list):
        raise origin.wrong(AnswerFault.SHAPE, "features")
    pieces: dict[str, list[Ring]] = {}
    for feature in features:
        properties = feature.get("properties") if isinstance(feature, Mapping) else None
        code = properties.get("kommunenummer") if isinstance(properties, Mapping) else None
        if not isinstance(code, str):
            raise origin.wrong(AnswerFault.SHAPE, "properties.kommunenummer")
        pieces.setdefault(code, []).extend(_outer_rings(feature.get("geometry"), origin))
    return _outlines(_largest(code, rings) for code, rings in pieces.items())


def ring_area_km2(ring: Ring) -> float:
    """Area inside a ring on the sphere.

    The parts on both sides of a point that the ring crosses itself at count with opposite signs, so a small
    self-crossing, as published outlines have them, changes the area by its own size only.

    Examples
    --------
    >>> square = np.array([[10.0, 60.0], [10.1, 60.0], [10.1, 60.1], [10.0, 60.1], [10.0, 60.0]])
    >>> round(ring_area_km2(square), 2)
    61.73

    References
    ----------
    Chamberlain & Duquette 2007, *Some algorithms for polygons on a sphere*, JPL Publication 07-03, equation 1.
    """
    lon, sine = np.radians(ring[:, 0]), np.sin(np.radians(ring[:, 1]))
    return float(abs(np.sum(np.diff(lon) * (2 + sine[1:] + sine[:-1]))) * EARTH_RADIUS_KM**2 / 2)


def _municipalities(answer: Any, origin: Origin) -> pl.DataFrame:  # noqa: ANN401 - JSON, of any shape until checked
    try:
        rows = [
            {
                "municipality_code": place["kommunenummer"],
                "name": place["kommunenavnNorsk"],
                "county_code": county["fylkesnummer"],
                "county_name": county["fylkesnavn"],
                "lat": float(place["punktIOmrade"]["coordinates"][1]),
                "lon": float(place["punktIOmrade"]["coordinates"][0]),
            }
            for county in answer
            for place in county["kommuner"]
        ]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise origin.wrong(AnswerFault.SHAPE, str(error)) from None
    if not rows or not all(isinstance(value, str | float) for row in rows for value in row.values()):
        raise origin.wrong(AnswerFault.SHAPE, "kommuner")
    return pl.DataFrame(rows).sort("municipality_code")


def _outline(code: str, geometry: object, origin: Origin) -> dict[str, Any]:
    return _largest(code, _outer_rings(geometry, origin))


def _outer_rings(geometry: object, origin: Origin) -> list[Ring]:
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if not isinstance(geometry, Mapping) or kind not in ("Polygon", "MultiPolygon"):
        raise origin.wrong(AnswerFault.SHAPE, "geometry: Polygon or MultiPolygon")
    coordinates: Any = geometry.get("coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    try:
        rings = [np.array([point[:2] for point in polygon[0]], dtype=np.float64) for polygon in polygons or ()]
    except (TypeError, ValueError, IndexError, KeyError):
        raise origin.wrong(AnswerFault.SHAPE, "coordinates") from None
    if not rings or not all(_is_closed(ring) for ring in rings):
        raise origin.wrong(AnswerFault.SHAPE, "coordinates: closed rings")
    return rings


def _is_closed(ring: Ring) -> bool:
    return (
        ring.ndim == 2
        and ring.shape[0] >= FEWEST_POINTS
        and bool(np.isfinite(ring).all())
        and bool((ring[0] == ring[-1]).all())
    )


def _largest(code: str, rings: list[Ring]) -> dict[str, Any]:
    areas = [ring_area_km2(ring) for ring in rings]
    largest = rings[int(np.argmax(areas))]
    return {
        "municipality_code": code,
        "lon": largest[:, 0].tolist(),
        "lat": largest[:, 1].tolist(),
        "area_km2": max(areas),
        "pieces_left_out": len(rings) - 1,
    }


def _outlines(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    frame = pl.DataFrame(list(rows), schema=Outline.create_empty().schema)
    return Outline.validate(frame.sort("municipality_code"))


def _origin(client: Client, path: str) -> Origin:
    return Origin(client.publisher, client.address(path))
