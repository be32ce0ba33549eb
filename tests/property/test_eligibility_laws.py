"""Laws of eligibility: all pairs at once say what the rules say pair by pair, and what would change a no does so."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.candidates import ContractForm, LanguageLevel, PostKind, Qualifications
from engine.eligibility import legal_requirements, requirement_answers, requirement_reasons
from engine.eligibility_matrix import doctor_columns, eligibility_matrix, eligible_blocks, post_columns, reasons_of
from engine.posts import Post, QualificationGroup, Requirements
from engine.remedies import changed_doctor, changed_post

DAYS = st.integers(0, 30).map(lambda days: date(2026, 8, 1) + timedelta(days=days))
STARTS = st.sampled_from([date(2016, 8, 1), date(2018, 8, 1), date(2026, 8, 1)])
SHARES = st.sampled_from([0.2, 0.5, 0.8, 1.0])
LEVELS = st.sampled_from(LanguageLevel)
HOURS = st.sampled_from([None, 0.0, 20.0, 41.9, 42.0, 60.0])


@st.composite
def doctors(draw: st.DrawFn) -> Qualifications:
    authorised, lis1, specialist, training = (draw(st.booleans()) for _ in range(4))
    return Qualifications("K1", authorised, lis1, specialist, training, draw(LEVELS), draw(DAYS), draw(SHARES))


@st.composite
def posts(draw: st.DrawFn) -> Post:
    starts_on, least, most = draw(STARTS), *sorted([draw(SHARES), draw(SHARES)])
    groups = draw(st.lists(st.sampled_from(QualificationGroup), min_size=1, unique=True))
    has_supervisor = draw(st.booleans())
    return Post(
        "P1",
        "5001",
        "50",
        ContractForm.SALARIED,
        capacity=1,
        has_supervisor=has_supervisor,
        starts_on=starts_on,
        requirements=Requirements(draw(LEVELS), max(starts_on, draw(DAYS)), least, most, draw(st.booleans())),
        tiers=tuple(frozenset({group}) for group in groups),
        tiers_set_on=starts_on,
        kinds=frozenset({PostKind.RELIEF_GP}),
        fixed_term_months=draw(st.sampled_from([None, 6.0, 12.0, 12.5])),
        supervision_hours_year=draw(HOURS) if has_supervisor else None,
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(doctors(), max_size=5), st.lists(posts(), max_size=5), st.integers(1, 30))
def test_all_pairs_at_once_say_what_the_rules_say_pair_by_pair(
    people: list[Qualifications], places: list[Post], pairs_at_once: int
) -> None:
    one_by_one = [[requirement_reasons(d, p, legal_requirements(p.starts_on)) for p in places] for d in people]
    masks = eligibility_matrix(people, places)
    assert [[reasons_of(mask) for mask in row] for row in masks.tolist()] == one_by_one
    blocks = list(eligible_blocks(doctor_columns(people), post_columns(places), pairs_at_once))
    rows = [eligible for _, eligible in blocks] or [np.zeros((0, len(places)), dtype=bool)]
    assert np.array_equal(np.concatenate(rows), masks == 0)
    assert [index for block, _ in blocks for index in range(block.start, block.stop)] == list(range(len(people)))


@settings(max_examples=300, deadline=None)
@given(doctors(), posts())
def test_each_thing_that_would_change_a_no_changes_it(doctor: Qualifications, post: Post) -> None:
    law = legal_requirements(post.starts_on)
    for answer in requirement_answers(doctor, post, law):
        assert answer.is_met == (answer.reason is None) == (not answer.remedies)
        for remedy in answer.remedies:
            other_doctor, other_post = changed_doctor(doctor, remedy), changed_post(post, remedy)
            assert (other_post != post) == remedy.is_municipalitys
            assert (other_doctor != doctor) != remedy.is_municipalitys
            assert answer.reason not in requirement_reasons(other_doctor, other_post, law)
