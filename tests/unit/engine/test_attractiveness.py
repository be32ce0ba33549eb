"""How a post stands with doctors, and what each lever would change; figures about few are withheld."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest

from engine.attractiveness import (
    Attractiveness,
    Lever,
    LeverSetting,
    Standing,
    open_levers,
    post_attractiveness,
    with_lever,
)
from engine.candidates import Candidate, ContractForm, PartnerOccupation
from engine.posts import Post
from features.errors import InvalidInputError, UnknownKeyError
from tests.unit.engine.test_match_run import BODO, OSLO, SCORES, SEED, TODAY, doctor, post


def alike(n: int, prefix: str = "K", **wishes: object) -> list[Candidate]:
    people = [doctor(f"{prefix}{i}", (BODO, 2.0), (OSLO, 1.0)) for i in range(n)]
    return [replace(each, wishes=replace(each.wishes, **wishes)) for each in people]  # type: ignore[arg-type]


def told(people: Sequence[Candidate], *posts: Post, rounds: int = 1) -> Attractiveness:
    return post_attractiveness([people] * rounds, posts, SCORES, "P1804", lottery_seed=SEED, today=TODAY)


def effect(found: Attractiveness, lever: Lever, form: ContractForm | None = None) -> Standing:
    (standing,) = (
        each.standing
        for each in found.levers
        if each.setting.lever is lever and (form is None or each.setting.contract_form is form)
    )
    return standing


def test_a_post_is_counted_by_who_qualifies_ranks_it_and_is_proposed() -> None:
    people = [*alike(8), *alike(8, "L", counties=frozenset({"03"}))]
    found = told(people, post("1804", 6), post("0301", 20))
    assert found.now == Standing(None, 8.0, 8.0, 6.0)  # all sixteen qualify: a count of everybody tells about each
    assert (found.rounds, found.candidates, found.simulated) == (1, 16, False)


def test_another_form_of_contract_brings_the_doctors_who_want_it() -> None:
    people = [*alike(6), *alike(7, "L", contract_forms=frozenset({ContractForm.SELF_EMPLOYED}))]
    found = told(people, post("1804", 20))
    assert found.now.ranked == 6.0
    assert effect(found, Lever.CONTRACT_OPTION, ContractForm.SELF_EMPLOYED).ranked is None  # all: withheld
    more = [*people, *alike(6, "M", contract_forms=frozenset({ContractForm.COOPERATION_8_2}))]
    found = told(more, post("1804", 20))
    assert effect(found, Lever.CONTRACT_OPTION, ContractForm.SELF_EMPLOYED).ranked == 13.0
    assert effect(found, Lever.CONTRACT_OPTION, ContractForm.SELF_EMPLOYED).matched == 13.0
    assert effect(found, Lever.CONTRACT_OPTION, ContractForm.MUNICIPAL_OPERATED).ranked == 6.0


def test_a_rarer_rota_a_supervisor_and_a_partner_service_work_through_their_own_wishes() -> None:
    base = [*alike(6), *alike(5, "X", counties=frozenset({"03"}))]
    seldom = told([*base, *alike(6, "L", oncall_rota_min=6)], replace(post("1804", 30), oncall_rota_n=4))
    assert (seldom.now.ranked, effect(seldom, Lever.ONCALL_LESS_OFTEN).ranked) == (6.0, 12.0)
    trainees = [doctor(f"T{i}", (BODO, 1.0), is_specialist=False) for i in range(6)]
    taught = told([*base, *trainees], post("1804", 30, has_supervisor=False))
    assert (taught.now.eligible, effect(taught, Lever.SUPERVISOR).ranked) == (11.0, 12.0)


def test_a_partner_service_moves_a_post_up_for_doctors_with_a_partner() -> None:
    scores = pl.DataFrame({"municipality_code": ["0301", "1804"], "factor": "partner_jobs", "score": [60.0, 50.0]})
    jobs, partner = (("partner_jobs", 1.0),), PartnerOccupation.OTHER
    moving = alike(6, factor_weights=jobs, partner_occupation_group=partner)
    people = [*moving, *alike(6, "X", counties=frozenset({"03"}), factor_weights=())]
    found = post_attractiveness(
        [people], [post("1804", 30), post("0301", 30)], scores, "P1804", lottery_seed=SEED, today=TODAY
    )
    assert found.now.matched is None  # nobody
    assert effect(found, Lever.PARTNER_SERVICE).matched == 6.0


@pytest.mark.parametrize(("added", "shown"), [(4, None), (5, 11.0)])
def test_a_lever_that_moves_one_to_four_doctors_is_not_told(added: int, shown: float | None) -> None:
    people = [*alike(6), *alike(added, "L", oncall_rota_min=6), *alike(6, "X", counties=frozenset({"03"}))]
    found = told(people, replace(post("1804", 30), oncall_rota_n=4))
    assert found.now.ranked == 6.0
    assert effect(found, Lever.ONCALL_LESS_OFTEN).ranked == shown


def test_several_rounds_tell_the_mean_and_reach_five_together() -> None:
    people = [*alike(2), *alike(3, "X", counties=frozenset({"03"}))]
    assert told(people, post("1804", 30)).now.ranked is None
    assert told(people, post("1804", 30), rounds=3).now.ranked == 2.0


def test_only_levers_that_are_not_pulled_are_tried_and_each_changes_the_post() -> None:
    plain = replace(post("1804", has_supervisor=False), oncall_rota_n=3)
    settings = open_levers(plain, TODAY)
    assert [setting.lever for setting in settings] == [
        *[Lever.CONTRACT_OPTION] * 3,
        Lever.ONCALL_LESS_OFTEN,
        Lever.SUPERVISOR,
        Lever.PARTNER_SERVICE,
    ]
    pulled = plain
    for setting in settings:
        changed = with_lever(pulled, setting)
        assert changed != pulled
        pulled = changed
    assert open_levers(pulled, TODAY) == ()
    assert open_levers(replace(pulled, oncall_rota_n=0), TODAY) == ()


def test_a_simulated_round_is_marked_and_wrong_calls_are_refused() -> None:
    assert told([replace(each, simulated=True) for each in alike(6)], post("1804")).simulated
    with pytest.raises(UnknownKeyError):
        told(alike(6), post("0301"))
    with pytest.raises(InvalidInputError):
        post_attractiveness([], [post("1804")], SCORES, "P1804", lottery_seed=SEED, today=TODAY)
    with pytest.raises(InvalidInputError):
        with_lever(post("1804"), LeverSetting(Lever.CONTRACT_OPTION))
