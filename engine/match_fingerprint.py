"""Fingerprints of a round's inputs, so that a logged proposal can be tied to what it was made from."""

import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from hashlib import sha256

import polars as pl

from engine.candidates import Candidate
from engine.posts import Post
from engine.rules import PARAMETERS

PARAMETER_FILES = ("candidate_wishes.toml", "eligibility.toml")


def input_fingerprints(
    candidates: Iterable[Candidate], posts: Iterable[Post], factor_scores: pl.DataFrame, seed: str, today: date
) -> tuple[str, str]:
    """Give SHA-256 (64 hex digits) of all inputs, and of all inputs but the wishes.

    Equal inputs give equal fingerprints whatever the order of candidates, posts and rows. The rules that apply are
    part of the inputs. The first fingerprint must not reach employers: whoever knows everything but one candidate's
    wishes could try wishes until it fits. The second holds none.

    Examples
    --------
    >>> frame = pl.DataFrame({"municipality_code": ["5001"], "factor": ["workload"], "score": [50.0]})
    >>> full, public = input_fingerprints([], [], frame, "2026-1", date(2026, 1, 1))
    >>> len(full), full == public
    (64, False)
    """
    doctors = sorted(candidates, key=lambda doctor: doctor.candidate_id)
    scores = factor_scores.select("municipality_code", "factor", "score").sort("municipality_code", "factor", "score")
    public = {
        "qualifications": [_plain(doctor.qualifications) for doctor in doctors],
        "posts": [_plain(post) for post in sorted(posts, key=lambda post: post.post_id)],
        "factor_scores": scores.rows(),
        "lottery_seed": seed,
        "today": today.isoformat(),
        "rules": {name: sha256((PARAMETERS / name).read_bytes()).hexdigest() for name in PARAMETER_FILES},
    }
    everything = public | {"wishes": [_plain(doctor.wishes) for doctor in doctors]}
    return _digest(everything), _digest(public)


def _digest(content: object) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
