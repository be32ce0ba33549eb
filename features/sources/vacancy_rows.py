"""Makes rows of the vacancy table from the contents of advertisements, or tells why there is none.

No text, title, employer or contact person is kept.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import polars as pl

from features.sources.gp_adverts import GENERAL_PRACTITIONERS, facts_present, is_gp_post

_STYRK08 = re.compile(r"[0-9]{1,4}")
_PARENTHESIS = re.compile(r"\s*\(([^)]*)\)")


class Rejection(Enum):
    """Why an open advertisement is not among the vacancies."""

    BROKEN = "its content is not what is documented"
    NO_PLACE = "it names no municipality and no postal code"
    ABROAD = "the place of work is abroad"
    OUTSIDE = "the place of work is none of the 357 municipalities"
    AMBIGUOUS_PLACE = "several municipalities carry the name"
    NO_OCCUPATION = "it has no STYRK-08 code"
    UNKNOWN_OCCUPATION = "no occupation group holds its STYRK-08 code"


@dataclass(frozen=True, slots=True)
class Places:
    """What tells the municipality of a place of work.

    Attributes
    ----------
    by_postal_code : Mapping[str, str]
        Postal code -> municipality code.
    by_name : Mapping[str, tuple[str, ...]]
        Name in lower case -> codes of the municipalities that carry it.
    county : Mapping[str, str]
        Municipality code -> name of its county in lower case.
    """

    by_postal_code: Mapping[str, str]
    by_name: Mapping[str, tuple[str, ...]]
    county: Mapping[str, str]


def places_of(municipalities: pl.DataFrame, postal_codes: pl.DataFrame) -> Places:
    """Places from the contracts `features.frames.Municipality` and `PostalCode`."""
    by_name: dict[str, tuple[str, ...]] = {}
    for code, name in municipalities.select("municipality_code", "name").iter_rows():
        by_name[name.lower()] = (*by_name.get(name.lower(), ()), code)
    counties = municipalities.select("municipality_code", pl.col("county_name").str.to_lowercase())
    return Places(
        by_postal_code=dict(postal_codes.select("postal_code", "municipality_code").iter_rows()),
        by_name=by_name,
        county=dict(counties.iter_rows()),
    )


def municipality_at(location: Mapping[str, Any], places: Places) -> str | Rejection:
    """Code of the municipality of one place of work, by its postal code or else by its name; or why there is none.

    The feed writes names in capitals, some with the county behind them; a second name after a hyphen is the same place
    in another language.

    Examples
    --------
    >>> from features.snapshot import load_snapshot
    >>> snapshot = load_snapshot()
    >>> places = places_of(snapshot.municipalities, snapshot.postal_codes)
    >>> municipality_at({"postalCode": "7260", "municipal": "FRØYA"}, places)
    '5014'
    >>> municipality_at({"municipal": "HERØY", "county": "NORDLAND"}, places)
    '1818'
    """
    if text_of(location, "country").lower() not in ("", "norge", "norway", "no"):
        return Rejection.ABROAD
    code = places.by_postal_code.get(text_of(location, "postalCode"))
    if code is not None:
        return code if code in places.county else Rejection.OUTSIDE
    name = text_of(location, "municipal").lower()
    if not name:
        return Rejection.NO_PLACE
    hints = {text_of(location, "county").lower(), *_PARENTHESIS.findall(name)}
    bare = _PARENTHESIS.sub("", name)
    codes = {code for part in (bare, *bare.split(" - ")) for code in places.by_name.get(part.strip(), ())}
    if len(codes) > 1:
        codes = {code for code in codes if places.county[code] in hints} or codes
    if not codes:
        return Rejection.OUTSIDE
    return codes.pop() if len(codes) == 1 else Rejection.AMBIGUOUS_PLACE


def vacancy_row(
    ad_id: str, content: Mapping[str, Any], places: Places, group_of: Callable[[str], str | None]
) -> dict[str, Any] | Rejection:
    """Row of `features.frames.Vacancy` for the content of one advertisement, or why there is none.

    Its text is read, not kept. An advertisement with several places of work counts at the first one that can be placed.

    Parameters
    ----------
    ad_id : str
        Identifier of the advertisement.
    content : Mapping
        The body of an entry of the feed.
    places : Places
        See `places_of`.
    group_of : Callable[[str], str | None]
        Occupation group of a STYRK-08 code, None if no group holds it.
    """
    published, expires = day_of(content.get("published")), day_of(content.get("expires"))
    locations, categories = content.get("workLocations"), content.get("categoryList")
    if published is None or not isinstance(locations, list) or not isinstance(categories, list):
        return Rejection.BROKEN
    municipality_code = _first_municipality(locations, places)
    if isinstance(municipality_code, Rejection):
        return municipality_code
    title, styrk08 = text_of(content, "title"), _styrk08(categories)
    is_gp = is_gp_post(title, styrk08)
    if styrk08 is None and not is_gp:
        return Rejection.NO_OCCUPATION
    group = group_of(styrk08 or GENERAL_PRACTITIONERS)
    if group is None:
        return Rejection.UNKNOWN_OCCUPATION
    text = text_of(content, "description")
    return {
        "ad_id": ad_id,
        "municipality_code": municipality_code,
        "published": published,
        "expires": expires,
        "occupation_group": group,
        "styrk08": styrk08 if styrk08 and len(styrk08) > 1 else None,
        "positions": _positions(content),
        "is_gp_post": is_gp,
        "facts_present": facts_present(text) if is_gp and text else None,
    }


def _first_municipality(locations: list[Any], places: Places) -> str | Rejection:
    """The first place that is a municipality, or what is wrong with the last one."""
    found: str | Rejection = Rejection.NO_PLACE
    for location in locations:
        found = municipality_at(location if isinstance(location, Mapping) else {}, places)
        if isinstance(found, str):
            return found
    return found


def _styrk08(categories: list[Any]) -> str | None:
    """The code that fits best, without NAV's own decimals."""
    scored = [
        (_score(category), found.group())
        for category in categories
        if isinstance(category, Mapping)
        and text_of(category, "categoryType") in ("STYRK08", "STYRK08NAV")
        and (found := _STYRK08.match(text_of(category, "code")))
    ]
    return max(scored, key=lambda pair: (pair[0], len(pair[1])))[1] if scored else None


def _score(category: Mapping[str, Any]) -> float:
    score = category.get("score")
    return float(score) if isinstance(score, int | float) else 0.0


def _positions(content: Mapping[str, Any]) -> int:
    """Number of posts; one where it is not told."""
    told = str(content.get("positioncount") or "").strip()
    return max(int(told), 1) if told.isdecimal() else 1


def day_of(moment: object) -> date | None:
    """The day of a moment written as ISO 8601; None where it is none."""
    if isinstance(moment, date):
        return moment
    try:
        return datetime.fromisoformat(str(moment).partition("[")[0]).date()
    except ValueError:
        return None


def text_of(content: Mapping[str, Any], key: str) -> str:
    """Text under a key, without blanks around it; empty where there is none."""
    value = content.get(key)
    return value.strip() if isinstance(value, str) else ""
