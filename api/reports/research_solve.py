"""What ``stabil research solve`` prints."""

from api.console import Output, print_json, print_table, print_text, speaker
from api.formatting import Formats
from api.services.research_solve import SolveAnswer
from api.translation import N_
from engine.couple_solver import Status
from features.catalogue import Language

STATUSES = {
    Status.STABLE: N_("Stabil: ingen vil heller ha noe som også heller vil ha dem."),
    Status.NONE_EXISTS: N_(
        "Ingen stabil fordeling finnes; det er bevist. Fordelingen har færrest blokkerende av dem som ble funnet."
    ),
    Status.FEWEST_BLOCKING: N_(
        "Ikke avgjort om en stabil fordeling finnes. Fordelingen har færrest blokkerende av dem som ble funnet."
    ),
    Status.UNDECIDED: N_("Ikke avgjort innen fristen. Gi mer tid med --seconds."),
}
SHOWN = 20


def print_solution(answer: SolveAnswer, language: Language, output: Output) -> None:
    """Print the answer as JSON, or what it says and the first blocking pairs."""
    if output is Output.JSON:
        print_json(answer.fields())
        return
    _, formats = speaker(language), Formats(language)
    placed = sum(post is not None for post in answer.matching.values())
    print_text(
        _(STATUSES[answer.status]),
        _(
            "{placed} av {people} har fått en stilling. {blocking} blokkerer; færre enn {bound} er ikke mulig.",
            placed=formats.number(placed),
            people=formats.number(len(answer.matching)),
            blocking=formats.number(len(answer.blocking)),
            bound=formats.number(answer.bound),
        ),
        _(
            "{ignored} ønsker kan ikke telle, fordi stillingen ikke rangerer personen. {seconds} sekunder.",
            ignored=formats.number(answer.ignored),
            seconds=formats.number(answer.seconds, 1),
        ),
    )
    if answer.blocking:
        print_table(
            _("Blokkerende, de første {count}", count=min(SHOWN, len(answer.blocking))),
            (_("Hvem"), _("Ville heller hatt"), _("Tilfelle")),
            [
                (
                    ", ".join(map(str, entry.proposers)),
                    ", ".join("–" if post is None else str(post) for post in entry.posts),
                    entry.case,
                )
                for entry in answer.blocking[:SHOWN]
            ],
            text_columns=3,
        )
    print_text(
        _("Definisjon: Biró, Manlove og McBride (2014); et par på samme stilling trenger to plasser."),
        _("Bruk --json for hele fordelingen."),
    )
