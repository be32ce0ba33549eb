"""Addresses of the pages: bokmål at the root, the other languages under their code."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.requests import Request

from api.translation import LANGUAGES
from features.catalogue import Language

LANGUAGE_NAMES: dict[Language, str] = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}


@dataclass(frozen=True, slots=True)
class Alternate:
    """The same page in one language."""

    language: Language
    name: str
    href: str
    is_current: bool


def page_language(request: Request) -> Language:
    """Language that the address asks for."""
    first = request.url.path.split("/", 2)[1:2]
    return next((language for language in LANGUAGES[1:] if first == [language]), LANGUAGES[0])


def prefix(language: Language) -> str:
    """What the addresses of a language begin with."""
    return "" if language == LANGUAGES[0] else f"/{language}"


def front_address(language: Language, **parameters: str) -> str:
    """Address of the front page, with the parameters that are not empty."""
    given = {name: value for name, value in parameters.items() if value}
    return f"{prefix(language)}/" + (f"?{urlencode(given)}" if given else "")


def municipality_address(language: Language, code: str) -> str:
    """Address of a municipality's page."""
    return f"{prefix(language)}/kommuner/{quote(code, safe='')}"


def own_data_address(language: Language, code: str) -> str:
    """Address of the page where a municipality tells what only it knows."""
    return f"{municipality_address(language, code)}/egne-tall"


def assessment_address(language: Language, code: str) -> str:
    """Address of the page of a municipality's self-assessment."""
    return f"{municipality_address(language, code)}/egenvurdering"


def compare_address(language: Language, *codes: str) -> str:
    """Address of the page that sets municipalities side by side."""
    return f"{prefix(language)}/sammenlign?{urlencode({'kommuner': ','.join(codes)}, safe=',')}"


def data_address(language: Language) -> str:
    """Address of the catalogue of tables and downloads."""
    return f"{prefix(language)}/data"


def table_address(language: Language, name: str) -> str:
    """Address of the page about one download."""
    return f"{data_address(language)}/tabeller/{quote(name, safe='')}"


def indicators_address(language: Language, **parameters: str) -> str:
    """Address of the dictionary of indicators, with the parameters that are not empty."""
    given = {name: value for name, value in parameters.items() if value}
    return f"{data_address(language)}/indikatorer" + (f"?{urlencode(given)}" if given else "")


def methods_address(language: Language) -> str:
    """Address of the page that tells how figures become scores."""
    return f"{prefix(language)}/metode"


def post_address(language: Language, **parameters: str) -> str:
    """Address of the page that tells how long doctors stay in a described post, with the parameters not empty."""
    given = {name: value for name, value in parameters.items() if value}
    return f"{prefix(language)}/varighet" + (f"?{urlencode(given)}" if given else "")


def curves_address(language: Language, by: str = "", ending: str = "") -> str:
    """Address of the curves by group, or of the drawing alone with the ending `.svg`."""
    return f"{post_address(language)}/kurver{ending}" + (f"?{urlencode({'etter': by})}" if by else "")


def model_address(language: Language, ending: str = "") -> str:
    """Address of the report on the retention model, or of it as a file with the ending `.html`."""
    return f"{post_address(language)}/modell{ending}"


def places_address(language: Language) -> str:
    """Address of the page where a doctor finds places that suit the own wishes."""
    return f"{prefix(language)}/lege"


def vacancies_address(language: Language) -> str:
    """Address of the list of vacant posts."""
    return f"{prefix(language)}/stilling"


def vacancy_address(language: Language, post_id: str) -> str:
    """Address of a vacant post's page."""
    return f"{vacancies_address(language)}/{quote(post_id, safe='')}"


def docs_address(language: Language) -> str:
    """Address of the API's own documentation."""
    return f"{prefix(language)}/docs"


def search_address(language: Language) -> str:
    """Address that the search box sends to."""
    return f"{prefix(language)}/kommuner/finn"


def alternates(request: Request) -> tuple[Alternate, ...]:
    """The page asked for in every language, parameters kept."""
    current = page_language(request)
    # One slash at the start: two would make the rest of the path a host.
    bare = "/" + request.url.path.removeprefix(prefix(current)).lstrip("/")
    query = f"?{request.url.query}" if request.url.query else ""
    return tuple(
        Alternate(language, LANGUAGE_NAMES[language], prefix(language) + quote(bare) + query, language == current)
        for language in LANGUAGES
    )
