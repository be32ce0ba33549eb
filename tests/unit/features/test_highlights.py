from features.highlights import (
    FactorPlace,
    Highlight,
    HighlightReason,
    LeverPlace,
    OutcomePlace,
    highlights,
)

CALM = OutcomePlace(actual=0.02, normal_lower=0.0, normal_upper=0.1)


def test_the_outcome_is_named_by_its_place_in_the_normal_range() -> None:
    reasons = [
        highlights(outcome, [], [])[0].reason
        for outcome in (None, CALM, OutcomePlace(0.2, 0.0, 0.1), OutcomePlace(0.01, 0.05, 0.1))
    ]
    assert reasons == [
        HighlightReason.OUTCOME_MISSING,
        HighlightReason.OUTCOME_WITHIN_NORMAL,
        HighlightReason.OUTCOME_ABOVE_NORMAL,
        HighlightReason.OUTCOME_BELOW_NORMAL,
    ]


def test_a_high_score_that_is_unsure_gives_way_to_a_sure_one() -> None:
    sure = FactorPlace("workload", score=30, lower=20, upper=40)
    unsure = FactorPlace("flexibility", score=95, lower=45, upper=99)
    assert highlights(CALM, [unsure, sure], [])[1] == Highlight(HighlightReason.FACTOR_CLEARLY_WEAK, "workload")


def test_where_every_interval_holds_the_middle_nothing_is_called_clear() -> None:
    factors = [FactorPlace("workload", 60, 20, 80), FactorPlace("flexibility", 70, 30, 90)]
    assert highlights(CALM, factors, [])[1] == Highlight(HighlightReason.FACTOR_HIGHEST_UNSURE, "flexibility")


def test_only_the_lever_furthest_behind_its_peers_is_named() -> None:
    levers = [LeverPlace("a", 40, 65), LeverPlace("b", 10, 55), LeverPlace("c", 5, 10)]
    assert highlights(CALM, [], levers)[-1] == Highlight(HighlightReason.LEVER_BEHIND_PEERS, "b")


def test_a_small_lag_is_no_finding() -> None:
    found = highlights(CALM, [], [LeverPlace("a", 45, 60)])
    assert found[-1] == Highlight(HighlightReason.NO_LEVER_BEHIND, None)
