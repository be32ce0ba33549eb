"""Words of allocation rounds: choices of the files, stages, steps, faults and what the log tells."""

from collections.abc import Mapping

from api.services.round_log import RoundAction
from api.services.round_steps import RoundStage, RoundStep, StepFault
from api.services.round_terms import TermKind
from api.translation import N_
from engine.candidates import ContractForm, LanguageLevel, PartnerOccupation, PostKind
from engine.eligibility import Requirement
from engine.joint_wishes import JointReach
from engine.match_result import StabilityStatus
from engine.posts import QualificationGroup
from engine.terms_outcome import MinimumStatus

CONTRACT_FORMS: Mapping[ContractForm, str] = {
    ContractForm.SELF_EMPLOYED: N_("næringsdrift"),
    ContractForm.COOPERATION_8_2: N_("8.2-avtale"),
    ContractForm.MUNICIPAL_OPERATED: N_("null-avtale"),
    ContractForm.SALARIED: N_("fastlønn"),
}

POST_KINDS: Mapping[PostKind, str] = {
    PostKind.GP_POST: N_("fastlegeliste"),
    PostKind.ZERO_LIST_POST: N_("nulliste"),
    PostKind.RELIEF_GP: N_("avlastende fastlegevikar"),
    PostKind.NURSING_HOME_DOCTOR: N_("sykehjemslege"),
    PostKind.GP_TRAINEE: N_("utdanningsstilling"),
    PostKind.OUT_OF_HOURS: N_("legevaktstilling"),
}

GROUPS: Mapping[QualificationGroup, str] = {
    QualificationGroup.SPECIALIST: N_("spesialist"),
    QualificationGroup.TRAINEE: N_("under spesialisering"),
    QualificationGroup.OTHER_DOCTOR: N_("annen lege"),
}

LEVELS: Mapping[LanguageLevel, str] = {level: level.name for level in LanguageLevel} | {LanguageLevel.NONE: N_("ingen")}

PARTNERS: Mapping[PartnerOccupation, str] = {
    PartnerOccupation.NONE: N_("ingen"),
    PartnerOccupation.HIGHER_EDUCATION: N_("høyere utdanning"),
    PartnerOccupation.OTHER: N_("annet"),
}

TERM_KINDS: Mapping[TermKind, str] = {
    TermKind.SUPERVISION: N_("veiledning"),
    TermKind.INSTITUTION_SLOTS: N_("institusjonstjeneste"),
    TermKind.GROUP_SEATS: N_("veiledningsgruppe"),
    TermKind.REGIONAL_QUOTA: N_("regional kvote"),
    TermKind.REVERSION: N_("omgjøring"),
    TermKind.MINIMUM: N_("minstetall"),
}

REACHES: Mapping[JointReach, str] = {
    JointReach.SAME_MUNICIPALITY: N_("samme kommune"),
    JointReach.SAME_LABOUR_MARKET: N_("samme arbeidsmarked"),
    JointReach.ANYWHERE: N_("hele landet"),
}

STAGES: Mapping[RoundStage, str] = {
    RoundStage.OPEN: N_("Åpnet"),
    RoundStage.POSTS_IN: N_("Stillinger inne"),
    RoundStage.SEALED: N_("Utlysninger forseglet"),
    RoundStage.CANDIDATES_IN: N_("Leger og ønsker inne"),
    RoundStage.DRAWN: N_("Lodd trukket"),
    RoundStage.PROPOSED: N_("Forslag til avgjørelse"),
    RoundStage.DECIDED: N_("Alt er avgjort"),
    RoundStage.CLOSED: N_("Lukket"),
}

STEPS: Mapping[RoundStep, str] = {
    RoundStep.BRING_POSTS: N_("Hent inn stillinger"),
    RoundStep.BRING_TERMS: N_("Hent inn felles vilkår"),
    RoundStep.SEAL: N_("Forsegle utlysningene"),
    RoundStep.BRING_CANDIDATES: N_("Hent inn leger"),
    RoundStep.ISSUE_CODES: N_("Lag egne koder til legene"),
    RoundStep.GIVE_WISHES: N_("Ta imot ønsker"),
    RoundStep.DRAW: N_("Trekk lodd"),
    RoundStep.RUN: N_("Lag forslag"),
    RoundStep.DECIDE: N_("Avgjør forslagene"),
    RoundStep.START_SECOND: N_("Begynn andre omgang"),
    RoundStep.CLOSE: N_("Lukk runden"),
}

WHAT_TO_DO: Mapping[RoundStage, str] = {
    RoundStage.OPEN: N_("Hent inn stillingene først"),
    RoundStage.POSTS_IN: N_("Forsegle utlysningene først"),
    RoundStage.SEALED: N_("Hent inn legene først"),
    RoundStage.CANDIDATES_IN: N_("Ta imot ønskene, og trekk lodd"),
    RoundStage.DRAWN: N_("Lag forslaget"),
    RoundStage.PROPOSED: N_("Avgjør hvert forslag med en grunn"),
    RoundStage.DECIDED: N_("Begynn andre omgang, eller lukk runden"),
    RoundStage.CLOSED: N_("Åpne en ny runde"),
}

STEP_FAULTS: Mapping[StepFault, str] = {
    StepFault.TOO_EARLY: N_("runden er ikke kommet så langt"),
    StepFault.TOO_LATE: N_("runden er kommet forbi dette"),
    StepFault.CLOSED: N_("runden er lukket"),
    StepFault.NO_SECOND_LEFT: N_("andre omgang er alt holdt"),
    StepFault.NOTHING_UNMATCHED: N_("det er ikke både en ledig plass og en lege uten stilling"),
    StepFault.NO_WISHES: N_("ingen lege har gitt ønsker ennå"),
    StepFault.ONLY_SIMULATED: N_("en simulert runde tar bare simulerte leger"),
    StepFault.ONLY_FROM_FILE: N_("en virkelig runde tar ikke imot noe simulert"),
    StepFault.NEWCOMER_IN_SECOND: N_("i andre omgang kommer ingen nye leger til"),
    StepFault.ALREADY_DECIDED: N_("forslaget er alt avgjort, og en avgjørelse endres ikke"),
    StepFault.CHANGED_MEANWHILE: N_("noen endret runden imens; last siden på nytt"),
}

ACTIONS: Mapping[RoundAction, str] = {
    RoundAction.OPENED: N_("Runden ble åpnet"),
    RoundAction.POSTS_IMPORTED: N_("Stillinger ble lest inn fra fil"),
    RoundAction.POSTS_SIMULATED: N_("Stillinger ble simulert"),
    RoundAction.TERMS_IMPORTED: N_("Felles vilkår ble lest inn fra fil"),
    RoundAction.TERMS_REMOVED: N_("Felles vilkår ble tatt bort"),
    RoundAction.SEALED: N_("Utlysningene ble forseglet"),
    RoundAction.CANDIDATES_IMPORTED: N_("Leger ble lest inn fra fil"),
    RoundAction.CANDIDATES_SIMULATED: N_("Leger og ønsker ble simulert"),
    RoundAction.CODES_ISSUED: N_("Egne koder ble laget"),
    RoundAction.WISHES_IMPORTED: N_("Ønsker ble lest inn fra fil"),
    RoundAction.WISHES_GIVEN: N_("En lege ga egne ønsker"),
    RoundAction.LOTTERY_DRAWN: N_("Lodd ble trukket"),
    RoundAction.RUN: N_("Forslaget ble laget"),
    RoundAction.DECIDED: N_("Et forslag ble avgjort"),
    RoundAction.SECOND_ROUND: N_("Andre omgang begynte"),
    RoundAction.CLOSED: N_("Runden ble lukket"),
    RoundAction.CANDIDATE_DELETED: N_("En lege slettet egne data"),
}

RUN_STATUS: Mapping[StabilityStatus, str] = {
    StabilityStatus.STABLE: N_("Forslaget er stabilt"),
    StabilityStatus.NONE_EXISTS: N_("Ingen stabil løsning finnes"),
    StabilityStatus.FEWEST_BLOCKING: N_("Forslaget er det nærmeste som er funnet"),
    StabilityStatus.UNDECIDED: N_("Ikke avgjort om en stabil løsning finnes"),
}

RUN_MEANING: Mapping[StabilityStatus, str] = {
    StabilityStatus.STABLE: N_(
        "På listene som er gitt, er det ingen lege og stilling som begge heller ville hatt hverandre."
    ),
    StabilityStatus.NONE_EXISTS: N_(
        "Det er bevist, og kan skje med par og felles vilkår. I forslaget er det {blocking} bytter som alle berørte "
        "heller ville hatt; ingen løsning har færre enn {bound}. Et menneske må avgjøre om forslaget likevel skal "
        "følges."
    ),
    StabilityStatus.FEWEST_BLOCKING: N_(
        "Tiden tok slutt før det var avgjort om en stabil løsning finnes. I dette forslaget er det {blocking} bytter "
        "som alle berørte heller ville hatt, det færreste som er funnet; ingen løsning har færre enn {bound}."
    ),
    StabilityStatus.UNDECIDED: N_(
        "Tiden tok slutt før det var avgjort. I dette forslaget er det {blocking} bytter som alle berørte heller ville "
        "hatt, og det er ikke søkt etter et forslag med færre."
    ),
}
"""What the status of a run means for those who decide."""

MINIMUM_STATUS: Mapping[MinimumStatus, str] = {
    MinimumStatus.MET: N_("Nådd uten å holde noen tilbake."),
    MinimumStatus.MET_BY_CAP: N_("Nådd ved å sette en grense for de andre stillingene."),
    MinimumStatus.NOT_FEASIBLE: N_("Ikke nådd: ingen grense for de andre stillingene gir det. Forslaget har ingen."),
    MinimumStatus.UNDECIDED: N_("Ikke avgjort: tiden tok slutt. Forslaget har ingen grense for de andre."),
}
"""What came of least numbers."""

REQUIREMENTS_MET: Mapping[Requirement, str] = {
    Requirement.AUTHORISED: N_("norsk autorisasjon"),
    Requirement.LIS1_COMPLETE: N_("LIS1 fullført"),
    Requirement.SPECIALIST_OR_IN_TRAINING: N_("spesialist eller under spesialisering"),
    Requirement.SUPERVISOR_FOR_TRAINEE: N_("veileder ved stillingen"),
    Requirement.SUPERVISION_HOURS: N_("timer nok til veiledning"),
    Requirement.LANGUAGE_DOCUMENTED: N_("norsk dokumentert"),
    Requirement.STARTS_IN_TIME: N_("kan begynne tidsnok"),
    Requirement.FTE_SUFFICIENT: N_("stor nok stilling"),
    Requirement.FTE_OFFERED: N_("ikke større stilling enn utlyst"),
    Requirement.IN_ADVERTISED_TIERS: N_("i en utlyst kvalifikasjonsgruppe"),
}

FORM_FAULTS: Mapping[str, str] = {
    "name": N_("Gi runden et navn med høyst 80 tegn."),
    "reason": N_("Skriv en grunn med høyst 300 tegn, uten telefonnummer, fødselsnummer eller e-postadresse."),
    "role": N_("Velg rollen til den som gjør dette."),
    "lottery_seed": N_("Loddtallet kan ha høyst 100 tegn."),
    "candidates": N_("Velg et helt tall fra 5 til 2000."),
    "couples": N_("Velg et helt tall fra 0 til halvparten av legene."),
    "file": N_("Ingen fil er valgt. Velg den utfylte malen."),
    "is_followed": N_("Velg om forslaget skal følges."),
}
"""What to do about a field of a round's forms."""

DETAILS: Mapping[str, str] = {
    "name": N_("navn"),
    "is_simulated": N_("simulert"),
    "posts": N_("stillinger"),
    "terms": N_("felles vilkår"),
    "seed": N_("frø for simuleringen"),
    "sha256": N_("segl (SHA-256)"),
    "pseudonyms_sha256": N_("sjekksum av pseudonymene (SHA-256)"),
    "candidates": N_("leger"),
    "couples": N_("simulerte par"),
    "lottery_seed": N_("loddtall"),
    "drawn_by": N_("trukket av"),
    "by_program": N_("trukket av programmet"),
    "turn": N_("omgang"),
    "inputs_sha256": N_("sjekksum av det som gikk inn (SHA-256)"),
    "is_stable": N_("stabilt"),
    "status": N_("hva som er kjent"),
    "blocking": N_("bytter som alle berørte heller ville hatt"),
    "bound": N_("færrest mulig slike bytter"),
    "post": N_("stilling"),
    "candidate": N_("lege"),
    "is_followed": N_("fulgt"),
    "reason": N_("grunn"),
    "by": N_("avgjort av"),
    "was": N_("sto ved"),
}
"""Names of what an entry of the log tells."""
