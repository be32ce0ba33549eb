"""What the forecast of a post rests on: levers apart from structure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.forecast import PostProfile
from models.retention import POST_COLUMNS
from models.shapley import shapley_values
from models.uncertainty import spread_quantile

Floats = NDArray[np.float64]
DriverKind = Literal["lever", "structural"]

KINDS: dict[str, DriverKind] = {
    "population": "structural",
    "centrality_class": "structural",
    "contract_form": "lever",
    "years_since_specialist": "lever",
}
"""What a municipality can decide (the form of the contract, whether doctors train in the post), and what is given."""


@dataclass(frozen=True, slots=True)
class Driver:
    """What one field of a post adds to its restricted mean.

    Attributes
    ----------
    field : str
        Of `PostProfile`.
    kind : {"lever", "structural"}
        Whether a municipality can decide it.
    value : float or str
        Of the post.
    years : float
        Shapley value, years of the restricted mean; negative where it shortens.
    lower, upper : float
        Its 90 % interval, from the bootstrap: sampling error alone.
    """

    field: str
    kind: DriverKind
    value: float | str
    years: float
    lower: float
    upper: float


def drivers_of(
    profile: PostProfile, background: pl.DataFrame, means: Callable[[pl.DataFrame], Floats]
) -> tuple[Driver, ...]:
    """Return the drivers of a post, structure first.

    They sum to the post's restricted mean minus the background's weighted mean. List length is none of them: the model
    does not know it.

    Parameters
    ----------
    profile : PostProfile
        The post.
    background : DataFrame
        Posts with ``weight``, such as `models.post_mix.cells_of`.
    means : callable
        Gives restricted means of posts, shape (1 + members, posts), the model's own first.
    """
    post = pl.DataFrame({name: [getattr(profile, name)] for name in POST_COLUMNS})
    values = shapley_values(means, post, background, POST_COLUMNS)
    spread = values[1:].std(axis=0, ddof=1) * spread_quantile(values.shape[0] - 1)
    return tuple(
        Driver(
            field=name,
            kind=KINDS[name],
            value=value if isinstance(value := getattr(profile, name), str) else float(value),
            years=float(values[0, place]),
            lower=float(values[0, place] - spread[place]),
            upper=float(values[0, place] + spread[place]),
        )
        for place, name in enumerate(POST_COLUMNS)
    )
