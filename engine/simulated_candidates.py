"""Doctors who do not exist, for the default round: formal standing and wishes, no protected attribute."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from numpy.random import Generator

from engine.candidates import Candidate, ContractForm, LanguageLevel, PartnerOccupation, Qualifications, Wishes
from engine.rules import DAYS_PER_MONTH, RuleBook, read_rules
from features.errors import InvalidInputError

SHORTEST_LIST = 5
SMALLEST_ROTA_LIMIT = 2
ACCEPTS = {
    ContractForm.SELF_EMPLOYED: "accepts_self_employed_share",
    ContractForm.COOPERATION_8_2: "accepts_cooperation_share",
    ContractForm.SALARIED: "accepts_salaried_share",
    ContractForm.MUNICIPAL_OPERATED: "accepts_municipal_operated_share",
}


def simulate_candidates(
    n: int, county_codes: Sequence[str], factor_keys: Sequence[str], rng: Generator, *, today: date
) -> tuple[Candidate, ...]:
    """Simulate doctors ``SIM-0001`` … with qualifications and wishes.

    Each share in ``parameters/simulated_round.toml`` is a published figure or a marked assumption; for doctors only
    the share of specialists (0.632 of GPs, May 2024) is a figure. Sex, age, origin and family are not drawn: nothing
    in the engine could hold them. The doctors show how a round works; they forecast nothing about real applicants.

    Parameters
    ----------
    n
        Number of doctors (>= 0).
    county_codes, factor_keys
        Counties and factors to draw wishes from, in any order; repeats do not count.
    rng
        Random generator; the same seed gives the same doctors.
    today
        Day of the round; availability is counted from it.

    Raises
    ------
    InvalidInputError
        `n` is negative, or there are no counties or factors.

    Examples
    --------
    >>> from numpy.random import default_rng
    >>> doctors = simulate_candidates(3, ["50", "18"], ["workload"], default_rng(1), today=date(2026, 1, 1))
    >>> [doctor.candidate_id for doctor in doctors], all(doctor.simulated for doctor in doctors)
    (['SIM-0001', 'SIM-0002', 'SIM-0003'], True)
    """
    if n < 0:
        raise InvalidInputError("n", n, "0 or more")
    counties, factors = sorted(set(county_codes)), sorted(set(factor_keys))
    if not counties or not factors:
        raise InvalidInputError("county_codes, factor_keys", (counties, factors), "at least one of each")
    book = read_rules("simulated_round")
    (limits,) = rng.spawn(1)  # of their own: what is drawn for them moves nothing else
    names = [f"SIM-{number:04d}" for number in range(1, n + 1)]
    return tuple(
        Candidate(
            _qualifications(name, rng, book, today),
            replace(
                _wishes(name, counties, factors, rng, book, today), oncall_rota_min=_rota_limit(limits, book, today)
            ),
            True,
        )
        for name in names
    )


def _rota_limit(rng: Generator, book: RuleBook, today: date) -> int | None:
    """N of the rota that a doctor accepts at most; None for those without a limit. Two draws each time."""
    has_limit = rng.random() < book.number("oncall_limit_share", today)
    rota = SMALLEST_ROTA_LIMIT + int(rng.poisson(book.number("oncall_limit_mean", today) - SMALLEST_ROTA_LIMIT))
    return rota if has_limit else None


def _qualifications(name: str, rng: Generator, book: RuleBook, today: date) -> Qualifications:
    def drawn(key: str) -> bool:
        return bool(rng.random() < book.number(key, today))

    is_specialist = drawn("specialist_share")
    in_training = drawn("training_share") and not is_specialist
    lis1_complete = drawn("lis1_share") or is_specialist
    is_documented = drawn("language_documented_share")
    lower_levels = (LanguageLevel.NONE, LanguageLevel.B1, LanguageLevel.B2, LanguageLevel.C1)
    lower_level = lower_levels[int(rng.integers(len(lower_levels)))]
    notice_days = rng.uniform(0, book.number("notice_months_max", today)) * DAYS_PER_MONTH
    part_time = float(rng.integers(5, 10)) / 10
    return Qualifications(
        candidate_id=name,
        authorised=drawn("authorised_share"),
        lis1_complete=lis1_complete,
        is_specialist=is_specialist,
        in_training=in_training,
        language_level=LanguageLevel.C2 if is_documented else lower_level,
        available_from=today + timedelta(days=int(notice_days)),
        fte=1.0 if drawn("full_time_share") else part_time,
    )


def _wishes(
    name: str, counties: Sequence[str], factors: Sequence[str], rng: Generator, book: RuleBook, today: date
) -> Wishes:
    def number(key: str) -> float:
        return book.number(key, today)

    weights = rng.dirichlet([number("weight_concentration")] * len(factors))
    none, higher = number("partner_none_share"), number("partner_higher_education_share")
    draw = float(rng.random())
    if draw < none:
        partner = PartnerOccupation.NONE
    else:
        partner = PartnerOccupation.HIGHER_EDUCATION if draw < none + higher else PartnerOccupation.OTHER
    forms = frozenset(form for form, key in ACCEPTS.items() if rng.random() < number(key))
    wanted = min(len(counties), 1 + int(rng.poisson(number("counties_mean") - 1)))
    chosen = frozenset(str(code) for code in rng.choice(counties, size=wanted, replace=False))
    longest = max(SHORTEST_LIST, int(number("list_limit_max")))
    return Wishes(
        candidate_id=name,
        factor_weights=tuple(zip(factors, (round(float(weight), 6) for weight in weights), strict=True)),
        partner_occupation_group=partner,
        contract_forms=forms or frozenset({ContractForm.SALARIED}),
        counties=None if rng.random() < number("anywhere_share") else chosen,
        list_limit=int(rng.integers(SHORTEST_LIST, longest + 1)),
    )
