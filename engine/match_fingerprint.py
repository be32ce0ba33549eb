"""Fingerprint of a round's inputs, so that a logged proposal can be tied to what it was made from."""

import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from hashlib import sha256

import polars as pl

from engine.candidates import Candidate
from engine.posts import Post
from engine.round_terms import NO_TERMS, RoundTerms
from engine.rules import PARAMETERS

PARAMETER_FILES = ("candidate_wishes.toml", "eligibility.toml")


def public_fingerprint(
    candidates: Iterable[Candidate],
    posts: Iterable[Post],
    factor_scores: pl.DataFrame,
    seed: str,
    today: date,
    terms: RoundTerms = NO_TERMS,
) -> str:
    """Give SHA-256 (64 hex digits) of all inputs but the wishes.

    Equal inputs give equal fingerprints whatever the order of candidates, posts and rows, and whether a number is
    written 1 or 1.0. The rules that apply are part of the inputs. Wishes are not: whoever knows everything but one
    candidate's wishes could try wishes until an unkeyed checksum fits. Two rounds that differ in wishes alone
    therefore have the same fingerprint: couples' joint wishes are wishes, and labour-market regions enter nothing else.
    What posts share is covered where there is any.

    Examples
    --------
    >>> frame = pl.DataFrame({"municipality_code": ["5001"], "factor": ["workload"], "score": [50.0]})
    >>> len(public_fingerprint([], [], frame, "2026-1", date(2026, 1, 1)))
    64
    """
    formal = sorted((doctor.qualifications for doctor in candidates), key=lambda own: own.candidate_id)
    scores = factor_scores.select("municipality_code", "factor", pl.col("score").cast(pl.Float64))
    content: dict[str, object] = {
        "qualifications": [_plain(own) for own in formal],
        "posts": [_plain(post) for post in sorted(posts, key=lambda post: post.post_id)],
        "factor_scores": scores.sort("municipality_code", "factor", "score").rows(),
        "lottery_seed": seed,
        "today": today.isoformat(),
        "rules": {name: sha256((PARAMETERS / name).read_bytes()).hexdigest() for name in PARAMETER_FILES},
    }
    if terms != NO_TERMS:
        content["terms"] = {
            "limits": [_plain(limit) for limit in sorted(terms.limits, key=lambda limit: limit.limit_id)],
            "reversions": [_plain(each) for each in sorted(terms.reversions, key=lambda each: each.from_post)],
            "minimums": [_plain(quota) for quota in sorted(terms.minimums, key=lambda quota: quota.quota_id)],
        }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        own = {part.name: getattr(value, part.name) for part in fields(value)}
        floats = {part.name for part in fields(value) if part.type is float}
        return {name: float(held) if name in floats else _plain(held) for name, held in own.items()}
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
