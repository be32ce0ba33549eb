"""What ``stabil research solve`` prints."""

from api.console import Output, print_json, print_table, print_text, speaker
from api.formatting import Formats
from api.services.research_solve import SolveAnswer
from api.translation import N_
from engine.couple_solver import Status
from engine.minimum_quota import MinimumStatus
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
MINIMUMS = {
    MinimumStatus.MET: N_("Alle minstetall er nådd uten tak."),
    MinimumStatus.MET_BY_CAP: N_(
        "Minstetallene er nådd med et felles tak for de andre stillingene: {places}. Får et dårligere valg: "
        "{worse_off}, et bedre: {better_off}. Blokkerer uten taket: {blocking}."
    ),
    MinimumStatus.NOT_FEASIBLE: N_("Ikke noe tak på de andre stillingene gir minstetallene. Fordelingen er uten tak."),
    MinimumStatus.UNDECIDED: N_(
        "Ikke avgjort innen fristen om et tak gir minstetallene. Fordelingen er uten tak. Gi mer tid med --seconds."
    ),
}
CAP_COUNTS = ("places", "worse_off", "better_off", "blocking")
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
    _print_terms(answer, language)
    print_text(
        _("Definisjon: Biró, Manlove og McBride (2014); et par på samme stilling trenger to plasser."),
        *((_("Felles grenser hører med i definisjonen; se beslutning 17 i docs/decisions."),) if answer.limits else ()),
        _("Bruk --json for hele fordelingen."),
    )


def _print_terms(answer: SolveAnswer, language: Language) -> None:
    """What became of what the posts share, where the file has it."""
    _, formats = speaker(language), Formats(language)
    if answer.limits:
        print_table(
            _("Felles grenser, de første {count}", count=min(SHOWN, len(answer.limits))),
            (_("Grense"), _("Plasser"), _("Brukt")),
            [
                (identifier, formats.number(seats.capacity), formats.number(seats.taken))
                for identifier, seats in list(answer.limits.items())[:SHOWN]
            ],
        )
    if answer.reversion is not None:
        print_text(
            *(
                _(
                    "Plasser som ingen fylte i {giving}, og som gikk til {getting}: {places}.",
                    places=formats.number(moved.places),
                    giving=moved.from_post,
                    getting=moved.to_post,
                )
                for moved in answer.reversion.moved[:SHOWN]
            ),
            *(() if answer.reversion.moved else (_("Ingen plasser gikk til en annen stilling."),)),
            *(() if answer.reversion.is_complete else (_("Fristen var ute før alle ledige plasser var flyttet."),)),
        )
    if answer.minimums is not None:
        cap = answer.minimums.cap
        counts = {} if cap is None else {name: formats.number(getattr(cap, name)) for name in CAP_COUNTS}
        print_text(_(MINIMUMS[answer.minimums.status], **counts))
        print_table(
            _("Minstetall"),
            (_("Minstetall"), _("Minst så mange"), _("Oppnådd"), _("Uten tak")),
            [
                (
                    str(minimum.identifier),
                    formats.number(minimum.at_least),
                    formats.number(minimum.reached),
                    formats.number(minimum.without_cap),
                )
                for minimum in answer.minimums.reached
            ],
        )
