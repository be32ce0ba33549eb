"""Errors on their way out: one table from class to HTTP status, exit code and sentence."""

import difflib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.retention_words import GROUNDS
from api.round_words import STEP_FAULTS, STEPS, WHAT_TO_DO
from api.services.round_steps import RoundStepError
from api.services.wish_box import WishKeyError
from api.translation import N_, translate
from engine.couple_stability import UnsoundMatchingError
from engine.instance import Expected, InstanceError
from engine.protected_fields import ProtectedField, ProtectedFieldError
from features.catalogue import Language
from features.errors import (
    AnswerFault,
    AssessmentRoundError,
    BrokenTableError,
    CatalogueError,
    ContractViolationError,
    IndexFileError,
    IndexFileFault,
    InvalidInputError,
    LocalFileError,
    LocalFileFault,
    RoundFault,
    SourceAnswerError,
    SourceUnavailableError,
    StabilError,
    TableFault,
    UnavailableReason,
    UnknownKeyError,
    UnknownMunicipalityError,
)
from models.errors import EstimatorInputError, SavedModelError


class PortInUseError(StabilError):
    """The port is taken by another program."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(f"port {port} is in use: stop the other program or choose another with --port.")


class DatabaseUnavailableError(StabilError):
    """The database cannot be opened or is no database."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"the database {address} cannot be used: {reason}. Check STABIL_DATABASE_URL.")


class MissingAssetsError(StabilError):
    """The browser files that Node installs are not there."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"browser files are missing in {path}: install Node 20 and run ./setup.sh.")


class PersonFieldError(ProtectedFieldError):
    """The description of a post carries fields about a person; nothing is forecast."""


class ProtectedColumnError(ProtectedFieldError):
    """A file of a round has columns that may not be used in recruitment; nothing of it is kept."""


class OwnCodeError(StabilError):
    """The pseudonym and the code do not belong together; nothing tells which of them is wrong."""

    def __init__(self) -> None:
        super().__init__("no doctor of this round has this pseudonym and code: use the code that was issued last.")


class UnknownPostFieldError(StabilError):
    """The description of a post carries a field that posts do not have."""

    def __init__(self, field: str, known: tuple[str, ...]) -> None:
        self.field = field
        self.known = known
        super().__init__(f"a post has no field {field!r}: describe it with {', '.join(known)}.")


@dataclass(frozen=True, slots=True)
class Outlet:
    """How one class of error leaves the program.

    `sentence` is bokmål with {places}; `values` gives what fills them.
    """

    status: int
    exit_code: int
    title: str
    sentence: str
    values: Callable[..., Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Answer:
    """An error as a person or a program reads it."""

    status: int
    exit_code: int
    title: str
    detail: str


EXPECTED_VALUES: Mapping[str, str] = {
    "more than 0": N_("mer enn 0"),
    "the published seed of the round": N_("det kunngjorte frøet til runden"),
}
"""What functions expect, where a person is likely to give something else, in bokmål."""

ONE_OF_MANY = N_("«{key}» finnes ikke. Av {count} ligner disse mest: {known}.")
MOST_NAMED = 30
"""Names that an error lists whole; of more it lists those most like what was given."""

MOVED = N_("Kommunenummer {code} er ikke i bruk lenger: det ble {became}. Bruk det nummeret.")

FAULTS: Mapping[TableFault, str] = {
    TableFault.MISSING: N_("filen finnes ikke"),
    TableFault.NOT_CSV: N_("den er ikke CSV i UTF-8"),
    TableFault.NOT_JSON: N_("den er ikke JSON i UTF-8"),
    TableFault.COLUMNS: N_("kolonner mangler"),
    TableFault.CHANGED: N_("innholdet er ikke det som ble publisert (SHA-256)"),
    TableFault.UNDESCRIBED: N_("datapakken beskriver den ikke fullstendig"),
}

REASONS: Mapping[UnavailableReason, str] = {
    UnavailableReason.NO_CONNECTION: N_("ingen forbindelse"),
    UnavailableReason.TIMEOUT: N_("ikke svar i tide"),
    UnavailableReason.BROKEN_OFF: N_("forbindelsen ble brutt"),
    UnavailableReason.THROTTLED: N_("den ber om færre kall"),
    UnavailableReason.FAILED: N_("feil hos kilden selv"),
}

ANSWER_FAULTS: Mapping[AnswerFault, str] = {
    AnswerFault.REFUSED: N_("spørsmålet ble avvist"),
    AnswerFault.NO_ACCESS: N_("nøkkelen mangler eller godtas ikke"),
    AnswerFault.MOVED: N_("det viser til en annen vert"),
    AnswerFault.TOO_LARGE: N_("det er større enn det som tas imot"),
    AnswerFault.FORMAT: N_("det har ikke formatet det ble spurt om"),
    AnswerFault.SHAPE: N_("innholdet er ikke slik kilden har beskrevet"),
}

FILE_FAULTS: Mapping[LocalFileFault, str] = {
    LocalFileFault.EMPTY: N_("den er tom"),
    LocalFileFault.TOO_LARGE: N_("den er større enn det som tas imot"),
    LocalFileFault.TOO_MANY_ROWS: N_("den har flere rader enn det som tas imot"),
    LocalFileFault.NOT_A_TABLE: N_("den er verken xlsx eller csv"),
    LocalFileFault.OLD_OR_LOCKED: N_("den er en gammel xls-fil eller låst med passord"),
    LocalFileFault.MACROS: N_("den har makroer"),
    LocalFileFault.UNSAFE: N_("den pakkes ut til mer enn det som tas imot, eller har innhold som ikke er trygt"),
    LocalFileFault.DAMAGED: N_("den er skadet"),
    LocalFileFault.NO_TEMPLATE: N_("ingen av arkene har kolonnene i malen"),
}

ROUND_FAULTS: Mapping[RoundFault, str] = {
    RoundFault.ALREADY_OPEN: N_("En runde er allerede åpen; lukk den først"),
    RoundFault.NOT_OPEN: N_("Ingen runde er åpen; åpne en først"),
    RoundFault.TOO_SOON: N_("Det er for kort tid siden forrige runde; en ny kan åpnes fra datoen i klammen"),
    RoundFault.OTHER_VERSION: N_("Runden ble åpnet med en annen utgave av spørsmålene; lukk den og åpne en ny"),
    RoundFault.TOO_FEW: N_("Ingen side har svar nok til å vises; vent, eller lukk runden uten resultat"),
}

INDEX_FILE_FAULTS: Mapping[IndexFileFault, str] = {
    IndexFileFault.MISSING: N_("den kan ikke åpnes"),
    IndexFileFault.NOT_CSV: N_("den er ikke CSV"),
    IndexFileFault.EMPTY: N_("den har ingen rader"),
    IndexFileFault.COLUMNS: N_("kolonner mangler eller er der to ganger"),
    IndexFileFault.NO_INDEX: N_("den gir ingen samlemål med indikatorer"),
    IndexFileFault.NO_VALUES: N_("den gir ingen verdi for en indikator i den andre filen"),
    IndexFileFault.NO_DIFFERENCE: N_("ingen indikator er forskjellig fra enhet til enhet"),
}

EXPECTED: Mapping[Expected, str] = {
    Expected.OBJECT: N_("et objekt"),
    Expected.LIST: N_("en liste"),
    Expected.IDENTIFIER: N_("en id som er tekst eller et heltall, og ikke tom"),
    Expected.NEW_ID: N_("en id som ikke er brukt før"),
    Expected.CAPACITY: N_("et heltall, 0 eller mer"),
    Expected.AT_LEAST_ONE: N_("et heltall, 1 eller mer"),
    Expected.KNOWN_POST: N_("id-en til en stilling"),
    Expected.OTHER_POST: N_("en annen stilling enn den som gir fra seg plassene"),
    Expected.KNOWN_PERSON: N_("id-en til en person i proposers eller couples"),
    Expected.ONCE: N_("hver oppføring bare én gang"),
    Expected.TWO: N_("en liste med to"),
    Expected.FREE_MEMBER: N_("to personer som ikke er i et annet par"),
    Expected.NO_OWN_LIST: N_("ingen egen liste for den som er i et par"),
    Expected.KNOWN_FIELD: N_("ikke noe felt med dette navnet"),
    Expected.FIELD: N_("dette feltet, som mangler"),
    Expected.LIMIT_KIND: N_("supervision, institution_slots, group_seats eller regional_quota"),
    Expected.HOURS: N_("et antall timer, 0 eller mer"),
    Expected.SOME_POST: N_("minst én stilling"),
    Expected.FILE: N_("en fil som kan åpnes"),
    Expected.JSON: N_("JSON i UTF-8"),
}

OUTLETS: Mapping[type[StabilError], Outlet] = {
    UnknownMunicipalityError: Outlet(
        404,
        3,
        N_("Ukjent kommune"),
        N_("«{code}» er ikke et kommunenummer. Ventet fire sifre for en av de 357 kommunene fra 2024, som 5014."),
        lambda error: {
            "code": _short(error.code),
            "became": _listed(f"{code} {name}" for code, name in error.successors),
        },
    ),
    UnknownKeyError: Outlet(
        404,
        3,
        N_("Ukjent navn"),
        N_("«{key}» finnes ikke. Velg en av: {known}."),
        lambda error: {
            "key": _short(error.key),
            "known": _listed(_nearest(error.key, error.known)),
            "count": len(error.known),
        },
    ),
    InvalidInputError: Outlet(
        422,
        2,
        N_("Ugyldig verdi"),
        N_("{name}: fikk «{given}», men ventet {expected}."),
        lambda error: {"name": error.name, "given": _short(error.given), "expected": error.expected},
    ),
    EstimatorInputError: Outlet(
        422,
        2,
        N_("Modellen kan ikke bruke dette"),
        N_("{name}: fikk «{given}», men ventet {expected}."),
        lambda error: {"name": error.name, "given": _short(error.given), "expected": error.expected},
    ),
    PersonFieldError: Outlet(
        422,
        2,
        N_("Opplysning om en person"),
        N_("En stilling beskrives uten opplysninger om personer. Ikke tatt imot: {why}."),
        lambda error: {},
    ),
    ProtectedColumnError: Outlet(
        422,
        2,
        N_("Opplysning som ikke kan brukes"),
        N_("Filen har kolonner som ikke kan brukes når leger velges: {why}. Ingenting er lest inn; slett kolonnene."),
        lambda error: {},
    ),
    OwnCodeError: Outlet(
        403,
        11,
        N_("Koden passer ikke"),
        N_("Ingen lege i runden har dette pseudonymet og denne koden. Bruk den siste koden du fikk."),
        lambda error: {},
    ),
    RoundStepError: Outlet(
        409,
        10,
        N_("Runden er ikke klar for dette"),
        N_("«{step}» kan ikke gjøres nå: {fault}. {what}. Ingenting er endret."),
        lambda error: {},
    ),
    WishKeyError: Outlet(
        500,
        12,
        N_("Nøkkelen kan ikke brukes"),
        N_(
            "Nøkkelen {path} til legenes ønsker kan ikke brukes. Bare eieren skal kunne lese den (chmod 600), og den "
            "må være den ønskene ble lagret med. Legg den tilbake, eller ta imot ønskene på nytt."
        ),
        lambda error: {"path": error.path},
    ),
    UnknownPostFieldError: Outlet(
        422,
        2,
        N_("Ukjent opplysning om stillingen"),
        N_("En stilling har ikke feltet «{field}». Den beskrives med {known}."),
        lambda error: {"field": _short(error.field), "known": _listed(error.known)},
    ),
    ProtectedFieldError: Outlet(
        422,
        2,
        N_("Opplysning som ikke kan brukes"),
        N_("Beskyttede opplysninger tas ikke imot: {names}. Send inn bare formelle kvalifikasjoner."),
        lambda error: {"names": _listed(_short(hit.field) for hit in error.found)},
    ),
    ContractViolationError: Outlet(
        422,
        4,
        N_("Rader som ikke stemmer"),
        N_("Tabellen «{table}» har rader som bryter reglene ({rules}). Første: {row}. Ingenting er lest inn."),
        lambda error: {
            "table": error.table,
            "rules": _listed(f"{rule}: {count}" for rule, count in error.counts.items()),
            "row": error.rows[0] if error.rows else "-",
        },
    ),
    BrokenTableError: Outlet(
        500,
        4,
        N_("Tabell som ikke kan leses"),
        N_("Tabellen «{table}» i {path} kan ikke leses: {fault}. {detail} Ingenting er lest inn; hent filen på nytt."),
        lambda error: {
            "table": error.table,
            "path": error.path,
            "detail": _bracketed(error.detail),
        },
    ),
    SavedModelError: Outlet(
        500,
        4,
        N_("Modellen kan ikke leses"),
        N_("Den lagrede modellen er ødelagt ({reason}). Kjør «stabil run» på nytt."),
        lambda error: {"reason": error.reason},
    ),
    SourceUnavailableError: Outlet(
        503,
        8,
        N_("Kilden svarer ikke"),
        N_("{publisher} på {url} kan ikke nås: {reason}. {detail} Ingenting er endret; prøv igjen senere."),
        lambda error: {"publisher": error.publisher, "url": error.url, "detail": _bracketed(error.detail)},
    ),
    SourceAnswerError: Outlet(
        502,
        9,
        N_("Svaret fra kilden kan ikke brukes"),
        N_("{publisher} på {url} ga et svar som ikke kan brukes: {what}. {detail} Ingenting er lest inn."),
        lambda error: {"publisher": error.publisher, "url": error.url, "detail": _bracketed(error.detail)},
    ),
    LocalFileError: Outlet(
        422,
        4,
        N_("Filen kan ikke leses"),
        N_("Filen kan ikke leses: {fault}. {detail} Ingenting er lest inn. Fyll ut malen og lagre som xlsx eller csv."),
        lambda error: {"detail": _bracketed(error.detail)},
    ),
    AssessmentRoundError: Outlet(
        409,
        10,
        N_("Egenvurderingen er ikke klar for dette"),
        N_("Kommune {code}: {fault}. {detail} Ingenting er endret."),
        lambda error: {"code": error.municipality_code, "detail": _bracketed(error.detail)},
    ),
    IndexFileError: Outlet(
        422,
        2,
        N_("Filen kan ikke brukes"),
        N_(
            "Filen «{table}» ({path}) kan ikke brukes: {fault}. {detail} Ventet CSV med kolonnene unit, indicator, "
            "value (values), indicator, parent, weight, direction (indicators) eller unit, group (groups)."
        ),
        lambda error: {"table": error.table, "path": error.path, "detail": _bracketed(error.detail)},
    ),
    InstanceError: Outlet(
        422,
        2,
        N_("Filen kan ikke brukes"),
        N_("{path}: fikk «{given}», men ventet {expected}. Ingenting er fordelt."),
        lambda error: {"path": error.path, "given": _short(json.dumps(error.given, ensure_ascii=False, default=str))},
    ),
    UnsoundMatchingError: Outlet(
        500,
        1,
        N_("Fordelingen besto ikke kontrollen"),
        N_("Kontrollen fant {found} blokkerende, men løseren {claimed}. Ingenting er gitt ut; meld fra med filen."),
        lambda error: {"found": len(error.verdict.blocking), "claimed": error.claimed},
    ),
    CatalogueError: Outlet(
        500,
        4,
        N_("Feil i katalogen"),
        N_("{file}: oppføringen «{key}» {reason}. Rett oppføringen."),
        lambda error: {"file": error.file, "key": error.key, "reason": error.reason},
    ),
    PortInUseError: Outlet(
        500,
        5,
        N_("Porten er opptatt"),
        N_("Port {port} er i bruk av et annet program. Stopp det, eller velg en annen port med --port."),
        lambda error: {"port": error.port},
    ),
    DatabaseUnavailableError: Outlet(
        503,
        6,
        N_("Databasen svarer ikke"),
        N_("Databasen {address} kan ikke brukes: {reason}. Se etter i STABIL_DATABASE_URL."),
        lambda error: {"address": error.address, "reason": error.reason},
    ),
    MissingAssetsError: Outlet(
        500,
        7,
        N_("Filer til nettsidene mangler"),
        N_("Filer til nettsidene mangler i {path}. Installer Node 20 og kjør ./setup.sh."),
        lambda error: {"path": error.path},
    ),
    StabilError: Outlet(500, 1, N_("Noe gikk galt"), "{message}", lambda error: {"message": str(error)}),
}


def answer_to(error: StabilError, language: Language) -> Answer:
    """Status, exit code and words for an error; the nearest class of the table speaks for it."""
    outlet = next(OUTLETS[kind] for kind in type(error).__mro__ if kind in OUTLETS)
    sentence = outlet.sentence
    if isinstance(error, UnknownMunicipalityError) and error.successors:
        sentence = MOVED
    if isinstance(error, UnknownKeyError) and len(error.known) > MOST_NAMED:
        sentence = ONE_OF_MANY
    values = dict(outlet.values(error))
    if isinstance(error, RoundStepError):
        values["step"] = translate(STEPS[error.step], language)
        values["fault"] = translate(STEP_FAULTS[error.fault], language)
        values["what"] = translate(WHAT_TO_DO[error.stage], language)
    if isinstance(error, PersonFieldError | ProtectedColumnError):
        values["why"] = "; ".join(_refused(hit, language) for hit in error.found)
    if isinstance(error, BrokenTableError):
        values["fault"] = translate(FAULTS[error.fault], language)
    if isinstance(error, SourceUnavailableError):
        values["reason"] = translate(REASONS[error.reason], language)
    if isinstance(error, SourceAnswerError):
        values["what"] = translate(ANSWER_FAULTS[error.what], language)
    if isinstance(error, LocalFileError):
        values["fault"] = translate(FILE_FAULTS[error.fault], language)
    if isinstance(error, AssessmentRoundError):
        values["fault"] = translate(ROUND_FAULTS[error.fault], language)
    if isinstance(error, IndexFileError):
        values["fault"] = translate(INDEX_FILE_FAULTS[error.fault], language)
    if isinstance(error, InvalidInputError):
        values["expected"] = translate(EXPECTED_VALUES.get(error.expected, error.expected), language)
    if isinstance(error, InstanceError):
        values["expected"] = translate(EXPECTED[error.expected], language)
    return Answer(
        outlet.status,
        outlet.exit_code,
        translate(outlet.title, language),
        " ".join(translate(sentence, language, **values).split()),
    )


def _refused(hit: ProtectedField, language: Language) -> str:
    """A field with the reason and the paragraph, whose source is written in English."""
    paragraph = hit.ground.source
    if language != "en":
        for english, norwegian in ((" and ", " og "), ("article", "artikkel"), ("indirect: family", "familie")):
            paragraph = paragraph.replace(english, norwegian)
    return f"«{_short(hit.field)}»: {translate(GROUNDS[hit.ground.key], language)} ({paragraph})"


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items)


def _nearest(key: str, known: Sequence[str]) -> Sequence[str]:
    return known if len(known) <= MOST_NAMED else difflib.get_close_matches(key, known, 5, 0.0)


def _bracketed(detail: str) -> str:
    return f"[{detail}]" if detail else ""


def _short(given: object) -> str:
    text = str(given)
    return text if len(text) <= 60 else text[:60] + "…"
