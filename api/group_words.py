"""Names of the groups that contracts are gathered in."""

from api import words
from api.retention_words import STAGES
from api.translation import N_, translate
from features.catalogue import Language
from models.group_curves import GroupCurve

CLASS = N_("klasse {number}")


def group_name(curve: GroupCurve, language: Language) -> str:
    """A group in words."""
    if curve.by == "centrality_class":
        return translate(CLASS, language, number=curve.group)
    known = {**words.POPULATION_BANDS, **words.CONTRACT_FORMS, **STAGES}
    return translate(known.get(curve.group, curve.group), language)
