"""Sentences for rows of a round's files that cannot be taken in."""

from collections.abc import Mapping

from api.services.round_columns import COLUMNS, RoundFile
from api.services.round_import import ImportFault, RowReject
from api.translation import N_, translate
from features.catalogue import Language

IMPORT_FAULTS: Mapping[ImportFault, str] = {
    ImportFault.UNKNOWN_COLUMN: N_("Kolonnen «{given}» hører ikke til malen. Slett den."),
    ImportFault.EXTRA_CELLS: N_("Raden har flere felt enn overskriften. Slett dem, eller skill feltene med semikolon."),
    ImportFault.MISSING: N_("Feltet er tomt. Ventet {expected}."),
    ImportFault.FORMULA: N_("«{given}» er en formel eller feil. Skriv selve verdien: {expected}."),
    ImportFault.NOT_AS_EXPECTED: N_("Fikk «{given}». Ventet {expected}."),
    ImportFault.DUPLICATE: N_("«{given}» står i en tidligere rad også. Behold bare den raden som er riktig."),
    ImportFault.UNKNOWN_MUNICIPALITY: N_("«{given}» er ikke en kommune i dag. Ventet {expected}."),
    ImportFault.UNKNOWN_POST: N_("Stillingen «{given}» er ikke i runden. Ventet {expected}."),
    ImportFault.UNKNOWN_DOCTOR: N_(
        "Legen «{given}» er ikke i runden. Se etter om pseudonymet er rett, og om legene er hentet inn."
    ),
    ImportFault.UNKNOWN_FACTOR: N_("Faktoren «{given}» finnes ikke eller kan ikke veies. Ventet {expected}."),
    ImportFault.NO_ORDER: N_("Verken egen rekkefølge eller vekter er oppgitt. Fyll ut minst ett av dem."),
    ImportFault.OWN_PSEUDONYM: N_("«{given}» er legens eget pseudonym. Ventet {expected}."),
    ImportFault.COUPLED_ELSEWHERE: N_("«{given}» er alt i par med en annen. Rett raden, eller trekk det andre først."),
    ImportFault.NUMBER_AND_HOURS: N_("Både antall og timer er oppgitt. Behold ett av dem."),
    ImportFault.NOT_FOR_KIND: N_("«{given}» hører ikke til dette slaget vilkår. La feltet stå tomt."),
    ImportFault.MORE_THAN_PLACES: N_("{given} leger er flere enn plassene i stillingene. Ventet {expected}."),
    ImportFault.EMPTY: N_("Filen har overskrifter, men ingen rader. Fyll ut minst én."),
}


def row_sentence(reject: RowReject, kind: RoundFile, language: Language) -> str:
    """What is wrong with a cell, and what was expected."""
    columns = {column.key: column for column in COLUMNS[kind]}
    found = columns.get(reject.column)
    expected = translate(found.expected, language) if found else ""
    return translate(IMPORT_FAULTS[reject.fault], language, given=reject.given, expected=expected)


def column_name(key: str, kind: RoundFile, language: Language) -> str:
    """Heading of a column; one that is not asked for is named as it stands in the file."""
    found = next((column.label for column in COLUMNS[kind] if column.key == key), key)
    return translate(found, language) if found else ""
