"""Why a row became no spell, and what to do about it, as texts to translate."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.translation import N_
from models.spell_table import RowReject


@dataclass(frozen=True, slots=True)
class RejectWords:
    """What is wrong with a row, and what mends it."""

    fault: str
    advice: str


_DATE_FORM = N_("Skriv den som 2024-08-31 eller 31.08.2024.")

REJECT_WORDS: Mapping[RowReject, RejectWords] = {
    RowReject.MISSING_PERSON: RejectWords(
        N_("Person mangler."), N_("Fyll inn et pseudonym, det samme i alle rader om personen.")
    ),
    RowReject.MISSING_POST: RejectWords(N_("Stilling mangler."), N_("Fyll inn en kode for stillingen.")),
    RowReject.MISSING_MUNICIPALITY: RejectWords(N_("Kommune mangler."), N_("Fyll inn kommunenummeret.")),
    RowReject.UNREADABLE_MUNICIPALITY: RejectWords(
        N_("Kommunen er ikke fire sifre."), N_("Skriv kommunenummeret, for eksempel 5014, ikke navnet.")
    ),
    RowReject.MISSING_START: RejectWords(
        N_("Startdato mangler."), N_("Fyll inn dagen da personen begynte i stillingen.")
    ),
    RowReject.UNREADABLE_START: RejectWords(N_("Startdatoen kan ikke leses."), _DATE_FORM),
    RowReject.UNREADABLE_END: RejectWords(
        N_("Sluttdatoen kan ikke leses."),
        N_("Skriv den som 2024-08-31 eller 31.08.2024; la den stå tom så lenge personen er i stillingen."),
    ),
    RowReject.REVERSED: RejectWords(N_("Slutten er før starten."), N_("Rett den av datoene som er feil.")),
    RowReject.START_IN_FUTURE: RejectWords(
        N_("Starten er etter den siste dagen som filen forteller om."),
        N_("Rett datoen, eller oppgi en senere dag med --as-of."),
    ),
    RowReject.END_IN_FUTURE: RejectWords(
        N_("Slutten er etter den siste dagen som filen forteller om."),
        N_("La slutten stå tom så lenge personen er i stillingen, eller oppgi en senere dag med --as-of."),
    ),
    RowReject.REASON_WITHOUT_END: RejectWords(
        N_("Raden har en grunn til at det sluttet, men ingen sluttdato."),
        N_("Fyll inn sluttdatoen, eller ta bort grunnen."),
    ),
    RowReject.UNKNOWN_REASON: RejectWords(
        N_("Grunnen er ikke kjent."), N_("Si hva koden står for med --cause, for eksempel --cause 15=hospital.")
    ),
    RowReject.MISSING_SNAPSHOT: RejectWords(
        N_("Dagen som raden gjelder, mangler."), N_("Fyll inn dagen da det ble notert hvem som hadde stillingen.")
    ),
    RowReject.UNREADABLE_SNAPSHOT: RejectWords(N_("Dagen som raden gjelder, kan ikke leses."), _DATE_FORM),
    RowReject.DUPLICATE: RejectWords(
        N_("Raden sier det samme som en tidligere rad."), N_("Ikke gjør noe: den første av dem er brukt.")
    ),
    RowReject.OVERLAP: RejectWords(
        N_("Raden overlapper en annen rad om samme person i samme stilling."),
        N_("Rett datoene i en av radene, eller slå radene sammen."),
    ),
    RowReject.ENDED_BEFORE_OBSERVATION: RejectWords(
        N_("Forløpet sluttet før observasjonen begynte."),
        N_("Ikke gjør noe: andre som sluttet da, står ikke i filen, så raden ville gjort bildet skjevt."),
    ),
    RowReject.START_UNKNOWN: RejectWords(
        N_("Personen var i stillingen allerede den første dagen, så starten er ukjent."),
        N_("Ta med tidligere dager om du har dem."),
    ),
    RowReject.NO_FOLLOW_UP: RejectWords(
        N_("Personen er bare sett i stillingen den siste dagen."), N_("Ta med senere dager når du har dem.")
    ),
}
"""By code, in the order in which they are tried."""
