"""Sentences for the codes that the core returns."""

from api.translation import N_
from features.catalogue import EvidenceClass, FactorKind, Origin

KINDS: dict[FactorKind, str] = {
    "structural": N_("Gitt av sted og størrelse"),
    "lever": N_("Kan påvirkes"),
    "outcome": N_("Resultat"),
    "mixed": N_("Sammensatt"),
}

ORIGINS: dict[Origin, str] = {
    "snapshot": N_("Regnet av det innebygde uttrekket"),
    "live": N_("Regnes når tallene hentes fra kilden"),
    "local": N_("Oppgis av kommunen selv"),
}
"""Where the figures of an indicator come from."""

EVIDENCE: dict[EvidenceClass, str] = {
    "high": N_("sterkt belegg"),
    "medium_high": N_("ganske sterkt belegg"),
    "medium": N_("middels belegg"),
    "low_medium": N_("svakt til middels belegg"),
    "very_low": N_("undersøkt uten å finne virkning"),
    "none": N_("virkningen er ikke målt"),
}
"""How well the lever behind an indicator is supported by research."""

POPULATION_BANDS = {
    "under_2k": N_("under 2000 innbyggere"),
    "2k_5k": N_("2000–5000 innbyggere"),
    "5k_10k": N_("5000–10 000 innbyggere"),
    "10k_50k": N_("10 000–50 000 innbyggere"),
    "over_50k": N_("50 000 innbyggere og over"),
}

PEER_BASES = {
    "class_and_band": N_("Kommuner i samme sentralitetsklasse ({own}) og med omtrent like mange innbyggere ({band})."),
    "class_pair_and_band": N_(
        "Kommuner i sentralitetsklasse {pair} med omtrent like mange innbyggere ({band}). "
        "Kommunens egen klasse alene ga for få."
    ),
    "class_pair": N_(
        "Kommuner i sentralitetsklasse {pair}, uansett størrelse. Færre enn fem hadde omtrent like mange innbyggere."
    ),
    "class_band_and_distance": N_(
        "Kommuner i samme sentralitetsklasse ({own}), med omtrent like mange innbyggere ({band}) og omtrent like lang "
        "vei til sykehus."
    ),
    "class_pair_band_and_distance": N_(
        "Kommuner i sentralitetsklasse {pair}, med omtrent like mange innbyggere ({band}) og omtrent like lang vei til "
        "sykehus. Kommunens egen klasse alene ga for få."
    ),
    "class_pair_and_distance": N_(
        "Kommuner i sentralitetsklasse {pair} med omtrent like lang vei til sykehus, uansett størrelse. Færre enn fem "
        "hadde omtrent like mange innbyggere."
    ),
    "kostra_group": N_("Kommuner i samme KOSTRA-gruppe (2020)."),
    "alike": N_("Kommunene som ligner mest i det kommunen ikke rår over selv."),
    "own": N_("Kommuner som er valgt ut."),
}

MOSTLY_OWN = 0.7
"""Weight of the own figure from which an estimate is mostly that figure; below its complement mostly the peers."""

CLOSENESS = {
    "near": N_("likt"),
    "between": N_("noe ulikt"),
    "far": N_("ulikt"),
}
"""How far apart two municipalities stand in a feature."""

RANK_DRIVERS = {
    "data": N_("tilfeldigheter i tallene"),
    "imputation": N_("hvordan det som mangler, fylles ut"),
    "treatment": N_("hvordan ytterverdier behandles"),
    "normalisation": N_("hvilken skala tallene settes på"),
    "weights": N_("hvordan indikatorene veies"),
    "aggregation": N_("hvordan indikatorene slås sammen"),
    "left_out": N_("hvilke indikatorer som er med"),
}
"""What moves a rank most (`features.sensitivity.Choice`)."""

CONTRACT_FORMS = {
    "self_employed": N_("næringsdrift"),
    "cooperation_contract_8_2": N_("8.2-avtale"),
    "salaried": N_("fastlønn"),
}

ALL_SIZES = N_("alle kommuner")

ASSUMPTION_SOURCES = {
    "hazard_ratio.specialist_bump": N_(
        "kommuner er redd for at leger slutter når de er blitt ferdige spesialister, men ingen har målt det"
    ),
}
"""What an assumption of the calibration rests on."""

TABLE_NAMES = {
    "aku_2010": N_("SSB AKU etter yrke og næring"),
    "aku_industries": N_("SSB AKU etter næring"),
    "SSB labour-market regions": N_("SSB BA-regioner"),
    "kindergarten register": N_("Udir barnehager"),
    "school register": N_("Udir skoler"),
    "Kartverket": "Kartverket",
    "KLASS 128": "SSB KLASS 128",
    "SKDE catchment areas": N_("SKDE opptaksområder"),
    "Eurostat healthcare services": N_("Eurostat sykehus"),
    "OurAirports airports.csv": "OurAirports",
    "public vacancy feed": N_("Navs stillinger"),
}
"""Names of published tables that are no table of SSB's statistics bank."""

TABLE_SUBJECTS = {
    "12005": N_("fastlegeordningen i kommunene"),
    "07459": N_("befolkning etter alder"),
    "03321": N_("pendling mellom kommuner"),
    "06944": N_("inntekt for husholdninger"),
    "09429": N_("utdanningsnivå"),
    "08487": N_("anmeldte lovbrudd"),
    "KLASS 128": N_("sentralitet"),
    "Kartverket": N_("areal"),
    "SSB labour-market regions": N_("bo- og arbeidsmarkedsregioner og reisetid"),
    "kindergarten register": N_("barnehageregisteret, også for hvor folk bor"),
    "school register": N_("skoleregisteret"),
    "11996": N_("legeårsverk etter avtaleform"),
    "13470": N_("sysselsatte etter arbeidssted og næring"),
    "SKDE catchment areas": N_("sykehus med somatisk akuttfunksjon"),
    "Eurostat healthcare services": N_("hvor sykehusene ligger"),
    "OurAirports airports.csv": N_("flyplasser med rutetrafikk"),
    "public vacancy feed": N_("utlyste stillinger"),
}

TABLE_CAVEATS = {"12005": N_("publisert før revisjonen i juni 2026")}
"""What must be said wherever a published table is listed."""


def table_name(table: str) -> str:
    """A published table as it is named beside a figure, still to be translated."""
    return f"SSB {table}" if table.isdecimal() else TABLE_NAMES.get(table, table)


def own_weight(weight: float) -> str:
    """What an estimate rests on, by the weight (0-1) of the municipality's own figure; still to be translated."""
    if weight >= MOSTLY_OWN:
        return N_("mest kommunens eget tall")
    return N_("eget tall og like kommuner") if weight >= 1 - MOSTLY_OWN else N_("mest like kommuner")


def class_pair(centrality_class: int) -> str:
    """The pair of centrality classes that a class belongs to."""
    first = centrality_class - (centrality_class + 1) % 2
    return f"{first}–{first + 1}"
