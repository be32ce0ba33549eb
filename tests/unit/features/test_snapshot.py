"""Reading the snapshot: complete and unchanged, or a clear refusal."""

import json
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.errors import BrokenTableError, ContractViolationError, TableFault, UnknownKeyError
from features.snapshot import EMBEDDED, OPTIONAL, REQUIRED, checksum, load_snapshot, read_table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "reference"
    shutil.copytree(EMBEDDED, copied, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copied


def republish(folder: Path, name: str) -> None:
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        if resource["name"] == name:
            resource["hash"] = "sha256:" + checksum(folder / resource["path"])
    (folder / "datapackage.json").write_text(json.dumps(package), "utf-8")


def test_every_table_has_a_source_a_date_and_a_licence() -> None:
    snapshot = load_snapshot()
    assert {table.name for table in snapshot.descriptions} == set(REQUIRED)
    for table in snapshot.descriptions:
        said = (table.publisher, table.tables, table.vintage, table.licences, table.sources)
        assert all(said), table.name
        assert table.rows == snapshot.table(table.name).height


def test_every_measure_is_described_with_unit_and_newest_year() -> None:
    snapshot = load_snapshot()
    for name in ("gp_lists", "living_conditions"):
        frame = snapshot.table(name)
        described = {measure.key: measure.newest_year for measure in snapshot.description(name).measures}
        assert described == dict(frame.group_by("measure").agg(pl.col("year").max()).iter_rows())


def test_a_changed_file_is_refused(folder: Path) -> None:
    path = folder / "population.csv"
    path.write_text(path.read_text("utf-8").replace("0301,2020,693494", "0301,2020,693495"), "utf-8")
    with pytest.raises(BrokenTableError) as caught:
        load_snapshot(folder)
    assert (caught.value.table, caught.value.fault) == ("population", TableFault.CHANGED)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"municipality_code,year,population\n\xff\xfe,2020,1\n", TableFault.NOT_CSV),
        (b"", TableFault.NOT_CSV),
        (b"municipality_code,year\n0301,2020\n", TableFault.COLUMNS),
        (b"municipality_code,year,population\n0301,2020,1,2,3\n", TableFault.NOT_CSV),
    ],
)
def test_a_broken_file_is_refused_with_what_is_wrong(folder: Path, content: bytes, fault: TableFault) -> None:
    (folder / "population.csv").write_bytes(content)
    with pytest.raises(BrokenTableError) as caught:
        load_snapshot(folder)
    assert caught.value.fault == fault


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "gp_lists.csv").unlink()
    with pytest.raises(BrokenTableError, match=r"gp_lists\.csv") as caught:
        load_snapshot(folder)
    assert caught.value.fault == TableFault.MISSING


@pytest.mark.parametrize("content", ["", "{", "[1"])
def test_a_broken_data_package_is_refused(folder: Path, content: str) -> None:
    (folder / "datapackage.json").write_text(content, "utf-8")
    with pytest.raises(BrokenTableError, match="not JSON"):
        load_snapshot(folder)


def test_rows_that_break_the_contract_are_counted_and_shown(folder: Path) -> None:
    path = folder / "population.csv"
    path.write_text(path.read_text("utf-8") + "0301,2026,5\nabcd,2026,7\n0301,1900,-1\n", "utf-8")
    republish(folder, "population")
    with pytest.raises(ContractViolationError) as caught:
        load_snapshot(folder)
    assert caught.value.counts == {
        "primary_key": 2,
        "municipality_code|regex": 1,
        "year|min": 1,
        "population|min": 1,
    }
    assert "abcd" in " ".join(caught.value.rows)


def test_accepted_and_rejected_rows_add_up(folder: Path) -> None:
    path = folder / "population.csv"
    before = path.read_text("utf-8").count("\n") - 1
    path.write_text(path.read_text("utf-8") + "abcd,2026,7\n5014,2027,many\n", "utf-8")
    report = read_table("population", path)
    assert (report.accepted.height, report.rejected.height) == (before, 2)


def test_an_unreadable_date_is_rejected_not_guessed(folder: Path) -> None:
    path = folder / "municipality_code_changes.csv"
    path.write_text(path.read_text("utf-8") + "1601,Trondheim,5001,Trondheim,next year\n", "utf-8")
    report = read_table("municipality_code_changes", path)
    assert report.rejected.height == 1


def test_an_unknown_table_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownKeyError, match="gp_lists"):
        load_snapshot().table("nonsense")


def test_booleans_are_read_and_unreadable_ones_rejected(tmp_path: Path) -> None:
    path = tmp_path / "vacancies.csv"
    columns = "ad_id,municipality_code,published,expires,occupation_group,styrk08,positions,is_gp_post,facts_present"
    row = "5014,2026-11-03,,health,2211,1,{},"
    lines = [columns, *(f"{number}," + row.format(word) for number, word in enumerate(("true", "false", "yes", "")))]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    report = read_table("vacancies", path)
    assert report.accepted["is_gp_post"].to_list() == [True, False]
    assert report.counts == {"is_gp_post|nullability": 2}


def test_an_absent_table_is_empty_and_described(folder: Path) -> None:
    snapshot = load_snapshot(folder)
    for name, schema in OPTIONAL.items():
        assert snapshot.table(name).is_empty()
        assert list(snapshot.table(name).columns) == list(schema.columns())
        assert snapshot.description(name).rows == 0
    table, measure = snapshot.measure("doctor_agreements.fte_total")
    assert (table.publisher, measure.newest_year) == ("SSB (KOSTRA)", None)


def test_a_folder_without_a_required_table_is_refused(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    package["resources"] = [resource for resource in package["resources"] if resource["name"] != "hospitals"]
    (folder / "datapackage.json").write_text(json.dumps(package), "utf-8")
    with pytest.raises(BrokenTableError) as caught:
        load_snapshot(folder)
    assert (caught.value.table, caught.value.fault) == ("hospitals", TableFault.UNDESCRIBED)


def test_hospitals_and_airports_are_as_many_as_their_sources_tell_and_in_their_municipalities() -> None:
    """48 emergency catchment areas of SKDE, one of them shared by two hospitals; 46 airports on the mainland."""
    snapshot = load_snapshot()
    hospitals, airports = snapshot.hospitals, snapshot.airports
    assert (hospitals.height, airports.height) == (49, 46)
    assert dict(hospitals["kind"].value_counts().iter_rows()) == {"local": 45, "regional": 4}
    assert hospitals.join(snapshot.municipalities, on="municipality_code", how="anti").is_empty()
    placed = hospitals.join(snapshot.municipalities, on="municipality_code", suffix="_centre").select(
        "name",
        km=111.2
        * (
            (pl.col("lat") - pl.col("lat_centre")) ** 2
            + ((pl.col("lon") - pl.col("lon_centre")) * pl.col("lat").radians().cos()) ** 2
        ).sqrt(),
    )
    # Municipalities reach far, but their settlement centres lie near their hospitals.
    assert placed.filter(pl.col("km") > 45).is_empty()
    assert placed["km"].median() < 5  # type: ignore[operator]


def test_every_hospital_stands_in_the_outline_of_its_municipality() -> None:
    path = Path(__file__).parents[3] / ".." / "shared" / "data" / "boundaries" / "municipalities_2024.geojson"
    if not path.exists():
        pytest.skip("needs ../shared/data/boundaries beside the repository")
    features = json.loads(path.read_text("utf-8"))["features"]
    rings = {
        feature["properties"]["kommunenummer"]: [polygon[0] for polygon in polygons(feature["geometry"])]
        for feature in features
    }
    for name, code, lat, lon, basis in (
        load_snapshot().hospitals.select("name", "municipality_code", "lat", "lon", "lat_lon_basis").iter_rows()
    ):
        if basis != "centre of the municipality":
            assert any(holds(ring, lon, lat) for ring in rings[code]), name


def polygons(geometry: dict[str, Any]) -> list[Any]:
    coordinates: list[Any] = geometry["coordinates"]
    return [coordinates] if geometry["type"] == "Polygon" else coordinates


def holds(ring: list[list[float]], x: float, y: float) -> bool:
    crossings = sum(
        (start[1] > y) != (end[1] > y) and x < (end[0] - start[0]) * (y - start[1]) / (end[1] - start[1]) + start[0]
        for start, end in pairwise(ring)
    )
    return crossings % 2 == 1
