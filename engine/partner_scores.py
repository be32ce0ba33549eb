"""Scores of a partner's jobs by occupation group, beside the factor scores that candidates weigh."""

import polars as pl

from engine.preferences import PARTNER_JOBS
from features.indicators.partner_access import ALL
from features.scoring import percentiles


def with_partner_scores(factor_scores: pl.DataFrame, access: pl.DataFrame) -> pl.DataFrame:
    """Give the factor scores with a row ``partner_jobs.<group>`` for every municipality and occupation group.

    The score is the percentile (0-100) of a municipality's access to jobs in the group among all with figures. A
    candidate whose partner belongs to the group then weighs that score in place of ``partner_jobs``; null where the
    municipality has no figures.

    Parameters
    ----------
    factor_scores
        Frame of contract ``FactorScore``; ``municipality_code``, ``factor`` and ``score`` are kept.
    access
        Frame of contract ``PartnerAccess`` (`features.indicators.partner_access.partner_access`); without rows, nothing
        is added.

    Examples
    --------
    >>> scores = pl.DataFrame({"municipality_code": ["0301", "5001"], "factor": "partner_jobs", "score": [90.0, 60.0]})
    >>> access = pl.DataFrame(
    ...     {"municipality_code": ["0301", "5001"], "occupation_group": "health", "access": [0.8, 1.3]}
    ... )
    >>> with_partner_scores(scores, access).filter(factor="partner_jobs.health")["score"].to_list()
    [25.0, 75.0]
    """
    kept = factor_scores.select("municipality_code", "factor", "score")
    groups = access.filter(pl.col("occupation_group") != ALL).select("municipality_code", "occupation_group", "access")
    added = [
        of_group.select(
            "municipality_code",
            factor=pl.format(f"{PARTNER_JOBS}.{{}}", "occupation_group"),
            score=pl.Series(percentiles(of_group["access"].cast(pl.Float64).fill_null(float("nan")).to_numpy())),
        ).with_columns(pl.col("score").fill_nan(None))
        for of_group in groups.sort("occupation_group", "municipality_code").partition_by("occupation_group")
    ]
    return pl.concat([kept, *added])
