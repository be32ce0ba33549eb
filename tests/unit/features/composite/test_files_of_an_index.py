from pathlib import Path

import pytest

from features.composite.declared_nodes import DeclaredNodes, read_declared_nodes, without
from features.composite.reading import Rejection, read_rows
from features.composite.unit_values import UnitValues, read_groups, read_unit_values
from features.errors import IndexFileError, IndexFileFault

HEADER = "indicator,parent,weight,direction\n"
TOP = "top,,1,1\n"


def declared(folder: Path, text: str) -> DeclaredNodes:
    path = folder / "indicators.csv"
    path.write_text(text, encoding="utf-8")
    return read_declared_nodes(path)


def values(folder: Path, content: str | bytes) -> UnitValues:
    path = folder / "values.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_unit_values(path, ["a", "b"], ["top"], ["broken"])


def told(rows: tuple[object, ...]) -> list[tuple[object, ...]]:
    return [(getattr(row, "line", None), getattr(row, "indicator", None), getattr(row, "reason", None)) for row in rows]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("b,top,0,1", Rejection.WEIGHT),
        ("b,top,-1,1", Rejection.WEIGHT),
        ("b,top,,1", Rejection.WEIGHT),
        ("b,top,heavy,1", Rejection.WEIGHT),
        ("b,top,inf,1", Rejection.WEIGHT),
        ("b,top,1,0", Rejection.DIRECTION),
        ("b,top,1,up", Rejection.DIRECTION),
        ("b,top,1,2", Rejection.DIRECTION),
        ("b,nowhere,1,1", Rejection.UNKNOWN_PARENT),
        ("b,b,1,1", Rejection.CIRCLE),
        (",top,1,1", Rejection.NO_INDICATOR),
        ("b,,1,1", Rejection.OUTSIDE),
        ("b,top,1,1,7", Rejection.FIELDS),
    ],
)
def test_a_row_that_cannot_be_used_is_told_with_line_and_reason(tmp_path: Path, row: str, reason: Rejection) -> None:
    found = declared(tmp_path, HEADER + TOP + "a,top,1,1\n" + row + "\n")
    assert [node.key for node in found.nodes] == ["top", "a"]
    assert [(one.line, one.reason, one.given) for one in found.rejected] == [(4, reason, row)]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("5,1,,", Rejection.BAND),
        ("x,1,,", Rejection.BAND),
        (",,1,", Rejection.GOALPOSTS),
        (",,3,3", Rejection.GOALPOSTS),
        (",,1,y", Rejection.GOALPOSTS),
    ],
)
def test_bounds_must_be_numbers_in_order(tmp_path: Path, cells: str, reason: Rejection) -> None:
    header = "indicator,parent,weight,direction,low,high,goalpost_low,goalpost_high\n"
    found = declared(tmp_path, f"{header}top,,1,1\na,top,1,1,,5,0,10\nb,top,1,1,{cells}\n")
    assert [one.reason for one in found.rejected] == [reason]
    kept = {node.key: node for node in found.nodes}["a"]
    assert kept.band == (-float("inf"), 5.0)
    assert kept.goalposts == (0.0, 10.0)


def test_a_circle_and_what_hangs_from_it_are_rejected(tmp_path: Path) -> None:
    found = declared(tmp_path, HEADER + TOP + "a,top,1,1\nx,y,1,1\ny,x,1,1\nb,x,1,1\n")
    assert [node.key for node in found.nodes] == ["top", "a"]
    assert told(found.rejected) == [(4, "x", Rejection.CIRCLE), (5, "y", Rejection.CIRCLE), (6, "b", Rejection.CIRCLE)]


def test_children_of_a_rejected_parent_are_rejected_for_that(tmp_path: Path) -> None:
    found = declared(tmp_path, HEADER + TOP + "a,top,1,1\np,top,0,1\nb,p,1,1\nq,nowhere,1,1\nc,q,1,1\n")
    assert told(found.rejected) == [
        (4, "p", Rejection.WEIGHT),
        (5, "b", Rejection.PARENT_REJECTED),
        (6, "q", Rejection.UNKNOWN_PARENT),
        (7, "c", Rejection.PARENT_REJECTED),
    ]


def test_parents_without_a_row_are_the_tops_if_no_row_is_declared_as_one(tmp_path: Path) -> None:
    found = declared(tmp_path, HEADER + "a,p,1,1\nb,p,1,1\nc,q,1,1\n")
    assert found.implied_roots == ("p", "q")
    assert {node.key for node in found.nodes} == {"a", "b", "c", "p", "q"}
    assert found.rejected == ()


def test_rows_that_agree_are_taken_once_and_rows_that_contradict_each_other_not_at_all(tmp_path: Path) -> None:
    found = declared(tmp_path, HEADER + TOP + "a,top,1,1\na,top,1,1\nb,top,1,1\nb,top,2,1\nc,top,1,1\n")
    assert [node.key for node in found.nodes] == ["top", "a", "c"]
    assert told(found.rejected) == [
        (4, "a", Rejection.REPEATED),
        (5, "b", Rejection.CONTRADICTED),
        (6, "b", Rejection.CONTRADICTED),
    ]


def test_blank_weight_and_direction_are_understood_where_they_do_not_matter(tmp_path: Path) -> None:
    found = declared(tmp_path, HEADER + "top,NA,,\np,top,2,-1\na,p,1,\n")
    assert [(node.key, node.weight, node.direction) for node in found.nodes] == [
        ("top", 1, 1),
        ("p", 2, 1),
        ("a", 1, 1),
    ]
    assert found.turned_aggregates == ("p",)


def test_aggregates_left_without_children_go_with_them(tmp_path: Path) -> None:
    found = declared(tmp_path, HEADER + TOP + "a,top,1,1\np,top,1,1\nq,p,1,1\nb,q,1,1\n")
    kept, rejected = without(found.nodes, {"b": Rejection.NO_VALUES}, found.lines)
    assert [node.key for node in kept] == ["top", "a"]
    assert told(rejected) == [
        (4, "p", Rejection.NO_CHILDREN),
        (5, "q", Rejection.NO_CHILDREN),
        (6, "b", Rejection.NO_VALUES),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("X,a,ten", Rejection.NOT_A_NUMBER),
        ("X,a,1_000", Rejection.NOT_A_NUMBER),
        ("X,a,inf", Rejection.NOT_A_NUMBER),
        ("X,a,1e999", Rejection.NOT_A_NUMBER),
        ('X,a,"1,5"', Rejection.NOT_A_NUMBER),
        ("X,a,1,5", Rejection.FIELDS),
        (",a,1", Rejection.NO_UNIT),
        ("X,,1", Rejection.NO_INDICATOR),
        ("X,c,1", Rejection.UNLISTED),
        ("X,top,1", Rejection.AGGREGATE_VALUE),
        ("X,broken,1", Rejection.INDICATOR_REJECTED),
    ],
)
def test_a_value_that_cannot_be_used_is_told_with_line_and_reason(tmp_path: Path, row: str, reason: Rejection) -> None:
    found = values(tmp_path, f"unit,indicator,value\n\nX,b,1\n{row}\n")
    assert found.accepted.select("unit", "indicator", "value").rows() == [("X", "b", 1.0)]
    assert [(one.line, one.reason) for one in found.rejected] == [(4, reason)]


@pytest.mark.parametrize("mark", ["", "NA", "n/a", "NaN", "..", ":", "null"])
def test_a_missing_value_is_accepted_as_missing(tmp_path: Path, mark: str) -> None:
    found = values(tmp_path, f"unit,indicator,value\nX,a,{mark}\n")
    assert found.accepted["value"].to_list() == [None]
    assert found.rejected == ()


def test_values_given_twice_are_taken_once_if_they_agree(tmp_path: Path) -> None:
    found = values(tmp_path, "unit,indicator,value\nX,a,1\nX,a,1.0\nY,a,1\nY,a,2\nY,b,3\n")
    assert found.accepted.select("unit", "indicator", "value").rows() == [("X", "a", 1.0), ("Y", "b", 3.0)]
    assert told(found.rejected) == [
        (3, "a", Rejection.REPEATED),
        (4, "a", Rejection.CONTRADICTED),
        (5, "a", Rejection.CONTRADICTED),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_files_as_norwegian_excel_writes_them_are_understood(tmp_path: Path, encoding: str) -> None:
    text = "Unit;Indicator;Value;Note\r\nFrøya;a;1 234,5;x\r\nFrøya;b;-7;\r\nÅl;a;0,25;\r\n"
    found = values(tmp_path, text.encode(encoding))
    assert found.accepted.select("unit", "indicator", "value").rows() == [
        ("Frøya", "a", 1234.5),
        ("Frøya", "b", -7.0),
        ("Ål", "a", 0.25),
    ]
    assert found.ignored == ("note",)


def test_a_typographic_minus_is_a_minus(tmp_path: Path) -> None:
    assert values(tmp_path, "unit,indicator,value\nX,a,−1.5\n").accepted["value"].to_list() == [-1.5]


def test_a_full_stop_beside_decimal_commas_is_not_guessed_at(tmp_path: Path) -> None:
    found = values(tmp_path, "unit;indicator;value\nX;a;1,5\nX;b;1.234\n")
    assert [(row.line, row.reason) for row in found.rejected] == [(3, Rejection.NOT_A_NUMBER)]


def test_a_full_stop_in_a_file_with_semicolons_is_a_decimal_point(tmp_path: Path) -> None:
    assert values(tmp_path, "unit;indicator;value\nX;a;1.5\n").accepted["value"].to_list() == [1.5]


@pytest.mark.parametrize(("error", "accepted"), [("0.5", [0.5]), ("", [None]), ("-1", []), ("wide", [])])
def test_standard_errors_are_read_where_there_are_any(tmp_path: Path, error: str, accepted: list[float | None]) -> None:
    found = values(tmp_path, f"unit,indicator,value,standard_error\nX,a,1,{error}\n")
    assert found.accepted["standard_error"].to_list() == accepted
    assert [row.reason for row in found.rejected] == [Rejection.ERROR_NOT_A_NUMBER] * (1 - len(accepted))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", IndexFileFault.EMPTY),
        (b"\n\n", IndexFileFault.EMPTY),
        (b"unit,indicator,value\n", IndexFileFault.EMPTY),
        (b"unit,value\nX,1\n", IndexFileFault.COLUMNS),
        (b"unit,indicator,value,value\nX,a,1,2\n", IndexFileFault.COLUMNS),
        (b"PK\x03\x04 a workbook", IndexFileFault.NOT_CSV),
        (b"unit,indicator,value\nX\x00,a,1\n", IndexFileFault.NOT_CSV),
        (b'unit,indicator,value\n"' + b"x" * 200_000 + b'",a,1\n', IndexFileFault.NOT_CSV),
    ],
)
def test_a_file_that_is_no_table_is_refused_as_a_whole(tmp_path: Path, content: bytes, fault: IndexFileFault) -> None:
    with pytest.raises(IndexFileError) as refused:
        values(tmp_path, content)
    assert refused.value.fault is fault


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexFileError) as refused:
        read_rows(tmp_path / "nothing.csv", "values", ("unit",))
    assert refused.value.fault is IndexFileFault.MISSING


def test_units_without_a_group_share_one(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_text("unit,group\nX,north\nY,south\nZ,north\nY,west\n", encoding="utf-8")
    groups, rejected = read_groups(path, ["V", "W", "X", "Y", "Z"])
    assert groups.tolist() == [0, 0, 1, 0, 1]
    assert told(rejected) == [(3, None, Rejection.CONTRADICTED), (5, None, Rejection.CONTRADICTED)]
