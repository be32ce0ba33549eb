"""The terms of a post as they are read, each unstated one left out."""

from dataclasses import dataclass

from api.formatting import Formats
from api.match_words import CONTRACT_FORMS, GROUPS, KINDS
from api.translation import N_, translate
from engine.candidates import ContractForm
from engine.posts import Post
from features.catalogue import Language

ROTA = N_("1 av {doctors}")
NO_ROTA = N_("ingen legevakt")
FTE_SPAN = N_("{least} til {most}")


@dataclass(frozen=True, slots=True)
class PostFacts:
    """A post's terms in words; None or empty where the post does not state it. ``is_simulated`` if any is made up."""

    forms: str
    kinds: str
    capacity: int
    rota: str | None
    supervisor: bool
    starts_on: str
    latest_start: str
    fte: str
    language_level: str
    groups: tuple[str, ...]
    partner_service: bool
    list_length: str | None
    is_simulated: bool


def post_facts(post: Post, language: Language) -> PostFacts:
    """Terms of a post in a language."""
    fmt, asked = Formats(language), post.requirements
    forms = [post.contract_form, *(form for form in ContractForm if form in post.other_contract_forms)]
    least, most = fmt.percent(asked.fte_minimum, 0), fmt.percent(asked.fte_maximum, 0)
    return PostFacts(
        forms=", ".join(translate(CONTRACT_FORMS[form], language) for form in forms),
        kinds=", ".join(translate(text, language) for kind, text in KINDS.items() if kind in post.kinds),
        capacity=post.capacity,
        rota=_rota(post.oncall_rota_n, language),
        supervisor=post.has_supervisor,
        starts_on=fmt.day(post.starts_on),
        latest_start=fmt.day(asked.latest_start),
        fte=least if least == most else translate(FTE_SPAN, language, least=least, most=most),
        language_level=asked.language_minimum.name,
        groups=tuple(
            ", ".join(translate(text, language) for group, text in GROUPS.items() if group in tier)
            for tier in post.tiers
        ),
        partner_service=post.has_partner_service,
        list_length=None if post.list_length is None else fmt.number(post.list_length),
        is_simulated=bool(post.simulated_fields),
    )


def _rota(doctors: int | None, language: Language) -> str | None:
    if doctors is None:
        return None
    return translate(ROTA, language, doctors=doctors) if doctors else translate(NO_ROTA, language)
