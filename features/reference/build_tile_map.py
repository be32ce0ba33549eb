"""Places every municipality on the tile map and stores the result beside this file.

``python -m features.reference.build_tile_map [municipalities.csv]``

Without an argument it reads ``municipalities.csv`` of this folder. It prints how well the map keeps what it draws,
beside the optimal assignment without counties, and stores nothing unless every county is whole and no hole is left
inland.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from features.errors import ContractViolationError
from features.tile_assignment import NORWEGIAN_FJORDS, plain_tile_map, tile_map
from features.tile_quality import TileMapQuality, tile_map_quality

FOLDER = Path(__file__).parent
TILE_MAP = FOLDER / "tile_map.csv"


def read_places(path: Path) -> pl.DataFrame:
    """Code, county and coordinates of each municipality in a CSV file with these columns."""
    codes = {"municipality_code": pl.String, "county_code": pl.String}
    return pl.read_csv(path, schema_overrides=codes).select("municipality_code", "county_code", "lat", "lon")


def quality_report(quality: TileMapQuality, plain: TileMapQuality) -> str:
    """Lines that set the figures of a map beside those of the plain assignment."""

    def line(label: str, ours: object, theirs: object) -> str:
        return f"{label:<34}{ours!s:>14}{theirs!s:>14}"

    def pairs(found: Sequence[tuple[str, str]]) -> str:
        return " ".join("-".join(pair) for pair in found) or "none"

    return "\n".join(
        (
            line("", "tile map", "plain"),
            line("columns x rows", f"{quality.columns} x {quality.rows}", f"{plain.columns} x {plain.rows}"),
            line("height to width", f"{quality.height_to_width:.2f}", f"{plain.height_to_width:.2f}"),
            line(
                "mean tile steps between neighbours",
                f"{quality.mean_neighbour_distance:.3f}",
                f"{plain.mean_neighbour_distance:.3f}",
            ),
            line("share of neighbours that touch", f"{quality.adjacent_share:.3f}", f"{plain.adjacent_share:.3f}"),
            line("north-south rank correlation", f"{quality.north_south:.4f}", f"{plain.north_south:.4f}"),
            line("west-east rank correlation", f"{quality.west_east:.4f}", f"{plain.west_east:.4f}"),
            line("counties in several parts", len(quality.split_counties), len(plain.split_counties)),
            line("inland gaps", quality.inland_gaps, plain.inland_gaps),
            f"neighbour counties apart: {pairs(quality.county_pairs_lost)}",
            f"other counties that touch: {pairs(quality.county_pairs_added)}",
        )
    )


def refuse_broken(quality: TileMapQuality) -> None:
    """Raise `ContractViolationError` if a county is in several parts or a hole is left inland."""
    broken = {"county_in_several_parts": len(quality.split_counties), "inland_gap": quality.inland_gaps}
    if any(broken.values()):
        raise ContractViolationError("tile_map", broken, quality.split_counties)


def store(tiles: pl.DataFrame, path: Path) -> None:
    """Write a CSV file in one step: the old one stays until the new one is complete."""
    unfinished = path.with_name(path.name + ".part")
    tiles.write_csv(unfinished)
    unfinished.replace(path)


def main(arguments: Sequence[str]) -> None:
    """Build, report, check and store."""
    places = read_places(Path(arguments[0]) if arguments else FOLDER / "municipalities.csv")
    tiles = tile_map(places, NORWEGIAN_FJORDS)
    quality = tile_map_quality(tiles, places)
    sys.stdout.write(quality_report(quality, tile_map_quality(plain_tile_map(places), places)) + "\n")
    refuse_broken(quality)
    store(tiles, TILE_MAP)


if __name__ == "__main__":
    main(sys.argv[1:])
