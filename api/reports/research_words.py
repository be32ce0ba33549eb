"""What a comparison of estimators is called and what it means, as texts to translate."""

from collections.abc import Mapping

from api.translation import N_

ESTIMATOR_NAMES: Mapping[str, str] = {
    "km": N_("Én kurve for alle (Kaplan–Meier, Aalen–Johansen)"),
    "cox": N_("Cox-regresjon"),
    "glm": N_("Straffet regresjon"),
    "lightgbm": N_("Boostede trær (LightGBM)"),
    "stack": N_("Samlet modell (stack)"),
}

REJECTS: Mapping[str, str] = {
    "missing_time": N_("varighet mangler"),
    "unreadable_time": N_("varigheten er ikke et tall"),
    "time_not_positive": N_("varigheten er ikke over 0"),
    "reversed_dates": N_("slutt før start"),
    "missing_entry": N_("inngang mangler"),
    "negative_entry": N_("inngang før start"),
    "entry_not_before_time": N_("inngang ikke før slutten"),
    "lower_time_impossible": N_("nedre grense utenfor inngang og slutt"),
    "missing_person": N_("person mangler"),
    "missing_group": N_("gruppe mangler"),
    "missing_start": N_("startdato mangler"),
    "missing_weight": N_("vekt mangler"),
    "negative_weight": N_("vekten er under 0"),
    "infinite_covariate": N_("en kovariat er uendelig"),
}

LEFT_OUT: Mapping[str, str] = {
    "dates": N_("datoer"),
    "levels": N_("for mange ulike tekster"),
    "constant": N_("samme verdi i alle rader"),
    "type": N_("verken tall, ja/nei eller tekst"),
}

SPLITS: Mapping[str, str] = {
    "person": N_("alle forløp til en person holdes ute samtidig"),
    "group": N_("alle forløp i en gruppe holdes ute samtidig"),
    "forward": N_("tilpasset på det som var kjent før {cut}, prøvd på forløp som startet da eller senere"),
    "random": N_("rader trukket tilfeldig; samme person kan stå på begge sider"),
}

CLUSTERS: Mapping[str, str] = {"person": N_("personer"), "group": N_("grupper"), "row": N_("rader")}

FORBIDDEN = N_(
    "Skal ikke brukes til å velge mellom personer, rangere søkere eller lagre tall om en navngitt person. "
    "Gjelder stillinger og grupper av forløp."
)

PROTECTED = N_(
    "Disse kolonnene er vernede opplysninger: {columns}. En modell med dem kan brukes til å forske på forskjeller, "
    "men aldri til å velge personer."
)

SIMULATED = N_("Simulert: ingen rad beskriver en person.")

LIMITS = (
    N_("Tallene gjelder forløp som modellen ikke har sett, fra samme fil; andre steder og tider kan være annerledes."),
    N_(
        "Intervallene (90 %) viser tilfeldigheten i hvem som ble prøvd, ikke i selve tilpasningen, og at den beste ble "
        "valgt med de samme tallene gjør forspranget litt for stort."
    ),
    N_("Sensurering og sen inngang antas å ikke henge sammen med varigheten eller med kovariater som startåret."),
    N_("Vekter teller i tilpasningen og i kurvene; i målene teller alle rader likt."),
    N_("Sammenhenger er ikke årsaker."),
)
