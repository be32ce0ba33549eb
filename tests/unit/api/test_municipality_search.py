import pytest

from api.services.municipality_search import LONGEST_QUERY, SearchResult, find_municipality, norwegian_order, suggestion
from api.services.profile import all_facts
from api.services.world import World


def found(world: World, query: str) -> SearchResult:
    return find_municipality(query, all_facts(world), world.snapshot)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("Trondheim", "5001"),
        ("  trondheim kommune ", "5001"),
        ("5001", "5001"),
        ("Våler (3419)", "3419"),
        ("alesund", "1508"),
        ("Aalesund", "1508"),
        ("nord-aurdal", "3451"),
        ("NORDAURDAL", "3451"),
    ],
)
def test_a_name_or_number_leads_to_its_municipality(world: World, query: str, code: str) -> None:
    assert found(world, query).exact == code


def test_a_shared_name_gives_both(world: World) -> None:
    result = found(world, "Herøy")
    assert result.exact is None
    assert {place.code for place in result.hits} == {"1515", "1818"}


@pytest.mark.parametrize(("query", "own", "postal"), [("1506", "1506", "3103"), ("5014", "5014", "4601")])
def test_a_number_that_is_a_postal_code_elsewhere_gives_both(world: World, query: str, own: str, postal: str) -> None:
    result = found(world, query)
    assert result.exact is None
    assert [place.code for place in result.hits] == [own]
    assert [place.code for place in result.postal] == [postal]
    assert found(world, f"Stedet ({query})").exact == own


def test_an_old_number_gives_what_it_became_and_the_postal_code_of_the_same_digits(world: World) -> None:
    result = found(world, "1601")
    assert [place.code for place in result.became] == ["5001"]
    assert [place.name for place in result.postal] == ["Fredrikstad"]


def test_an_old_name_gives_every_municipality_it_was_split_into(world: World) -> None:
    assert {place.name for place in found(world, "Snillfjord").became} == {"Heim", "Hitra", "Orkland"}


def test_a_part_of_a_name_gives_those_that_begin_with_it_first(world: World) -> None:
    hits = [place.name for place in found(world, "nord").hits]
    assert hits[0].startswith("Nord")
    assert any("nord" in name and not name.startswith("Nord") for name in (hit.casefold() for hit in hits))


def test_a_misspelt_name_gives_a_close_one(world: World) -> None:
    assert found(world, "Tromdheim").close[0].name == "Trondheim"


@pytest.mark.parametrize(
    "query", ["", "   ", "<script>alert(1)</script>", "🦄", "x" * 10_000, "%00\x00", "0000", "((("]
)
def test_nonsense_gives_nothing_and_no_error(world: World, query: str) -> None:
    result = found(world, query)
    assert len(result.query) <= LONGEST_QUERY
    assert (result.exact, result.became, result.hits) == (None, (), ())


def test_the_order_is_the_norwegian_alphabet() -> None:
    assert sorted(["Åmot", "Ørland", "Ærøy", "Asker", "Zoo"], key=norwegian_order) == [
        "Asker",
        "Zoo",
        "Ærøy",
        "Ørland",
        "Åmot",
    ]


def test_what_the_box_suggests_leads_to_one_municipality(world: World) -> None:
    facts = all_facts(world)
    texts = [suggestion(place, facts) for place in facts]
    assert len(set(texts)) == len(facts)
    assert [found(world, text).exact for text in texts[:40]] == [place.code for place in facts[:40]]
