"""The assignment with the greatest total fit: what stability costs, and what giving it up would cost.

It pairs candidates and posts as one decider would who weighs everybody's fit in one sum. Pairs may block it: candidates
and posts that would both rather have each other. `engine.pair_stability` counts them. It is shown beside a stable
matching and never proposed: whoever states a higher fit gets more.
"""

from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import linprog
from scipy.sparse import csr_array

from engine.identifiers import Numbering
from features.errors import InvalidInputError


def optimal_assignment(pairs: pl.DataFrame, posts: pl.DataFrame) -> pl.DataFrame:
    """Pairs with the greatest total fit, each candidate in one at most and each post within its capacity.

    A transport problem: its linear program has whole solutions at its corners, and the dual simplex method of HiGHS
    ends in one. Where several assignments have the greatest total, which of them comes out may depend on the order of
    rows.

    Parameters
    ----------
    pairs
        Columns ``candidate_id``, ``post_id``, ``fit`` (finite; a pair with a negative one is never chosen), each pair
        once; others are not looked at.
    posts
        Columns ``post_id``, ``capacity``.

    Returns
    -------
    Columns ``candidate_id``, ``post_id``, ``fit``, sorted by candidate.

    Raises
    ------
    InvalidInputError
        A pair occurs twice or names a post not in ``posts``, a fit is empty or not finite, a capacity is negative.
    RuntimeError
        The solver gave up.

    References
    ----------
    Dantzig (1963), Linear Programming and Extensions, chapter 15; Roth and Sotomayor (1990), Two-sided Matching,
    chapter 8; Huangfu and Hall (2018), Parallelizing the dual revised simplex method, Mathematical Programming
    Computation 10.

    Examples
    --------
    >>> pairs = pl.DataFrame({"candidate_id": ["a", "a", "b"], "post_id": ["x", "y", "x"], "fit": [9.0, 8.0, 5.0]})
    >>> optimal_assignment(pairs, pl.DataFrame({"post_id": ["x", "y"], "capacity": [1, 1]})).rows()
    [('a', 'y', 8.0), ('b', 'x', 5.0)]
    """
    if pairs.select("candidate_id", "post_id").is_duplicated().any():
        raise InvalidInputError("pairs", "a pair twice", "each pair once")
    fit, capacity = pairs["fit"].cast(pl.Float64), posts["capacity"].to_numpy()
    if fit.null_count() or not fit.is_finite().all():
        raise InvalidInputError("fit", "an empty or infinite value", "finite numbers")
    if posts["post_id"].is_duplicated().any() or (posts["capacity"] < 0).any():
        raise InvalidInputError(
            "posts", "a post twice or a negative capacity", "each post once, capacities of 0 or more"
        )
    if pairs.is_empty():
        return pairs.select("candidate_id", "post_id", "fit")
    candidates = pairs["candidate_id"].unique(maintain_order=True)
    rows = (
        Numbering(candidates, "candidate_id").of(pairs["candidate_id"], "pairs"),
        Numbering(posts["post_id"], "post_id of posts").of(pairs["post_id"], "pairs") + candidates.len(),
    )
    columns = np.tile(np.arange(pairs.height), 2)
    uses: Any = csr_array(  # the stubs of linprog know no sparse tables
        (np.ones(columns.size), (np.concatenate(rows), columns)), (candidates.len() + posts.height, pairs.height)
    )
    room = np.concatenate([np.ones(candidates.len()), capacity])
    solved: Any = linprog(-fit.to_numpy(), A_ub=uses, b_ub=room, bounds=(0, 1), method="highs-ds")
    if solved.status != 0:
        raise RuntimeError(f"HiGHS ended without an assignment: {solved.message}")
    chosen = pairs.select("candidate_id", "post_id", "fit").filter(pl.Series(solved.x > 1 / 2))
    return chosen.sort("candidate_id")
