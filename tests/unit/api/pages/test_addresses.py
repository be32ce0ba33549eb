import pytest
from starlette.requests import Request

from api.pages.addresses import alternates, front_address, municipality_address, page_language
from features.catalogue import Language


def request(path: str, query: str = "") -> Request:
    return Request(
        {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "server": ("localhost", 80),
            "path": path,
            "query_string": query.encode(),
            "headers": [],
        }
    )


@pytest.mark.parametrize(
    ("path", "language"), [("/", "nb"), ("/nn/", "nn"), ("/en/kommuner/5001", "en"), ("/english", "nb"), ("/nn", "nn")]
)
def test_the_path_tells_the_language(path: str, language: Language) -> None:
    assert page_language(request(path)) == language


def test_the_same_page_in_other_languages_keeps_its_parameters() -> None:
    found = alternates(request("/nn/kommuner/5001", "a=1"))
    assert [alternate.href for alternate in found] == [
        "/kommuner/5001?a=1",
        "/nn/kommuner/5001?a=1",
        "/en/kommuner/5001?a=1",
    ]
    assert [alternate.is_current for alternate in found] == [False, True, False]


def test_a_strange_path_stays_inside_the_site() -> None:
    assert alternates(request("/nn//evil.example/"))[0].href.startswith("/")
    assert not alternates(request("/nn//evil.example/"))[0].href.startswith("//")
    assert municipality_address("nb", "../x") == "/kommuner/..%2Fx"


def test_parameters_that_are_empty_are_left_out() -> None:
    assert front_address("en", faktor="vacancy", fylke="") == "/en/?faktor=vacancy"
