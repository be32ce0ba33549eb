"""Laws of the candidate's own page on simulated doctors with every kind of wish."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from engine.candidate_places import candidate_places
from engine.candidates import Candidate
from engine.match_run import run_match
from engine.preferences import post_utilities, preference_rules
from engine.remedies import changed_doctor, changed_post
from tests.property.test_stable_matching_round import SEEDS, TODAY, a_round, demanding


def without_list_limit(doctor: Candidate, longest: int) -> Candidate:
    return replace(doctor, wishes=replace(doctor.wishes, list_limit=max(1, longest)))


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_posts_are_those_of_the_round_and_contributions_add_up(seed: int) -> None:
    doctors, posts, scores = a_round(seed, 5)
    doctors, posts = demanding(seed, doctors, posts)
    doctors = tuple(
        without_list_limit(replace(own, wishes=replace(own.wishes, partner_occupation=None)), len(posts))
        for own in doctors
    )
    lists = run_match(doctors, posts, scores, "s", TODAY).own_lists
    for doctor in doctors:
        found = candidate_places(doctor, posts, scores, TODAY)
        assert tuple(each.post_id for each in found.posts) == lists[doctor.candidate_id].listed
        utilities = post_utilities([doctor.wishes], posts, scores, preference_rules(TODAY))[0]
        by_post = dict(zip((post.post_id for post in posts), utilities.tolist(), strict=True))
        for each in found.posts:
            assert each.score == pytest.approx(by_post[each.post_id], abs=1e-9)
            assert sum(part.points for part in each.contributions) == pytest.approx(each.score, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_a_post_that_nearly_fits_fits_at_the_told_place_once_the_one_thing_changes(seed: int) -> None:
    doctors, posts, scores = a_round(seed, 4)
    doctors, posts = demanding(seed, doctors, posts)
    for doctor in doctors:
        for nearly in candidate_places(doctor, posts, scores, TODAY).nearly:
            for remedy in nearly.remedies:
                changed = replace(doctor, qualifications=changed_doctor(doctor.qualifications, remedy))
                other = [changed_post(post, remedy) if post.post_id == nearly.post_id else post for post in posts]
                after = candidate_places(changed, other, scores, TODAY)
                still = [each for each in after.nearly if each.post_id == nearly.post_id]
                placed = {each.post_id: each.position for each in after.posts}
                assert nearly.post_id in placed or all(each.reason is not nearly.reason for each in still)
                if remedy.is_municipalitys and nearly.post_id in placed:
                    assert placed[nearly.post_id] == nearly.would_be_position
