"""Exact Shapley values of the few fields of a post."""

from collections.abc import Callable, Sequence
from math import factorial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.errors import InvalidInputError

Floats = NDArray[np.float64]
_MOST_FIELDS = 10
_WEIGHT = "\0weight"  # no column of anybody's has this name


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
    worth = coalition_worths(predict, post, background.select(fields), background["weight"].to_numpy())
    return game_values(worth)


def coalition_worths(
    predict: Callable[[pl.DataFrame], Floats], post: pl.DataFrame, background: pl.DataFrame, weights: Floats
) -> Floats:
    """Return the mean prediction of the background once it has some fields of a post, for every set of fields.

    Parameters
    ----------
    predict : callable
        As in `shapley_values`.
    post : DataFrame, one row
        The post, with the background's fields.
    background : DataFrame
        Its columns are the fields.
    weights : ndarray, shape (rows,)
        Of the background's rows; they sum to 1.

    Returns
    -------
    ndarray, shape (models, 2 ** fields)
        The field of place p is the post's own in the set of place s if bit p of s is 1.
    """
    fields, weighted = background.columns, background.with_columns(pl.Series(_WEIGHT, weights))
    mixed = [_mixed(post, weighted, fields, chosen) for chosen in range(2 ** len(fields))]
    rows = pl.concat(mixed)
    predicted = predict(rows.select(fields)) * rows[_WEIGHT].to_numpy()
    starts = np.cumsum([0, *(part.height for part in mixed[:-1])])
    sums: Floats = np.add.reduceat(predicted, starts, axis=1)
    return sums


def game_values(worth: Floats) -> Floats:
    """Return the Shapley value of each of k players, shape (games, k).

    Parameters
    ----------
    worth : ndarray, shape (games, 2 ** k)
        Worth of each set of players; player p is in the set of place s if bit p of s is 1.

    Examples
    --------
    Two players who are worth 1 and 2 alone, and 5 together, share what is won together.

    >>> game_values(np.array([[0.0, 1.0, 2.0, 5.0]])).tolist()
    [[2.0, 3.0]]
    """
    players = worth.shape[1].bit_length() - 1
    sets = np.arange(worth.shape[1])
    sizes = np.array([place.bit_count() for place in range(worth.shape[1])])
    chance = np.array([factorial(size) * factorial(players - size - 1) / factorial(players) for size in range(players)])
    values = np.empty((worth.shape[0], players))
    for player in range(players):
        without = sets[(sets >> player) & 1 == 0]
        values[:, player] = (worth[:, without | (1 << player)] - worth[:, without]) @ chance[sizes[without]]
    return values


def _mixed(post: pl.DataFrame, background: pl.DataFrame, fields: Sequence[str], chosen: int) -> pl.DataFrame:
    """Return the background's posts with the chosen fields of the post, alike ones joined."""
    own = [name for place, name in enumerate(fields) if chosen >> place & 1]
    others = [name for name in fields if name not in own]
    weight = pl.col(_WEIGHT).sum()
    counted = background.group_by(others, maintain_order=True).agg(weight) if others else background.select(weight)
    given = [pl.lit(post[name].item(), dtype=background.schema[name]).alias(name) for name in own]
    return counted.with_columns(given).select(*fields, _WEIGHT)
