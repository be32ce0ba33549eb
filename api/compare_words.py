"""Sentences about how sure the difference between municipalities is."""

from collections.abc import Mapping

from api.services.compare import ComparedFactor
from api.translation import N_, translate
from features.catalogue import Language

NONE_APART = N_("Intervallene overlapper. Forskjellene kan være tilfeldige.")
SOME_APART = N_("{pairs}. De andre intervallene overlapper.")
ALL_APART = N_("Ingen av intervallene overlapper. Fra høyest til lavest: {names}.")
PAIR = N_("{higher} over {lower}")
TOO_FEW = N_("For få av kommunene har poeng til at de kan sammenlignes.")


def apart_sentence(factor: ComparedFactor, names: Mapping[str, str], language: Language) -> str:
    """Which differences on a factor are larger than the intervals allow; `names` by municipality code."""
    if factor.with_score < 2:
        return translate(TOO_FEW, language)
    if not factor.apart:
        return translate(NONE_APART, language)
    if len(factor.apart) == factor.with_score * (factor.with_score - 1) // 2:
        known = sorted(
            (place.score, names[place.municipality_code]) for place in factor.places if place.score is not None
        )
        return translate(ALL_APART, language, names=", ".join(name for _, name in reversed(known)))
    below: dict[str, list[str]] = {}
    for pair in factor.apart:
        below.setdefault(pair.higher, []).append(names[pair.lower])
    told = (translate(PAIR, language, higher=names[higher], lower=", ".join(lower)) for higher, lower in below.items())
    return translate(SOME_APART, language, pairs="; ".join(told))
