"""Sentences about forecasts for posts: causes, drivers, cautions, reasons for refusing, and the model card."""

from api.translation import N_, translate
from features.catalogue import Language

CAUSES = {
    "left_scheme": N_("slutter som fastlege"),
    "moved": N_("går til en annen fastlegestilling"),
    "other_municipality": N_("går til en fastlegestilling i en annen kommune"),
    "hospital": N_("går til sykehus"),
    "other": N_("slutter av andre grunner"),
    "retired": N_("går av med pensjon"),
    "retirement": N_("går av med pensjon"),
    "not_stated": N_("slutter uten at grunnen er oppgitt"),
}
"""Why contracts end: the causes of contracts, of events and snapshots (`models.exit_causes`), and of careers."""

OWN_CAUSE = N_("«{code}»")
"""A cause of somebody's own file, which only they can put into words."""

STAGES = {
    "specialist": N_("Ferdig spesialist ved start"),
    "trainee": N_("Under spesialisering ved start"),
}

DRIVERS = {
    "population": N_("Innbyggere i kommunen"),
    "centrality_class": N_("Sentralitetsklasse"),
    "contract_form": N_("Avtaleform"),
    "years_since_specialist": N_("Spesialist eller under spesialisering"),
}

GROUPINGS = {
    "population_band": N_("Kommunestørrelse"),
    "contract_form": N_("Avtaleform"),
    "centrality_class": N_("Sentralitetsklasse"),
    "career_stage": N_("Spesialist eller under spesialisering"),
}
"""What curves can be grouped by."""

CAUTIONS = {
    "list_length_moves_nothing": N_(
        "Listelengden flytter ikke anslaget. Korte lister er et svar på rekrutteringsvansker, ikke en årsak, og lengre "
        "lister er ikke et råd."
    ),
    "simulated": N_("Yrkesløpene bak tallene er simulert ut fra publiserte norske tall. Ingen av dem er virkelige."),
    "posts_not_persons": N_(
        "Anslaget gjelder stillinger, ikke personer. Ventet tid i stillingen er ingen kvalifikasjon og kan ikke brukes "
        "til å rangere søkere."
    ),
}

PEER_BASES = {
    "band_and_class": N_("{lists} lister i kommuner med {band} og sentralitetsklasse {number}"),
    "band": N_("{lists} lister i kommuner med {band}, uansett sentralitet"),
    "country": N_("{lists} lister i hele landet"),
}

GROUNDS = {
    "sex_and_gender": N_("kjønn er et vernet grunnlag"),
    "sexual_orientation": N_("seksuell orientering er et vernet grunnlag og kan ikke spørres om"),
    "age": N_("alder er et vernet grunnlag"),
    "pregnancy_and_leave": N_("graviditet og permisjon er vernet og kan ikke spørres om"),
    "family": N_("familie og omsorg er vernede grunnlag"),
    "partner": N_("partneren er kandidatens egen sak"),
    "origin": N_("opphav, oppvekst og studiested er vernede grunnlag eller står i stedet for dem"),
    "religion_and_belief": N_("religion og livssyn er vernede grunnlag og kan ikke spørres om"),
    "health": N_("helse og sykefravær er vernet og kan ikke spørres om"),
    "union_and_politics": N_("politisk syn og fagforening er vernet og kan ikke spørres om"),
    "identity": N_("anslag gis for stillinger og aldri for en navngitt person"),
    "residence": N_("adresse og sosiale medier står i stedet for opphav, familie og tro"),
    "career_gaps": N_("studieår og hull i karrieren står i stedet for alder, permisjon og sykdom"),
    "predicted_stay": N_("ventet botid er ingen kvalifikasjon og kan ikke rangere søkere"),
    "personal_fit": N_("personlig egnethet og kjemi er ikke utlyste krav"),
    "unreadable": N_("navnet har tegn som kan skjule et annet ord"),
}
"""Why a field of the guard list (`engine.protected_fields`) is refused in the description of a post."""

INTENDED = (
    N_("Å se hvor lenge stillinger av et slag beholder leger, med usikkerhet, når en kommune planlegger."),
    N_("Å sammenligne slag av stillinger: avtaleform og utdanning i stillingen mot det som er gitt av sted."),
    N_("Å forske på metoden, med simulerte forløp der sannheten er kjent."),
)

FORBIDDEN = (
    N_("Å rangere, velge eller avvise søkere, eller å følge med på enkeltleger."),
    N_("Å gi en navngitt lege et anslag. Modellen tar ikke imot opplysninger om personer."),
    N_("Å begrunne lengre lister. Listelengden er holdt utenfor, fordi korte lister er et svar på vansker."),
    N_("Å vise til kurvene som funn om Norge så lenge forløpene er simulert."),
)

EXCLUDED = (
    N_("Kjønn, alder, opphav, familie, helse og alt annet vernet grunnlag."),
    N_("Listelengde, som ville gjort sammenhengen til et råd."),
    N_("Arbeidsmengde, legevakt, lønn og kolleger: ingen åpne tall knytter dem til hvor lenge en avtale varer."),
)

LIMITS = (
    N_("Intervallene rommer tilfeldig variasjon, men ikke at sjeldne slag av stillinger trekkes mot gjennomsnittet."),
    N_("Ingenting sies om tid lenger enn den lengste som er observert."),
    N_("Driverne sier hva modellen svarer på. De lover ikke at avtaler varer lenger om stillingen endres."),
)

SIMULATED_LIMITS = (
    N_("Yrkesløpene er simulert. At modellen treffer publiserte medianer, viser at den virker, ikke at den har rett."),
    N_("Virkningen av å bli ferdig spesialist er en antakelse med oppgitt spenn, ikke målt i Norge."),
)


def cause_name(code: str, language: Language) -> str:
    """A cause in words; that of somebody's own file as it stands there, in quotation marks."""
    known = CAUSES.get(code)
    return translate(OWN_CAUSE, language, code=code) if known is None else translate(known, language)
