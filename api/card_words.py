"""Words of the model card's figures: what each measure is called, and what it means in plain language."""

from api.translation import N_

MEASURES = {
    "harrell_c": (
        N_("C-indeks (Harrell)"),
        N_("hvor ofte den av to avtaler som tok slutt først, også hadde høyest anslått risiko; 0,5 er tilfeldig"),
    ),
    "uno_c": (N_("C-indeks (Uno)"), N_("det samme, uavhengig av hvor lenge avtalene ble fulgt")),
    "integrated_brier": (N_("Integrert Brier"), N_("gjennomsnittlig kvadratfeil over tid; lavere er bedre")),
    "integrated_brier_one_curve": (
        N_("Integrert Brier, én felles kurve"),
        N_("det samme når alle stillinger får samme kurve"),
    ),
    "integrated_skill": (
        N_("Gevinst mot én felles kurve"),
        N_("hvor mye mindre feilen blir når stillingen er kjent; over 0 er bedre"),
    ),
}
"""Measures of the whole course: name and meaning."""

COLUMNS = {
    "brier": N_("Brier"),
    "skill": N_("Gevinst"),
    "auc": N_("AUC"),
    "ici": N_("Kalibreringsfeil"),
    "slope": N_("Kalibreringshelling"),
}
"""Measures as headings of columns."""

HORIZON_NOTE = N_(
    "Gevinst: hvor mye mindre kvadratfeilen er enn med én felles kurve. AUC: hvor ofte en avtale som er over, hadde "
    "høyere anslått risiko enn en som varer; 0,5 er tilfeldig. Kalibreringsfeil: hvor langt anslaget i snitt er fra "
    "det som skjedde. Helling: 1 er best; over 1 er anslagene for like hverandre, under 1 for ulike."
)

INTERVAL_NOTE = N_(
    "Kalibreringsfeilen er aldri under 0, og tilfeldigheter gjør den større, så intervallet kan ligge over verdien. "
    "C-indeks og AUC blir litt lavere når kommuner kommer med flere ganger, så deres intervaller ligger noe lavt."
)

D_NOTE = N_(
    "Treffer modellen, tar like mange avtaler slutt i hver tidel av forløpet som er anslått for dem: 10 % i hver. "
    "Streken er 90 % intervall."
)

DECISION_NOTE = N_(
    "Nettonytte av å sette inn et tiltak i stillinger der modellen anslår minst så stor sjanse for at avtalen er over: "
    "andelen som trengte det, minus andelen som fikk det forgjeves, veid etter terskelen. Sammenlignet med tiltak i "
    "alle stillinger og i ingen (0)."
)

CAUSE_NOTE = N_(
    "Målt for hver grunn til at avtaler tar slutt. En avtale som tok slutt av en annen grunn, regnes som en som aldri "
    "tar slutt av denne."
)

CALIBRATION_NOTE = N_(
    "Hvert punkt er en tidel av avtalene, ordnet etter hva modellen anslo. På den stiplede linjen er anslått og talt "
    "andel like store."
)

WITHHELD = N_("{count} grupper med for få avtaler er ikke vist.")
WITHHELD_CAUSES = N_("{count} grunner som for få avtaler tok slutt av, er ikke vist.")
"""Said where a table leaves groups or causes out."""

ORIGIN_SIMULATED = N_("Simulerte forløp: {contracts} avtaler, målt {day} med Stabil {version}.")
ORIGIN_OBSERVED = N_("Observerte avtaler: {contracts}, målt {day} med Stabil {version}.")
"""Said beside every figure."""
