"""A doctor's wishes, and those of a couple, as the texts that the form and the file take."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from api.round_words import CONTRACT_FORMS, PARTNERS, POST_KINDS, REACHES
from api.services.round_cells import NOBODY
from api.services.round_own_joint import OwnJoint
from api.translation import N_, translate
from engine.candidates import Wishes
from features.catalogue import Language

Key = TypeVar("Key")


def wish_texts(wishes: Wishes, language: Language) -> dict[str, str]:
    """The text of every wish by its column; reading them again gives the same wishes."""
    return {
        "own_ranking": " > ".join(wishes.own_ranking or ()),
        "factor_weights": "; ".join(f"{factor}={weight:g}" for factor, weight in wishes.factor_weights),
        "contract_forms": _named(wishes.contract_forms, CONTRACT_FORMS, language),
        "counties": ", ".join(sorted(wishes.counties or ())),
        "list_limit": str(wishes.list_limit),
        "partner_occupation_group": translate(PARTNERS[wishes.partner_occupation_group], language),
        "latest_start": wishes.latest_start.isoformat() if wishes.latest_start else "",
        "oncall_rota_min": str(wishes.oncall_rota_min or ""),
        "list_length_max": "" if wishes.list_length_max is None else str(wishes.list_length_max),
        "wants_supervisor": translate(N_("ja"), language)
        if wishes.wants_supervisor
        else translate(N_("nei"), language),
        "unwanted_kinds": _named(wishes.unwanted_kinds, POST_KINDS, language),
    }


def joint_texts(joint: OwnJoint, language: Language) -> dict[str, str]:
    """The text of everything that is wished for together; reading it again gives the same."""
    nobody, yes, no = (translate(text, language) for text in (NOBODY, N_("ja"), N_("nei")))
    pairs = (f"{first or nobody} + {second or nobody}" for first, second in joint.own_ranking or ())
    return {
        "partner_id": joint.partner_id,
        "reach": translate(REACHES[joint.reach], language),
        "takes_one": yes if joint.takes_one else no,
        "own_ranking": " > ".join(pairs),
    }


def _named(chosen: Iterable[Key], names: Mapping[Key, str], language: Language) -> str:
    kept = set(chosen)
    return ", ".join(translate(name, language) for key, name in names.items() if key in kept)
