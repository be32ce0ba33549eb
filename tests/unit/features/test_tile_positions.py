import math

import polars as pl
import pytest

from features.tile_positions import neighbour_pairs, projected_km


def test_projection_keeps_a_right_angle_right() -> None:
    (x0, y0), (x1, y1), (x2, y2) = projected_km(
        pl.Series([70.0, 70.01, 70.0]).to_numpy(), pl.Series([28.0, 28.0, 28.01]).to_numpy()
    ).tolist()
    north, east = (x1 - x0, y1 - y0), (x2 - x0, y2 - y0)
    cosine = (north[0] * east[0] + north[1] * east[1]) / (math.hypot(*north) * math.hypot(*east))
    assert cosine == pytest.approx(0, abs=1e-3)


def test_points_on_one_line_form_a_chain() -> None:
    points = pl.DataFrame({"x": [3.0, 0.0, 2.0, 1.0], "y": [3.0, 0.0, 2.0, 1.0]}).to_numpy()
    assert neighbour_pairs(points).tolist() == [[0, 2], [1, 3], [2, 3]]


def test_a_long_edge_past_another_point_joins_no_neighbours() -> None:
    points = pl.DataFrame({"x": [0.0, 10.0, 5.0], "y": [0.0, 0.0, 0.5]}).to_numpy()
    assert neighbour_pairs(points).tolist() == [[0, 2], [1, 2]]
    assert neighbour_pairs(points, clearance=0).tolist() == [[0, 1], [0, 2], [1, 2]]
