"""Exact Shapley values of the few fields of a post."""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.errors import InvalidInputError

Floats = NDArray[np.float64]
_MOST_FIELDS = 10


def shapley_values(
    predict: Callable[[pl.DataFrame], Floats], post: pl.DataFrame, background: pl.DataFrame, fields: Sequence[str]
) -> Floats:
    """Return what each field of a post adds to a prediction, against a background of posts.

    A field's value is its average effect, over all orders in which the fields of a background post can be replaced one
    by one with the post's own. The values sum to the post's prediction minus the background's weighted mean. They say
    what the *model* answers to, which is no promise that changing a field changes how long doctors stay.

    Parameters
    ----------
    predict : callable
        Gives predictions of shape (models, rows) for posts; called once.
    post : DataFrame, one row
        The post, with the fields.
    background : DataFrame
        The fields and ``weight`` (sums to 1).
    fields : sequence of str
        At most ten: every combination of them is looked at.

    Returns
    -------
    ndarray, shape (models, fields)
        In the unit of the predictions.

    Raises
    ------
    InvalidInputError
        If there are none or too many fields, or a frame lacks one.

    References
    ----------
    Shapley 1953, Contributions to the Theory of Games II:307-317. Janzing, Minorics and Bloebaum 2020, AISTATS
    (fields outside a combination are drawn from the background, not given the others).

    Examples
    --------
    >>> background = pl.DataFrame({"a": [0.0, 2.0], "b": [0.0, 0.0], "weight": [0.5, 0.5]})
    >>> post = pl.DataFrame({"a": [3.0], "b": [1.0]})
    >>> shapley_values(lambda rows: (rows["a"] + 4 * rows["b"]).to_numpy()[None, :], post, background, ["a", "b"])
    array([[2., 4.]])
    """
    if not 0 < len(fields) <= _MOST_FIELDS:
        raise InvalidInputError("fields", len(fields), f"1 to {_MOST_FIELDS} fields")
    for frame, wanted in ((post, fields), (background, (*fields, "weight"))):
        if missing := [name for name in wanted if name not in frame.columns]:
            raise InvalidInputError("fields", frame.columns, f"also the columns {', '.join(missing)}")
    players = range(len(fields))
    coalitions = [frozenset(chosen) for size in range(len(fields) + 1) for chosen in combinations(players, size)]
    mixed = [_mixed(post, background, fields, chosen) for chosen in coalitions]
    rows = pl.concat(mixed)
    predicted = predict(rows.select(fields)) * rows["weight"].to_numpy()
    starts = np.cumsum([0, *(part.height for part in mixed[:-1])])
    sums = np.add.reduceat(predicted, starts, axis=1)
    value = {chosen: sums[:, place] for place, chosen in enumerate(coalitions)}
    return np.stack([_average_gain(value, player, len(fields)) for player in players], axis=1)


def _mixed(post: pl.DataFrame, background: pl.DataFrame, fields: Sequence[str], chosen: frozenset[int]) -> pl.DataFrame:
    """Return the background's posts with the chosen fields of the post, alike ones joined."""
    others = [name for place, name in enumerate(fields) if place not in chosen]
    weight = pl.col("weight").sum()
    counted = background.group_by(others, maintain_order=True).agg(weight) if others else background.select(weight)
    own = [
        pl.lit(post[fields[place]].item(), dtype=background.schema[fields[place]]).alias(fields[place])
        for place in chosen
    ]
    return counted.with_columns(own).select(*fields, "weight")


def _average_gain(value: dict[frozenset[int], Floats], player: int, players: int) -> Floats:
    share = {size: factorial(size) * factorial(players - size - 1) / factorial(players) for size in range(players)}
    gains = [
        share[len(chosen)] * (value[chosen | {player}] - without)
        for chosen, without in value.items()
        if player not in chosen
    ]
    total: Floats = np.sum(gains, axis=0)
    return total
