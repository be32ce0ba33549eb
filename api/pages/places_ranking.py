"""The doctor's own ranking of vacant posts: read from what was typed, by post or by municipality."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from api.pages.form_reader import FormReader
from api.translation import N_

RANKING = "rekkefolge"
PICKED = "velg"
ADD = "legg-til"
LONGEST_RANKING = 4000

NO_SUCH_POST = N_("«{given}» er ingen ledig stilling. Skriv kommunen eller nummeret som det står i listen.")
SEVERAL_POSTS = N_("Flere stillinger passer med «{given}». Skriv nummeret: {posts}.")
TWICE = N_("«{given}» står to ganger. Behold den ene.")

Choices = Mapping[str, str]
"""Names of the municipalities of vacant posts, by post."""
NO_POSTS: Choices = MappingProxyType({})


def read_ranking(reader: FormReader, choices: Choices) -> tuple[str, ...] | None:
    """Posts in the order they were typed, best first; None where nothing was, or something is wrong."""
    found: list[str] = []
    for given in re.split(r"[>;,\n]", reader.texts[RANKING]):
        if not given.strip():
            continue
        post = _post(given.strip(), reader, choices)
        if post is None:
            return None
        if post in found:
            reader.wrong(RANKING, TWICE, given=given.strip()[:60])
            return None
        found.append(post)
    return tuple(found) or None


def with_picked(ranking: str, picked: str, choices: Choices) -> str:
    """The typed ranking with a picked post at its end, by the post's number."""
    kept = ranking.strip().rstrip(">;,").strip()
    if picked not in choices:
        return kept
    return f"{kept} > {picked}" if kept else picked


def _post(given: str, reader: FormReader, choices: Choices) -> str | None:
    wanted = given.casefold()
    if wanted.upper() in choices:
        return wanted.upper()
    found = _named(wanted, choices)
    if not found:
        reader.wrong(RANKING, NO_SUCH_POST, given=given[:60])
    elif len(found) > 1:
        reader.wrong(RANKING, SEVERAL_POSTS, given=given[:60], posts=", ".join(found))
    return found[0] if len(found) == 1 else None


def _named(wanted: str, choices: Choices) -> list[str]:
    """Posts in the municipality of this name; a name in Norwegian and Sámi counts by either."""

    def parts(name: str) -> Iterable[str]:
        return (name, *re.split(r"\s+[-–]\s+|/", name))

    return sorted(post for post, name in choices.items() if wanted in {each.casefold() for each in parts(name)})
