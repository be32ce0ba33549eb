"""What would make a vacancy attractive: how doctors who qualify rank a post, and what each lever would change.

Each lever is tried by running the rounds again with the post changed and everything else as it was. What comes out is
counts of doctors: who they are, and what they wish otherwise, is not told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import polars as pl

from engine.candidates import Candidate, ContractForm
from engine.own_lists import ineligible_pairs, own_lists_of
from engine.posts import Post
from engine.ranking import lottery_places, post_order
from engine.round_figures import SMALLEST_COUNT, told
from engine.rules import read_rules
from engine.stable_matching import deferred_acceptance
from features.errors import InvalidInputError, UnknownKeyError

TOP = 5


class Lever(StrEnum):
    """What a municipality can change about a post to make it more attractive."""

    CONTRACT_OPTION = "contract_option"
    ONCALL_LESS_OFTEN = "oncall_less_often"
    SUPERVISOR = "supervisor"
    PARTNER_SERVICE = "partner_service"


@dataclass(frozen=True, slots=True)
class LeverSetting:
    """A lever and how far: the form of contract to offer beside the advertised, or N of a 1-in-N rota."""

    lever: Lever
    contract_form: ContractForm | None = None
    oncall_rota_n: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a post stands with the doctors of a round, on average over the rounds; None where few doctors are behind it.

    ``eligible`` qualify; of those ``ranked`` have it on their own list, ``in_top`` among their best five, and
    ``matched`` are proposed.
    """

    eligible: float | None
    ranked: float | None
    in_top: float | None
    matched: float | None


@dataclass(frozen=True, slots=True)
class LeverEffect:
    """How the post would stand with one lever pulled. A figure is None, too, where under five doctors would change."""

    setting: LeverSetting
    standing: Standing


@dataclass(frozen=True, slots=True)
class Attractiveness:
    """How a post stands, and how it would with each lever; ``simulated`` where any part of a round is made up."""

    post_id: str
    rounds: int
    candidates: int
    top: int
    simulated: bool
    now: Standing
    levers: tuple[LeverEffect, ...]


@dataclass(frozen=True, slots=True)
class _Counted:
    """Doctors behind each figure of a standing, told apart by round."""

    eligible: frozenset[tuple[int, str]]
    ranked: frozenset[tuple[int, str]]
    in_top: frozenset[tuple[int, str]]
    matched: frozenset[tuple[int, str]]


def post_attractiveness(
    rounds: Sequence[Sequence[Candidate]],
    posts: Sequence[Post],
    factor_scores: pl.DataFrame,
    post_id: str,
    *,
    lottery_seed: str,
    today: date,
) -> Attractiveness:
    """How doctors rank a post and what each lever would change, over one real round or several simulated ones.

    A figure is the mean number of doctors in a round. It is withheld where fewer than five doctors of all rounds
    together are behind it (or all but so few), and with a lever also where between one and four doctors make the
    difference. With one round of real doctors that is the rule k = 5; several simulated rounds tell small shares.

    Wishes act through limits and weights: a form of contract, an on-call rota and a supervisor through limits, a
    partner service through the weight on a partner's jobs (an assumption, ``parameters/candidate_wishes.toml``). The
    other posts stay as they are: a municipality that pulls a lever draws doctors from others.

    Raises
    ------
    UnknownKeyError
        There is no such post.
    InvalidInputError
        There is no round.

    References
    ----------
    Domain section 5.2, output 2. Levers: Abelsen et al. (2020), Recruit & Retain.
    """
    by_name = {post.post_id: post for post in sorted(posts, key=lambda post: post.post_id)}
    if post_id not in by_name:
        raise UnknownKeyError("post", post_id, tuple(by_name))
    if not rounds:
        raise InvalidInputError("rounds", rounds, "at least one round of candidates")
    people = sum(map(len, rounds))

    def counted(post: Post) -> _Counted:
        return _counted(rounds, by_name | {post_id: post}, factor_scores, post_id, lottery_seed, today)

    now = counted(by_name[post_id])
    return Attractiveness(
        post_id=post_id,
        rounds=len(rounds),
        candidates=people,
        top=TOP,
        simulated=any(doctor.simulated for doctors in rounds for doctor in doctors)
        or any(post.simulated_fields for post in posts),
        now=_standing(now, now, people, len(rounds)),
        levers=tuple(
            LeverEffect(setting, _standing(counted(with_lever(by_name[post_id], setting)), now, people, len(rounds)))
            for setting in open_levers(by_name[post_id], today)
        ),
    )


def open_levers(post: Post, today: date) -> tuple[LeverSetting, ...]:
    """Levers not pulled yet: each form of contract not offered, a rarer rota, a supervisor, a partner service.

    The rota tried is an assumption: one in eight, which the catalogue counts as good.
    """
    rota = int(read_rules("candidate_wishes").number("oncall_rota_tried", today))
    forms = (form for form in ContractForm if form not in post.contract_forms)
    found = [LeverSetting(Lever.CONTRACT_OPTION, contract_form=form) for form in forms]
    if post.oncall_rota_n is None or 0 < post.oncall_rota_n < rota:
        found.append(LeverSetting(Lever.ONCALL_LESS_OFTEN, oncall_rota_n=rota))
    if not post.has_supervisor:
        found.append(LeverSetting(Lever.SUPERVISOR))
    if not post.has_partner_service:
        found.append(LeverSetting(Lever.PARTNER_SERVICE))
    return tuple(found)


def with_lever(post: Post, setting: LeverSetting) -> Post:
    """Give the post with one lever pulled."""
    match setting:
        case LeverSetting(Lever.CONTRACT_OPTION, contract_form=ContractForm() as form):
            return replace(post, other_contract_forms=post.other_contract_forms | {form})
        case LeverSetting(Lever.ONCALL_LESS_OFTEN, oncall_rota_n=int() as rota):
            return replace(post, oncall_rota_n=rota)
        case LeverSetting(Lever.SUPERVISOR):
            return replace(post, has_supervisor=True)
        case LeverSetting(Lever.PARTNER_SERVICE):
            return replace(post, has_partner_service=True)
    raise InvalidInputError("setting", setting, "a form of contract for an option, a number for a rota")


def _counted(
    rounds: Sequence[Sequence[Candidate]],
    posts: dict[str, Post],
    factor_scores: pl.DataFrame,
    post_id: str,
    lottery_seed: str,
    today: date,
) -> _Counted:
    found: list[list[tuple[int, str]]] = [[], [], [], []]
    for number, candidates in enumerate(rounds):
        for figure, names in enumerate(_names(candidates, posts, factor_scores, post_id, lottery_seed, today)):
            found[figure] += [(number, name) for name in names]
    return _Counted(*map(frozenset, found))


def _names(
    candidates: Sequence[Candidate],
    posts: dict[str, Post],
    factor_scores: pl.DataFrame,
    post_id: str,
    lottery_seed: str,
    today: date,
) -> Iterator[Sequence[str]]:
    """Doctors who qualify for the post, rank it, have it among their best, and are proposed; the round unpublished."""
    doctors = {doctor.candidate_id: doctor for doctor in sorted(candidates, key=lambda doctor: doctor.candidate_id)}
    formal = {name: doctor.qualifications for name, doctor in doctors.items()}
    reasons = ineligible_pairs(formal, posts)
    lists = {name: own.listed for name, own in own_lists_of(doctors, posts, factor_scores, reasons, today).items()}
    places = lottery_places(lottery_seed, doctors)
    orders = {
        at: post_order(post, [own for name, own in formal.items() if (name, at) not in reasons], places)
        for at, post in posts.items()
    }
    matching = deferred_acceptance(lists, orders, {at: post.capacity for at, post in posts.items()})
    yield [name for name in formal if (name, post_id) not in reasons]
    yield [name for name, listed in lists.items() if post_id in listed]
    yield [name for name, listed in lists.items() if post_id in listed[:TOP]]
    yield [name for name, at in matching.items() if at == post_id]


def _standing(counted: _Counted, now: _Counted, people: int, rounds: int) -> Standing:
    def figure(doctors: frozenset[tuple[int, str]], before: frozenset[tuple[int, str]]) -> float | None:
        total, moved = told(len(doctors), of=people), len(doctors ^ before)
        return None if total is None or 0 < moved < SMALLEST_COUNT else total / rounds

    return Standing(
        figure(counted.eligible, now.eligible),
        figure(counted.ranked, now.ranked),
        figure(counted.in_top, now.in_top),
        figure(counted.matched, now.matched),
    )
