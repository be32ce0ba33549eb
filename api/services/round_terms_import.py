"""Takes in what posts of a round share, from a file, before the adverts are sealed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from api.services.round_columns import RoundFile
from api.services.round_import import ImportFault, Judged, RejectedError, judged_rows
from api.services.round_log import RoundAction
from api.services.round_steps import RoundStep
from api.services.round_terms import TERMS, Term, TermKind
from api.services.rounds import advance, posts_of
from api.storage.round_repository import changing
from engine.posts import Post
from engine.shared_limits import supervision_limit


def import_terms(engine: Engine, round_id: int, content: bytes, now: datetime) -> Judged[Term]:
    """Take in a file of terms in place of those that are there; with any rejected row nothing changes."""
    with changing(engine, round_id) as book:
        advance(book, RoundStep.BRING_TERMS)
        judged = judge_terms(content, {post.post_id: post for post in posts_of(book)})
        if judged.rejected:
            book.discard()
            return judged
        book.row.terms = TERMS.dump_json(judged.accepted).decode()
        book.note(now, RoundAction.TERMS_IMPORTED, {"terms": len(judged.accepted)})
    return judged


def remove_terms(engine: Engine, round_id: int, now: datetime) -> None:
    """Take away what the posts share, before the adverts are sealed."""
    with changing(engine, round_id) as book:
        advance(book, RoundStep.BRING_TERMS)
        book.row.terms = None
        book.note(now, RoundAction.TERMS_REMOVED, {})


def judge_terms(content: bytes, posts: Mapping[str, Post]) -> Judged[Term]:
    """Terms of a file, for these posts."""
    return judged_rows(content, RoundFile.TERMS, "term_id", _reader(posts))


def _reader(posts: Mapping[str, Post]) -> Callable[[dict[str, Any]], Term]:
    emptied: set[str] = set()

    def read(values: dict[str, Any]) -> Term:
        term = Term(**values)
        if absent := [name for name in term.posts if name not in posts]:
            raise RejectedError("posts", ImportFault.UNKNOWN_POST, absent[0][:60])
        if term.kind is not TermKind.REVERSION:
            return _numbered(term, [posts[name] for name in term.posts])
        _check_reversion(term, values, emptied)
        emptied.add(term.posts[0])
        return term

    return read


def _check_reversion(term: Term, values: Mapping[str, Any], emptied: set[str]) -> None:
    if given := [name for name in ("number", "hours") if name in values]:
        raise RejectedError(given[0], ImportFault.NOT_FOR_KIND, str(values[given[0]]))
    if len(term.posts) != 2:
        raise RejectedError("posts", ImportFault.NOT_AS_EXPECTED, ", ".join(term.posts)[:60])
    if term.posts[0] in emptied:
        raise RejectedError("posts", ImportFault.DUPLICATE, term.posts[0])


def _numbered(term: Term, posts: Sequence[Post]) -> Term:
    """The term with its number of doctors, from hours where those are given."""
    if term.hours is not None:
        if term.kind is not TermKind.SUPERVISION:
            raise RejectedError("hours", ImportFault.NOT_FOR_KIND, f"{term.hours:g}")
        if term.number is not None:
            raise RejectedError("hours", ImportFault.NUMBER_AND_HOURS, f"{term.hours:g}")
        starts_on = max(post.starts_on for post in posts)  # by the law in force when the last post starts
        return replace(term, number=supervision_limit(term.term_id, term.hours, term.posts, starts_on).capacity)
    if term.number is None:
        raise RejectedError("number", ImportFault.MISSING, "")
    if term.kind is TermKind.MINIMUM:
        if term.number < 1:
            raise RejectedError("number", ImportFault.NOT_AS_EXPECTED, str(term.number))
        if term.number > sum(post.capacity for post in posts):
            raise RejectedError("number", ImportFault.MORE_THAN_PLACES, str(term.number))
    return term
