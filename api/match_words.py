"""Words for posts, for what would change a no, for limits of wishes and for levers."""

from collections.abc import Iterable, Mapping
from datetime import date

from api.formatting import Formats
from api.translation import N_, translate
from engine.attractiveness import Lever, LeverSetting
from engine.candidates import ContractForm, LanguageLevel, PostKind
from engine.eligibility import RequirementReason
from engine.posts import QualificationGroup
from engine.remedies import Change, Detail, Remedy
from engine.vacancy_explanation import PairOutcome
from engine.wish_limits import Stated, WishGap, WishReason
from features.catalogue import Language

REQUIREMENTS = {
    RequirementReason.NOT_AUTHORISED: N_("mangler norsk autorisasjon"),
    RequirementReason.LIS1_INCOMPLETE: N_("LIS1 er ikke fullført"),
    RequirementReason.NOT_SPECIALIST_NOR_IN_TRAINING: N_("verken spesialist eller under spesialisering"),
    RequirementReason.NO_SUPERVISOR_FOR_TRAINEE: N_("stillingen har ingen veileder"),
    RequirementReason.SUPERVISION_HOURS_TOO_FEW: N_("veilederen har for få timer"),
    RequirementReason.LANGUAGE_NOT_DOCUMENTED: N_("norsknivået er ikke dokumentert"),
    RequirementReason.STARTS_TOO_LATE: N_("kan ikke begynne tidsnok"),
    RequirementReason.FTE_BELOW_REQUIRED: N_("ønsker mindre stilling enn utlyst"),
    RequirementReason.FTE_ABOVE_OFFERED: N_("ønsker større stilling enn utlyst"),
    RequirementReason.NOT_IN_ADVERTISED_TIERS: N_("utenfor gruppene i utlysningen"),
}
"""Why a doctor does not qualify; of one doctor."""

GROUPS = {
    QualificationGroup.SPECIALIST: N_("spesialister i allmennmedisin"),
    QualificationGroup.TRAINEE: N_("leger under spesialisering i allmennmedisin"),
    QualificationGroup.OTHER_DOCTOR: N_("andre leger"),
}

CONTRACT_FORMS = {
    ContractForm.SELF_EMPLOYED: N_("næringsdrift"),
    ContractForm.COOPERATION_8_2: N_("8.2-avtale"),
    ContractForm.MUNICIPAL_OPERATED: N_("null-avtale (kommunen driver kontoret)"),
    ContractForm.SALARIED: N_("fastlønn"),
}

KINDS = {
    PostKind.GP_POST: N_("fastlegehjemmel"),
    PostKind.ZERO_LIST_POST: N_("0-hjemmel (ny liste uten pasienter)"),
    PostKind.RELIEF_GP: N_("avlastende fastlegevikar"),
    PostKind.NURSING_HOME_DOCTOR: N_("sykehjemslege"),
    PostKind.GP_TRAINEE: N_("ALIS-stilling"),
    PostKind.OUT_OF_HOURS: N_("legevaktstilling"),
}

CHANGES = {
    Change.OBTAIN_AUTHORISATION: N_("norsk autorisasjon"),
    Change.COMPLETE_LIS1: N_("fullført LIS1"),
    Change.START_SPECIALIST_TRAINING: N_("påbegynt spesialisering i allmennmedisin"),
    Change.COMPLETE_SPECIALIST_TRAINING: N_("ferdig spesialisering i allmennmedisin"),
    Change.DOCUMENT_NORWEGIAN: N_("dokumentert norsk på nivå {detail}"),
    Change.START_EARLIER: N_("oppstart senest {detail}"),
    Change.TAKE_LARGER_POSITION: N_("minst {detail} stilling"),
    Change.TAKE_SMALLER_POSITION: N_("høyst {detail} stilling"),
    Change.SUPERVISOR_AT_POST: N_("at kommunen skaffer veileder, på stedet eller i samarbeidsområdet"),
    Change.MORE_SUPERVISION_HOURS: N_("at kommunen setter av {detail} timer veiledning i året"),
    Change.ACCEPT_LATER_START: N_("at kommunen godtar oppstart {detail}"),
    Change.ACCEPT_SMALLER_POSITION: N_("at kommunen godtar {detail} stilling"),
    Change.OFFER_LARGER_POSITION: N_("at kommunen tilbyr {detail} stilling"),
    Change.ADVERTISE_FOR_GROUP: N_("at utlysningen åpner for {detail}"),
}

GAPS = {
    WishReason.CONTRACT_FORM_NOT_WANTED: N_("avtaleformen er {offered}"),
    WishReason.KIND_NOT_WANTED: N_("stillingen er {offered}"),
    WishReason.REGION_NOT_WANTED: N_("fylket er ikke blant dem du ønsker"),
    WishReason.STARTS_AFTER_OWN_LATEST: N_("oppstart {offered}; du vil begynne senest {wanted}"),
    WishReason.ONCALL_TOO_OFTEN: N_("legevakt 1 av {offered}; du vil ha høyst 1 av {wanted}"),
    WishReason.LIST_TOO_LONG: N_("{offered} på listen; du vil ha høyst {wanted}"),
    WishReason.SUPERVISOR_WANTED: N_("stillingen har ingen veileder"),
    WishReason.FACTOR_BELOW_LIMIT: N_("{factor}: {offered} poeng; grensen din er {wanted}"),
}
"""What stands between a doctor's own wishes and a post; for the doctor alone."""

ASK = {
    WishReason.ONCALL_TOO_OFTEN: N_("hvor ofte det er legevakt"),
    WishReason.LIST_TOO_LONG: N_("hvor lang listen er"),
    WishReason.FACTOR_BELOW_LIMIT: N_("{factor}: kommunen har ikke tall"),
}
"""What the doctor has set a limit for, and the post does not state."""

LEVERS = {
    Lever.CONTRACT_OPTION: N_("valg av avtaleform: også {detail}"),
    Lever.ONCALL_LESS_OFTEN: N_("legevakt 1 av {detail}"),
    Lever.SUPERVISOR: N_("veileder på stedet eller i samarbeidsområdet"),
    Lever.PARTNER_SERVICE: N_("hjelp til at partner finner jobb"),
}

OUTCOMES = {
    PairOutcome.PROPOSED: N_("Foreslått."),
    PairOutcome.NOT_ELIGIBLE: N_("Oppfyller ikke kravene: {reasons}."),
    PairOutcome.QUALIFIES_NOT_PROPOSED: N_("Oppfyller kravene, men er ikke foreslått her."),
}
"""How it went with one doctor, for the employer."""

FEWER_THAN_FIVE = N_("under 5, eller alle")


def remedy_text(remedy: Remedy, language: Language) -> str:
    """What would change a no, in a few words."""
    return translate(CHANGES[remedy.change], language, detail=_detail(remedy.detail, language))


def remedies_text(remedies: Iterable[Remedy], language: Language) -> str:
    """All changes that would help, one after the other."""
    return "; ".join(dict.fromkeys(remedy_text(remedy, language) for remedy in remedies))


def gap_text(gap: WishGap, factors: Mapping[str, str], language: Language) -> str:
    """What keeps a post off the doctor's list; `factors` names the factors in the language."""
    words = {"wanted": stated_text(gap.wanted, language), "offered": stated_text(gap.offered, language)}
    return translate(GAPS[gap.reason], language, factor=factors.get(gap.factor or "", ""), **words)


def ask_text(gap: WishGap, factors: Mapping[str, str], language: Language) -> str:
    """What the doctor should ask about."""
    return translate(ASK[gap.reason], language, factor=factors.get(gap.factor or "", ""))


def lever_text(setting: LeverSetting, language: Language) -> str:
    """A lever and how far it is pulled."""
    form = setting.contract_form
    detail = setting.oncall_rota_n if form is None else translate(CONTRACT_FORMS[form], language)
    return translate(LEVERS[setting.lever], language, detail=detail)


def stated_text(value: Stated, language: Language) -> str:
    """A wish or a fact of a post as it is read."""
    match value:
        case frozenset():
            forms = [text for form, text in CONTRACT_FORMS.items() if form in value]
            kinds = [text for kind, text in KINDS.items() if kind in value]
            return ", ".join(translate(text, language) for text in (*forms, *kinds))
        case date():
            return Formats(language).day(value)
        case int() | float():
            return Formats(language).number(value)
    return value or ""


def _detail(detail: Detail | None, language: Language) -> str:
    match detail:
        case LanguageLevel():
            return detail.name
        case QualificationGroup():
            return translate(GROUPS[detail], language)
        case date():
            return Formats(language).day(detail)
        case float() if detail <= 1:
            return Formats(language).percent(detail, 0)
        case float():
            return Formats(language).number(detail)
    return ""
