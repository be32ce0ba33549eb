"""Quality of the hazard of posts: each municipality tested by a fit that did not see it, causes included."""

import json
from dataclasses import asdict

import numpy as np
import polars as pl
import pytest

from models.hazard import DiscreteTimeHazard
from models.mix import national_mix
from models.quality import PostOutlook, outcome_of, post_quality, quality_from_document
from models.retention import COVARIATES, default_hazard, with_career_stage
from models.simulation import EXIT_CAUSES, simulate_contracts


@pytest.fixture(scope="module")
def spells() -> pl.DataFrame:
    return with_career_stage(simulate_contracts(national_mix(), seed=3, contracts=900))


def test_incidences_of_all_causes_and_survival_add_up_to_one_at_any_times(spells: pl.DataFrame) -> None:
    posts = spells.select(COVARIATES)
    outlook = PostOutlook(default_hazard(spells), EXIT_CAUSES).fit(posts, outcome_of(spells, EXIT_CAUSES))
    times = np.array([0.1, 2.0, 2.05, 9.0])
    incidence = outlook.predict_cumulative_incidence(posts[:20], times)
    assert incidence.shape == (20, 2, 4)
    np.testing.assert_allclose(incidence.sum(axis=1) + outlook.predict_survival_function(posts[:20], times), 1.0)
    coarse = outlook.predict_cumulative_incidence(posts[:20], [9.0])  # few times asked for do not make steps longer
    np.testing.assert_allclose(coarse[:, :, 0], incidence[:, :, 3], atol=1e-3)


def test_a_covariate_that_names_the_municipality_gives_no_skill(spells: pl.DataFrame) -> None:
    """Its level says everything of a municipality that was seen and nothing of one that was not."""
    codes = spells["municipality_code"].unique().sort()
    years = dict(zip(codes, np.where(np.arange(codes.len()) % 2, 0.5, 8.0), strict=True))
    fixed = spells.with_columns(
        named=pl.col("municipality_code").cast(pl.Enum(codes)),
        event=pl.lit(True),
        duration_years=pl.col("municipality_code").replace_strict(years, return_dtype=pl.Float64)
        + pl.int_range(pl.len()) % 7 * 0.3,
    )
    hazard = DiscreteTimeHazard(n_estimators=60, min_leaf_events=5.0)
    unseen = post_quality(hazard, fixed, covariates=("named",), causes=(), seed=1)
    alone = post_quality(hazard, fixed.drop("municipality_code"), covariates=("named",), causes=(), seed=1)
    assert (unseen.clusters, alone.clusters) == (codes.len(), fixed.height)
    assert (unseen.integrated_skill.value or 0) < 0.1
    assert (alone.integrated_skill.value or 0) > 0.5


def test_quality_is_saved_whole_and_what_is_missing_is_refused(spells: pl.DataFrame) -> None:
    quality = post_quality(default_hazard(spells), spells, covariates=COVARIATES, causes=EXIT_CAUSES, seed=1)
    document = json.loads(json.dumps(asdict(quality), allow_nan=False))
    assert quality_from_document(document) == quality
    del document["horizons"][0]["auc"]
    with pytest.raises(ValueError, match="auc"):
        quality_from_document(document)
