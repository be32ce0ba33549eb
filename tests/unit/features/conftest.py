import polars as pl
import pytest

from features.reference.build_tile_map import FOLDER, TILE_MAP, read_places


@pytest.fixture(scope="module")
def places() -> pl.DataFrame:
    return read_places(FOLDER / "municipalities.csv")


@pytest.fixture(scope="module")
def tiles() -> pl.DataFrame:
    return pl.read_csv(TILE_MAP, schema_overrides={"municipality_code": pl.String})
