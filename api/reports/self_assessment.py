"""What ``stabil self-assessment`` prints."""

from api.console import Output, print_json, print_table, print_text, speaker
from api.formatting import Formats
from api.local_words import LIMITATIONS
from api.services.self_assessment import AssessmentRound
from features.catalogue import Language
from features.self_assessment import (
    SMALLEST_SIDE,
    AssessmentResult,
    Estimate,
    Questionnaire,
    SideResult,
    load_questionnaire,
)


def print_questionnaire(questionnaire: Questionnaire, language: Language, output: Output) -> None:
    """Print the statements with their keys, and the marks that can be given."""
    if output is Output.JSON:
        print_json(questionnaire)
        return
    _ = speaker(language)
    print_table(
        _("Egenvurdering: er dette en fordel eller en utfordring når dere skal rekruttere og beholde leger?"),
        [_("Nøkkel"), _("Tema"), _("Utsagn")],
        [
            [key, questionnaire.classes[each.group].label.in_language(language), each.text.in_language(language)]
            for key, each in questionnaire.statements.items()
        ],
        text_columns=3,
    )
    for name, scale in ((_("Fordel"), questionnaire.scale.advantage), (_("Viktighet"), questionnaire.scale.importance)):
        print_text(f"{name}: " + "; ".join(f"{mark} {words.in_language(language)}" for mark, words in scale.items()))


def print_rounds(rounds: tuple[AssessmentRound, ...], language: Language) -> None:
    """Print a municipality's rounds, the newest first."""
    _ = speaker(language)
    if not rounds:
        print_text(_("Kommunen har ikke hatt noen egenvurdering."))
    for each in rounds:
        print_round(each, language)


def print_round(found: AssessmentRound, language: Language) -> None:
    """Print one round: what it shows if it is closed, else whether its sides have enough answers."""
    _, fmt, sides = speaker(language), Formats(language), load_questionnaire().sides
    if found.closed_on is None:
        print_text(_("Runde åpnet {day}: åpen for svar.", day=fmt.day(found.opened_on)))
        for side, enough in found.enough.items():
            words = _("{side}: nok svar til å vises.") if enough else _("{side}: færre enn {limit} svar så langt.")
            print_text(words.format(side=sides[side].label.in_language(language), limit=SMALLEST_SIDE))
        return
    print_text(
        _("Runde åpnet {opened}, lukket {closed}.", opened=fmt.day(found.opened_on), closed=fmt.day(found.closed_on))
    )
    if found.result is not None:
        _print_result(found.result, language)


def _print_result(result: AssessmentResult, language: Language) -> None:
    _, questionnaire = speaker(language), load_questionnaire()
    for side in result.withheld:
        label = questionnaire.sides[side].label.in_language(language)
        print_text(_("{side}: vises ikke, færre enn {limit} svar.", side=label, limit=SMALLEST_SIDE))
    if result.sides:
        names = [questionnaire.sides[side.side].label.in_language(language) for side in result.sides]
        answers = [
            _("{side} ({count} svar)", side=name, count=side.answers)
            for name, side in zip(names, result.sides, strict=True)
        ]
        gap = [_("Forskjell")] if result.gap else []
        title = _("Fordel × viktighet, −8 til 8, med 90 % intervall")
        print_table(title, [_("Tema"), *answers, *gap], [*_class_rows(result, language), _total_row(result, language)])
        print_table(_("Utsagn for utsagn"), [_("Utsagn"), *names, *gap], _statement_rows(result, language))
    print_text(*(_(LIMITATIONS[limitation]) for limitation in result.limitations))


def _class_rows(result: AssessmentResult, language: Language) -> list[list[str]]:
    gaps = result.gap.classes if result.gap else {}
    return [
        [
            each.label.in_language(language),
            *(_estimate(side.classes[key], language) for side in result.sides),
            *([_estimate(gaps[key], language)] if key in gaps else []),
        ]
        for key, each in load_questionnaire().classes.items()
        if all(key in side.classes for side in result.sides)
    ]


def _total_row(result: AssessmentResult, language: Language) -> list[str]:
    _ = speaker(language)
    gap = [_estimate(result.gap.total, language)] if result.gap else []
    return [_("I alt"), *(_estimate(side.total, language) for side in result.sides), *gap]


def _statement_rows(result: AssessmentResult, language: Language) -> list[list[str]]:
    """The greatest challenges first, as the first side sees them; statements of an earlier version by their key."""
    first: SideResult = result.sides[0]
    fmt, statements = Formats(language), load_questionnaire().statements
    gaps = result.gap.statements if result.gap else {}
    return [
        [
            statements[key].text.in_language(language) if key in statements else key,
            *(fmt.number(side.statements[key], 1) for side in result.sides),
            *([fmt.number(gaps[key], 1)] if key in gaps else []),
        ]
        for key in sorted(first.statements, key=lambda key: first.statements[key])
    ]


def _estimate(found: Estimate, language: Language) -> str:
    fmt = Formats(language)
    return f"{fmt.number(found.score, 1)} ({fmt.number(found.lower, 1)} – {fmt.number(found.upper, 1)})"
