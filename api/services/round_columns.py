"""Columns of the files of a round: posts, what they share, doctors' formal qualifications, wishes, and couples."""

from dataclasses import dataclass
from enum import StrEnum

from api.round_words import CONTRACT_FORMS, GROUPS, LEVELS, PARTNERS, POST_KINDS, REACHES, TERM_KINDS
from api.services import round_cells as cells
from api.translation import N_
from engine.candidate_records import PSEUDONYM


class RoundFile(StrEnum):
    """What a file of a round is about."""

    POSTS = "posts"
    TERMS = "terms"
    CANDIDATES = "candidates"
    WISHES = "wishes"
    COUPLES = "couples"


@dataclass(frozen=True, slots=True)
class RoundColumn:
    """A column: its key, its heading and what is expected in it (bokmål, to be translated), and how it is read."""

    key: str
    label: str
    expected: str
    read: cells.Reader
    is_needed: bool = True


YES_NO = N_("ja eller nei")
DAY = N_("en dato, for eksempel 2026-08-01 eller 1.8.2026")
PERCENT = N_("prosent av full stilling, fra 1 til 100")
COUNT = N_("et helt tall, 0 eller mer")
PSEUDONYM_TEXT = N_("et pseudonym: én til fem store bokstaver og ett til åtte siffer, for eksempel K17; aldri et navn")
FORMS = N_("én eller flere av: næringsdrift, 8.2-avtale, null-avtale, fastlønn; komma mellom")
LEVEL = N_("ingen, A1, A2, B1, B2, C1 eller C2")
KINDS = N_(
    "én eller flere av: fastlegeliste, nulliste, avlastende fastlegevikar, sykehjemslege, utdanningsstilling, "
    "legevaktstilling; komma mellom"
)
NAME = cells.text(PSEUDONYM.pattern)

POSTS = (
    RoundColumn("post_id", N_("Stilling"), N_("1–20 store bokstaver, siffer og bindestreker, for eksempel FROYA-1"),
                cells.text(r"[A-Z0-9ÆØÅ-]{1,20}")),
    RoundColumn("municipality_code", N_("Kommunenummer"), N_("fire sifre, for eksempel 5014"), cells.municipality_code),
    RoundColumn("contract_form", N_("Avtaleform"), N_("én av: næringsdrift, 8.2-avtale, null-avtale, fastlønn"),
                cells.choice(CONTRACT_FORMS)),
    RoundColumn("capacity", N_("Plasser"), N_("et helt tall fra 1 til 99"), cells.whole),
    RoundColumn("has_supervisor", N_("Veileder"), YES_NO, cells.truth),
    RoundColumn("starts_on", N_("Oppstart"), DAY, cells.day),
    RoundColumn("latest_start", N_("Siste oppstart"), N_("en dato, oppstart eller senere"), cells.day),
    RoundColumn("language_minimum", N_("Krav til norsk"), LEVEL, cells.choice(LEVELS)),
    RoundColumn("fte_minimum", N_("Minste stilling i prosent"), PERCENT, cells.share),
    RoundColumn("tiers", N_("Kvalifikasjonsgrupper"),
                N_("gruppene i rekkefølge, for eksempel: spesialist > under spesialisering. Komma mellom likestilte"),
                cells.tiers(GROUPS)),
    RoundColumn("fte_maximum", N_("Største stilling i prosent"), N_("prosent, minste stilling eller mer"), cells.share,
                is_needed=False),
    RoundColumn("tiers_set_on", N_("Gruppene satt"), N_("en dato, senest i dag; tomt betyr i dag"), cells.day,
                is_needed=False),
    RoundColumn("lis1_complete", N_("Krav om LIS1"), YES_NO, cells.truth, is_needed=False),
    RoundColumn("kinds", N_("Slag"), KINDS, cells.choices(POST_KINDS), is_needed=False),
    RoundColumn("other_contract_forms", N_("Andre avtaleformer"), FORMS, cells.choices(CONTRACT_FORMS),
                is_needed=False),
    RoundColumn("fixed_term_months", N_("Vikariat, måneder"), N_("antall måneder; tomt for fast stilling"),
                cells.amount, is_needed=False),
    RoundColumn("list_length", N_("Listelengde"), N_("innbyggere på listen; 0 på en nulliste"), cells.whole,
                is_needed=False),
    RoundColumn("list_ceiling", N_("Listetak"), N_("et helt tall, listelengden eller mer"), cells.whole,
                is_needed=False),
    RoundColumn("oncall_rota_n", N_("Vakt hver N. uke"), N_("et helt tall; 0 betyr ingen vakt"), cells.whole,
                is_needed=False),
    RoundColumn("supervision_hours_year", N_("Veiledningstimer i året"), N_("timer i året; bare med veileder"),
                cells.amount, is_needed=False),
    RoundColumn("has_partner_service", N_("Hjelp til partners jobb"), YES_NO, cells.truth, is_needed=False),
)  # fmt: skip

TERMS = (
    RoundColumn("kind", N_("Slag vilkår"),
                N_("én av: veiledning, institusjonstjeneste, veiledningsgruppe, regional kvote, omgjøring, minstetall"),
                cells.choice(TERM_KINDS)),
    RoundColumn("term_id", N_("Vilkår"), N_("1–20 bokstaver, sifre, bindestreker og mellomrom; hvert navn én gang"),
                cells.text(r"[A-Za-z0-9ÆØÅæøå -]{1,20}")),
    RoundColumn("posts", N_("Stillinger"),
                N_("stillinger i runden med komma mellom; ved omgjøring to, fra > til"),
                cells.ranking),
    RoundColumn("number", N_("Antall leger"),
                N_("et helt tall, 0 eller mer; minst 1 ved minstetall; tomt ved omgjøring og når timer er oppgitt"),
                cells.whole, is_needed=False),
    RoundColumn("hours", N_("Veiledningstimer i året"),
                N_("timer i året til sammen, bare ved veiledning; antall leger regnes ut"), cells.amount,
                is_needed=False),
)  # fmt: skip

CANDIDATES = (
    RoundColumn("candidate_id", N_("Pseudonym"), PSEUDONYM_TEXT, NAME),
    RoundColumn("authorised", N_("Norsk autorisasjon"), YES_NO, cells.truth),
    RoundColumn("lis1_complete", N_("LIS1 fullført"), YES_NO, cells.truth),
    RoundColumn("is_specialist", N_("Spesialist i allmennmedisin"), YES_NO, cells.truth),
    RoundColumn("in_training", N_("Under spesialisering"), YES_NO, cells.truth),
    RoundColumn("language_level", N_("Dokumentert norsk"), LEVEL, cells.choice(LEVELS)),
    RoundColumn("available_from", N_("Kan begynne"), DAY, cells.day),
    RoundColumn("fte", N_("Ønsket stilling i prosent"), PERCENT, cells.share),
)

WISHES = (
    RoundColumn("candidate_id", N_("Pseudonym"), PSEUDONYM_TEXT, NAME),
    RoundColumn("own_ranking", N_("Egen rekkefølge"),
                N_("stillinger i runden, den best likte først, for eksempel: FROYA-1 > HITRA-2"), cells.ranking,
                is_needed=False),
    RoundColumn("factor_weights", N_("Vekter"), N_("faktorer og vekter, for eksempel: workload=3; colleagues=1"),
                cells.weights, is_needed=False),
    RoundColumn("contract_forms", N_("Avtaleformer"), FORMS, cells.choices(CONTRACT_FORMS), is_needed=False),
    RoundColumn("counties", N_("Fylker"), N_("fylkesnumre på to sifre med komma mellom; tomt betyr alle"), cells.codes,
                is_needed=False),
    RoundColumn("list_limit", N_("Lengste liste over stillinger"), N_("et helt tall, 1 eller mer"), cells.whole,
                is_needed=False),
    RoundColumn("partner_occupation_group", N_("Partners arbeid"), N_("ingen, høyere utdanning eller annet"),
                cells.choice(PARTNERS), is_needed=False),
    RoundColumn("latest_start", N_("Seneste oppstart"), DAY, cells.day, is_needed=False),
    RoundColumn("oncall_rota_min", N_("Vakt høyst hver N. uke"), N_("et helt tall, 1 eller mer"), cells.whole,
                is_needed=False),
    RoundColumn("list_length_max", N_("Lengste pasientliste"), COUNT, cells.whole, is_needed=False),
    RoundColumn("wants_supervisor", N_("Vil ha veileder"), YES_NO, cells.truth, is_needed=False),
    RoundColumn("unwanted_kinds", N_("Slag som ikke ønskes"), KINDS, cells.choices(POST_KINDS), is_needed=False),
)  # fmt: skip

COUPLES = (
    RoundColumn("candidate_id", N_("Pseudonym"), PSEUDONYM_TEXT, NAME),
    RoundColumn("partner_id", N_("Partners pseudonym"), N_("pseudonymet til en annen lege i runden"), NAME),
    RoundColumn("reach", N_("Hvor nær hverandre"),
                N_("samme kommune, samme arbeidsmarked eller hele landet; tomt betyr samme arbeidsmarked"),
                cells.choice(REACHES), is_needed=False),
    RoundColumn("takes_one", N_("Tar stilling selv om partneren ikke får"), YES_NO, cells.truth, is_needed=False),
    RoundColumn("own_ranking", N_("Egen rekkefølge av par"),
                N_("par av stillinger, det beste først, egen stilling før partnerens, for eksempel: "
                   "FROYA-1 + HITRA-1 > FROYA-1 + ingen; tomt betyr at parene lages av de egne listene"),
                cells.post_pairs, is_needed=False),
)  # fmt: skip

COLUMNS = {
    RoundFile.POSTS: POSTS,
    RoundFile.TERMS: TERMS,
    RoundFile.CANDIDATES: CANDIDATES,
    RoundFile.WISHES: WISHES,
    RoundFile.COUPLES: COUPLES,
}
