"""What each file and column of simulated careers is, in the reader's language."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from api.translation import N_, translate
from features.catalogue import Language
from models.career_scenario import Scenario

COLUMNS: Mapping[str, str] = {
    "spell_id": N_("løpenummer for avtaleperioden"),
    "person_id": N_("simulert lege; et pseudonym uten noen person bak"),
    "post_id": N_("simulert liste: kommunenummer og løpenummer"),
    "municipality_code": N_("kommunenummer 2024"),
    "population": N_("innbyggere i kommunen"),
    "population_band": N_("størrelsesgruppe for kommunen"),
    "centrality_class": N_("SSBs sentralitetsklasse; 1 er mest sentral"),
    "start_date": N_("dagen avtalen begynte"),
    "end_date": N_("dagen avtalen sluttet; tom: gjelder fortsatt"),
    "entry_years": N_("år i avtalen da registeret begynte (forsinket inngang); 0: fulgt fra start"),
    "duration_years": N_("år fra start til slutt, eller til siste dag i registeret"),
    "event": N_("om avtalen sluttet"),
    "cause": N_("hvorfor den sluttet: avtale i en annen kommune, sykehus, annet, pensjon"),
    "contract_form": N_("avtaleform ved start: næringsdrift, samarbeidsavtale (8.2) eller fast lønn"),
    "self_employed_from": N_("dagen en fastlønnet gikk over til næringsdrift"),
    "list_length": N_("innbyggere på listen ved start; påvirker ikke hvor lenge noen blir"),
    "years_since_specialist": N_("år siden godkjenning som spesialist ved start; negativt: år igjen; tom: aldri"),
    "stage_years": N_("det samme, men for dem som aldri blir ferdige, regnet fra da utdanningen skulle vært over"),
    "specialist_at": N_("dagen for godkjenning som spesialist"),
    "is_simulated": N_("alltid sann: ingen rad beskriver en person"),
}

FILES: Mapping[str, str] = {
    "spells.parquet, spells.csv": N_("én rad per avtale mellom lege og liste"),
    "events.csv": N_("de samme avtalene slik et register gir dem: person, liste, kommune, start, slutt, årsak"),
    "truth.json": N_("fasiten: det som er lagt inn, satser per år, kommuneeffekter og sanne kurver"),
    "targets.csv": N_("publiserte tall ved siden av de simulerte, med toleranse, kilde og om målet er nådd"),
}

_HEAD = N_("SIMULERTE DATA. Ingen rad beskriver en person, og ingen del av dette er et funn om norske fastleger.")
_PERIOD = N_("Registeret begynner {first}. Frø: {seed}.")
_LEVER = N_("«{name}» er lagt inn: listene som har det, har risiko for å bli forlatt ganget med {ratio}.")
_LEVER_COLUMN = N_("om listen har «{name}»")
_SPIKE = N_(
    "Bindingstid slutter etter {years} år: {probability} slutter da i tillegg, av dem som begynte under utdanning."
)
_TARGETS = N_("Tallene i targets.csv gjelder hele perioden fra 2001 og er kalibrert uten innlagte virkninger.")


def readme(columns: Sequence[str], scenario: Scenario, first: date, seed: int, language: Language) -> str:
    """The text that goes with the files: that all is simulated, and what each column is."""
    return "\n".join(_lines(columns, scenario, first, seed, language)) + "\n"


def _lines(columns: Sequence[str], scenario: Scenario, first: date, seed: int, language: Language) -> Iterator[str]:
    yield translate(_HEAD, language)
    yield translate(_PERIOD, language, first=first.isoformat(), seed=seed)
    for lever in scenario.levers:
        yield translate(_LEVER, language, name=lever.name, ratio=f"{lever.ratio:g}")
    for spike in scenario.spikes:
        yield translate(_SPIKE, language, years=f"{spike.years:g}", probability=f"{spike.probability:.0%}")
    yield translate(_TARGETS, language)
    yield ""
    for name, text in FILES.items():
        yield f"{name}: {translate(text, language)}"
    yield ""
    for column in columns:
        if column in COLUMNS:
            yield f"{column}: {translate(COLUMNS[column], language)}"
        else:
            yield f"{column}: {translate(_LEVER_COLUMN, language, name=column.removeprefix('has_'))}"
