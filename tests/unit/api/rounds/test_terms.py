"""What posts of a round share: read from a file, told in words, and sealed with the adverts."""

import pytest
from sqlalchemy import Engine, text

from api.round_term_words import term_sentence
from api.services import rounds
from api.services.round_log import RoundAction
from api.services.round_run import run_round
from api.services.round_steps import RoundStepError, StepFault
from api.services.round_terms import Term, TermKind, round_terms
from api.services.round_terms_import import import_terms, judge_terms, remove_terms
from api.services.round_views import round_log, round_state
from api.services.wish_box import WishBox
from api.services.world import World
from engine.round_terms import LimitKind, MinimumQuota, Reversion, SharedLimit
from features.errors import InvalidInputError
from tests.unit.api.rounds.conftest import DOCTORS, LATER, NOW, POSTS, ROLE, WISHES

TERMS = """Slag vilkår;Vilkår;Stillinger;Antall leger;Veiledningstimer i året
veiledning;VEIL;FROYA-1, OSLO-1;;90
regional kvote;KVOTE;FROYA-1,OSLO-1;1;
omgjøring;OMGJ;FROYA-1 > OSLO-1;;
minstetall;MINST;FROYA-1;1;
"""


@pytest.fixture
def posts_in(database: Engine, world: World) -> int:
    """A round with two posts that are not sealed."""
    number = rounds.open_round(database, "Vår 2027", is_simulated=False, now=NOW)
    rounds.import_posts(database, world, number, POSTS.encode(), NOW)
    return number


def test_terms_of_a_file_become_those_of_the_engine(database: Engine, posts_in: int) -> None:
    judged = import_terms(database, posts_in, TERMS.encode(), NOW)
    assert judged.rejected == ()
    terms = round_terms(round_state(database, posts_in).terms)
    both = frozenset({"FROYA-1", "OSLO-1"})
    assert terms.limits == (
        SharedLimit("VEIL", LimitKind.SUPERVISION, 2, both),  # 90 hours, 42 a year for each: two, and 6 hours left
        SharedLimit("KVOTE", LimitKind.REGIONAL_QUOTA, 1, both),
    )
    assert terms.reversions == (Reversion("FROYA-1", "OSLO-1"),)
    assert terms.minimums == (MinimumQuota("MINST", 1, frozenset({"FROYA-1"})),)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("veiledning;", "kaffe;", (2, "kind", "not_as_expected")),
        (";VEIL;", ";;", (2, "term_id", "missing")),
        ("KVOTE", "VEIL", (3, "term_id", "duplicate")),
        ("OSLO-1;;90", "BYKLE-1;;90", (2, "posts", "unknown_post")),
        (";;90", ";2;90", (2, "hours", "number_and_hours")),
        (";;90", ";;", (2, "number", "missing")),
        ("OSLO-1;1;", "OSLO-1;;42", (3, "hours", "not_for_kind")),
        ("OSLO-1;1;", "OSLO-1;1,5;", (3, "number", "not_as_expected")),
        ("> OSLO-1;;", "> OSLO-1;1;", (4, "number", "not_for_kind")),
        ("> OSLO-1;;", ";;", (4, "posts", "not_as_expected")),
        ("MINST;FROYA-1;1", "MINST;FROYA-1;0", (5, "number", "not_as_expected")),
        ("MINST;FROYA-1;1", "MINST;FROYA-1;2", (5, "number", "more_than_places")),
        ("minstetall;MINST;FROYA-1;1;", "omgjøring;O2;FROYA-1,OSLO-1;;", (5, "posts", "duplicate")),
    ],
)
def test_a_wrong_term_is_returned_with_its_reason_and_changes_nothing(
    database: Engine, posts_in: int, right: str, wrong: str, told: tuple[int, str, str]
) -> None:
    assert right in TERMS
    import_terms(database, posts_in, TERMS.encode(), NOW)
    before = (round_state(database, posts_in), round_log(database, posts_in))
    judged = import_terms(database, posts_in, TERMS.replace(right, wrong, 1).encode(), LATER)
    assert [(each.row, each.column, each.fault.value) for each in judged.rejected] == [told]
    assert (round_state(database, posts_in), round_log(database, posts_in)) == before


def test_terms_can_be_taken_away_and_new_posts_take_theirs_away(database: Engine, world: World, posts_in: int) -> None:
    import_terms(database, posts_in, TERMS.encode(), NOW)
    remove_terms(database, posts_in, NOW)
    assert round_state(database, posts_in).terms == ()
    import_terms(database, posts_in, TERMS.encode(), NOW)
    rounds.import_posts(database, world, posts_in, POSTS.encode(), NOW)
    assert round_state(database, posts_in).terms == ()
    actions = [entry.action for entry in round_log(database, posts_in)[0]]
    assert actions[2:4] == [RoundAction.TERMS_IMPORTED, RoundAction.TERMS_REMOVED]


def test_the_seal_covers_the_terms_and_they_are_fixed_afterwards(
    database: Engine, world: World, box: WishBox, posts_in: int
) -> None:
    import_terms(database, posts_in, TERMS.encode(), NOW)
    sealed = rounds.seal(database, posts_in, NOW).sha256
    for step in (
        lambda: import_terms(database, posts_in, TERMS.encode(), NOW),
        lambda: remove_terms(database, posts_in, NOW),
    ):
        with pytest.raises(RoundStepError) as caught:
            step()
        assert caught.value.fault is StepFault.TOO_LATE
    rounds.import_candidates(database, posts_in, DOCTORS.encode(), LATER)
    rounds.import_wishes(database, world, box, posts_in, WISHES.encode(), LATER)
    rounds.draw(database, posts_in, seed="1", role=ROLE, now=LATER)
    with database.begin() as connection:
        change = text("UPDATE allocation_round SET terms = replace(terms, :sealed, :changed)")
        connection.execute(change, {"sealed": '"number":2', "changed": '"number":3'})
    with pytest.raises(InvalidInputError, match=sealed):
        run_round(database, world, box, posts_in, LATER)


def test_a_round_without_terms_has_the_seal_of_its_adverts(database: Engine, world: World, posts_in: int) -> None:
    import_terms(database, posts_in, TERMS.encode(), NOW)
    remove_terms(database, posts_in, NOW)
    other = rounds.open_round(database, "Samme", is_simulated=False, now=NOW)
    rounds.import_posts(database, world, other, POSTS.encode(), NOW)
    assert rounds.seal(database, posts_in, NOW).sha256 == rounds.seal(database, other, NOW).sha256


PLACES = {"BYKLE-1": "Bykle", "VALLE-1": "Valle", "VALLE-2": "Valle", "HOL-1": "Hol"}


@pytest.mark.parametrize(
    ("term", "told"),
    [
        (
            Term(TermKind.SUPERVISION, "A", ("BYKLE-1", "VALLE-1"), 2),
            "Veilederne i Bykle og Valle kan ta 2 leger i utdanning til sammen.",
        ),
        (
            Term(TermKind.GROUP_SEATS, "A", ("BYKLE-1", "VALLE-1", "HOL-1"), 1),
            "Veiledningsgruppa for Bykle, Valle og Hol har plass til 1 lege i utdanning til sammen.",
        ),
        (Term(TermKind.REGIONAL_QUOTA, "A", ("VALLE-1", "VALLE-2"), 3), "Valle kan ta 3 leger til sammen."),
        (
            Term(TermKind.REVERSION, "A", ("VALLE-1", "VALLE-2")),
            "Plasser i VALLE-1 (Valle) som ingen fyller, blir plasser i VALLE-2 (Valle).",
        ),
        (
            Term(TermKind.SUPERVISION, "A", ("HOL-1",), 1, 60.0),
            "Veilederne i Hol kan ta 1 lege i utdanning til sammen. Regnet ut fra 60 timer veiledning i året.",
        ),
    ],
)
def test_a_term_is_told_in_words(term: Term, told: str) -> None:
    assert term_sentence(term, PLACES, "nb") == told


def test_a_file_with_headings_alone_is_empty() -> None:
    judged = judge_terms(TERMS.splitlines()[0].encode(), {})
    assert [each.fault.value for each in judged.rejected] == ["empty"]
