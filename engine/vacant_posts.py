"""Posts from the real number of lists without a GP; what no register holds is simulated and says so."""

from datetime import date, timedelta

import polars as pl
from numpy.random import Generator

from engine.candidates import ContractForm, LanguageLevel, PostKind
from engine.legal_sources import default_language_minimum
from engine.posts import Post, QualificationGroup, Requirements
from engine.rules import DAYS_PER_MONTH, RuleBook, read_rules
from features.errors import InvalidInputError, UnknownMunicipalityError

MEASURE = "lists_without_gp"
REMOTE_CLASSES = (5, 6)
SIMULATED_FIELDS = (
    "contract_form",
    "has_supervisor",
    "starts_on",
    "requirements",
    "tiers",
    "tiers_set_on",
    "kinds",
    "oncall_rota_n",
)
SMALLEST_ROTA = 2
SPECIALIST, TRAINEE = frozenset({QualificationGroup.SPECIALIST}), frozenset({QualificationGroup.TRAINEE})


def vacant_lists(gp_lists: pl.DataFrame) -> pl.DataFrame:
    """Count lists without a GP in the newest year that has the measure, where above 0.

    The columns are ``municipality_code`` (ascending) and ``vacant`` (lists, >= 1). Municipalities without figures have
    no row: missing is not 0.

    Raises
    ------
    InvalidInputError
        The measure is absent, or a value is no whole number.

    References
    ----------
    Statistics Norway, table 12005.
    """
    newest = (
        gp_lists.filter(pl.col("measure") == MEASURE)
        .filter(pl.col("year") == pl.col("year").max())
        .select("municipality_code", pl.col("value").alias("vacant"))
        .sort("municipality_code")
    )
    if newest.is_empty():
        raise InvalidInputError("gp_lists", sorted(gp_lists["measure"].unique()), f"the measure {MEASURE!r}")
    if broken := newest.filter(pl.col("vacant") != pl.col("vacant").round()).rows():
        raise InvalidInputError(MEASURE, broken[0], "a whole number of lists")
    return newest.filter(pl.col("vacant") > 0).with_columns(pl.col("vacant").cast(pl.Int64))


def posts_from_vacant_lists(
    gp_lists: pl.DataFrame, municipalities: pl.DataFrame, rng: Generator, *, today: date
) -> tuple[Post, ...]:
    """One post per municipality with lists that have no GP, its capacity their real number, by municipality code.

    Contract form, supervisor, on-call rota, dates, requirements and tiers are drawn from
    ``parameters/simulated_round.toml`` and named in each post's ``simulated_fields``. Draws do not depend on the order
    of rows.

    Parameters
    ----------
    gp_lists, municipalities
        Frames of the contracts ``GpLists`` and ``Municipality``.
    rng
        Random generator for the simulated fields.
    today
        Day of the round; start dates are counted from it and the tiers are set on it.

    Raises
    ------
    InvalidInputError
        The measure is absent, or a value is no whole number.
    UnknownMunicipalityError
        A code with vacant lists is not among the municipalities.
    """
    book, language = read_rules("simulated_round"), default_language_minimum(today)
    columns = municipalities.select("municipality_code", "county_code", "centrality_class")
    place = {code: (county, centrality in REMOTE_CLASSES) for code, county, centrality in columns.iter_rows()}
    (rotas,) = rng.spawn(1)  # of their own: what is drawn for them moves nothing else
    posts = []
    for code, vacant in vacant_lists(gp_lists).iter_rows():
        if code not in place:
            raise UnknownMunicipalityError(code)
        county, is_remote = place[code]
        suffix = "_remote" if is_remote else ""
        rota = SMALLEST_ROTA + int(rotas.poisson(book.number(f"oncall_rota_mean{suffix}", today) - SMALLEST_ROTA))
        posts.append(_post(code, county, vacant, suffix, rota, language, rng, book, today))
    return tuple(posts)


def _post(
    code: str,
    county: str,
    capacity: int,
    suffix: str,
    rota: int,
    language: LanguageLevel,
    rng: Generator,
    book: RuleBook,
    today: date,
) -> Post:
    def number(key: str) -> float:
        return book.number(key, today)

    form = _contract_form(number(f"salaried_share{suffix}"), rng, book, today)
    has_supervisor = bool(rng.random() < number(f"supervisor_share{suffix}"))
    is_training_post = bool(rng.random() < number("training_post_share")) and has_supervisor
    fte_minimum = 1.0 if rng.random() < number("full_time_required_share") else 0.5
    starts_on = today + timedelta(days=int(number("start_months") * DAYS_PER_MONTH))
    grace = timedelta(days=int(number("start_grace_months") * DAYS_PER_MONTH))
    return Post(
        post_id=f"POST-{code}",
        municipality_code=code,
        county_code=county,
        contract_form=form,
        capacity=capacity,
        has_supervisor=has_supervisor,
        starts_on=starts_on,
        requirements=Requirements(language, starts_on + grace, fte_minimum),
        tiers=(TRAINEE, SPECIALIST) if is_training_post else (SPECIALIST, TRAINEE),
        tiers_set_on=today,
        simulated_fields=SIMULATED_FIELDS,
        kinds=frozenset({PostKind.GP_POST, PostKind.GP_TRAINEE} if is_training_post else {PostKind.GP_POST}),
        oncall_rota_n=rota,
    )


def _contract_form(salaried_share: float, rng: Generator, book: RuleBook, today: date) -> ContractForm:
    shares = (
        (ContractForm.SALARIED, salaried_share),
        (ContractForm.COOPERATION_8_2, book.number("cooperation_share", today)),
        (ContractForm.MUNICIPAL_OPERATED, book.number("municipal_operated_share", today)),
    )
    draw, below = float(rng.random()), 0.0
    for form, share in shares:
        below += share
        if draw < below:
            return form
    return ContractForm.SELF_EMPLOYED
