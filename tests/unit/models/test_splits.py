from datetime import date, timedelta

import numpy as np
import pytest

from models.errors import EstimatorInputError
from models.outcome import survival_outcome
from models.splits import forward_split, municipality_folds, person_folds

YEAR = 365.25


def test_every_spell_is_tested_once_and_no_person_is_on_both_sides() -> None:
    people = np.random.default_rng(1).integers(0, 60, size=400)
    folds = person_folds(people, 5, seed=3)
    assert sorted(np.concatenate([fold.test for fold in folds]).tolist()) == list(range(400))
    for fold in folds:
        assert not set(people[fold.train]) & set(people[fold.test])
        assert 70 <= fold.test.size <= 90


def test_the_folds_do_not_depend_on_the_order_of_the_rows() -> None:
    codes = np.random.default_rng(2).choice(["0301", "4601", "5001", "1103", "5401"], size=90)
    there, back = municipality_folds(codes, 3, seed=4), municipality_folds(codes[::-1], 3, seed=4)
    for one, other in zip(there, back, strict=True):
        assert one.test.tolist() == sorted((89 - other.test).tolist())


def test_missing_groups_and_too_many_folds_are_refused() -> None:
    with pytest.raises(EstimatorInputError, match="missing"):
        person_folds(["a", None, "b"], 2, seed=1)
    with pytest.raises(EstimatorInputError, match="from 2 to 2"):
        municipality_folds(["0301", "4601"], 3, seed=1)


def test_what_happened_after_the_cut_is_not_in_the_training_rows() -> None:
    rng = np.random.default_rng(5)
    begun = np.array([date(2010, 1, 1) + timedelta(days=int(day)) for day in rng.integers(0, 3650, size=300)])
    time, cause = rng.exponential(3.0, size=300) + 0.01, rng.integers(0, 3, size=300)
    fold = forward_split(survival_outcome(cause, time), begun, date(2016, 7, 1))
    known = fold.train_outcome
    assert known is not None
    assert not set(fold.train) & set(fold.test)
    assert set(fold.test) == set(np.flatnonzero(begun >= date(2016, 7, 1)))
    for row, seen, event in zip(fold.train, known.time, known.event, strict=True):
        last = begun[row] + timedelta(days=float(seen * YEAR))
        assert last <= date(2016, 7, 1)
        assert event in {cause[row], 0}
        if event == 0 and cause[row]:
            assert time[row] > seen


def test_an_end_between_snapshots_across_the_cut_was_not_known() -> None:
    y = survival_outcome([True, True, True], [2.0, 4.0, 1.0], time_lower=[1.0, 3.0, 0.5], entry=[0.0, 3.0, 0.0])
    begun = [date(2015, 1, 1), date(2015, 1, 1), date(2019, 1, 1)]
    fold = forward_split(y, begun, date(2016, 7, 1))
    assert fold.train.tolist() == [0]  # the second had not come under observation
    assert fold.train_outcome is not None
    assert (fold.train_outcome.event[0], fold.train_outcome.time[0]) == (0, 1.0)
    with pytest.raises(EstimatorInputError, match="cut"):
        forward_split(y, begun, date(2030, 1, 1))
