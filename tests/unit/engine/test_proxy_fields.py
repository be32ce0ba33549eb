"""The guard knows obvious proxies of the red list too, in Norwegian and English, and lets formal facts pass."""

import pytest

from engine.protected_fields import ProtectedFieldError, protected_fields, reject_protected_fields

PROXIES = {
    "sex_and_gender": "salutation mr_mrs verneplikt military_service førstegangstjeneste pronomen",
    "sexual_orientation": "lhbt queer",
    "age": "cohort årskull pensjonist generation",
    "pregnancy_and_leave": "pappaperm fedrekvote ivf",
    "family": "dependents forsørgeransvar caregiver pårørende skolestart kindergarten_need cohabiting",
    "partner": "medflytter ektefelles_yrke",
    "origin": "passport visa oppholdstillatelse eea_citizen foreign_trained utenlandsk universitet medical_school "
    "first_language native_norwegian lokal_tilknytning local_ties dialekt IMG",
    "religion_and_belief": "hijab halal kosthold kirkemedlem",
    "health": "egenmelding bmi smoker tilrettelegging arbeidsevne medication",
    "union_and_politics": "tillitsvalgt legeforeningen shop_steward",
    "identity": "initialer avatar voice fødselsnr",
    "residence": "postnr latitude moves_count flyttehistorikk avstand_hjem tiktok",
    "career_gaps": "grad_year avgangskull turnusår autorisasjonsdato years_since_graduation arbeidsledig",
    "predicted_stay": "forventet_varighet stay_probability attrition churn flytterisiko turnover_prob",
    "personal_fit": "magefølelse likeability hobbies big5 kulturell_match",
}


@pytest.mark.parametrize(
    ("field", "ground"), [(field, ground) for ground, fields in PROXIES.items() for field in fields.split()]
)
def test_an_obvious_proxy_is_refused_with_the_paragraph(field: str, ground: str) -> None:
    (hit,) = protected_fields([field])
    assert hit.ground.key == ground
    with pytest.raises(ProtectedFieldError) as caught:
        reject_protected_fields([field])
    assert hit.ground.source in str(caught.value)


@pytest.mark.parametrize(
    "field",
    [
        "authorised",
        "autorisasjon",
        "autorisert",
        "lis1_complete",
        "spesialist",
        "spesialitet",
        "specialist_since",
        "in_training",
        "learning_goals_achieved",
        "kurspoeng",
        "open_practice_months",
        "praksis_maneder",
        "bergenstest",
        "norskkurs",
        "language_level",
        "oppstartsdato",
        "available_from",
        "stillingsprosent",
        "permanent_post",
        "hjemmel",
        "veileder",
        "sykehjem",
        "legevakt",
    ],
)
def test_formal_facts_pass(field: str) -> None:
    assert protected_fields([field]) == ()
