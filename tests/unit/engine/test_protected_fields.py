from dataclasses import fields

import pytest

from engine.candidate_records import OWN_FACTORS, OWN_WISH_FIELDS
from engine.candidates import Candidate, Qualifications, Wishes
from engine.posts import Post, Requirements
from engine.protected_fields import ProtectedFieldError, protected_fields, protected_grounds, reject_protected_fields
from features.catalogue import load_catalogue


@pytest.mark.parametrize(
    ("field", "ground"),
    [
        ("sex", "sex_and_gender"),
        ("Kjønn", "sex_and_gender"),
        ("kjoenn", "sex_and_gender"),
        ("genderIdentity", "sex_and_gender"),
        ("seksuell_orientering", "sexual_orientation"),
        ("AGE", "age"),
        ("candidate_age", "age"),
        ("alder", "age"),
        ("FØDSELSÅR", "age"),
        ("foedselsaar", "age"),
        ("dateofbirth", "age"),
        ("is_pregnant", "pregnancy_and_leave"),
        ("graviditet", "pregnancy_and_leave"),
        ("Foreldre-permisjon", "pregnancy_and_leave"),
        ("family_status", "family"),
        ("sivilstand", "family"),
        ("number_of_children", "family"),
        ("antallBarn", "family"),
        ("partner", "partner"),
        ("partner_occupation_group", "partner"),
        ("samboer", "partner"),
        ("ethnicity", "origin"),
        ("statsborgerskap", "origin"),
        ("rural_origin", "origin"),
        ("rural", "origin"),
        ("is_rural", "origin"),
        ("pct_rural_origin", "origin"),
        ("pct_rural_background", "origin"),
        ("pct_female", "sex_and_gender"),
        ("share_age_rural", "age"),
        ("rural_sharecropper", "origin"),
        ("Fødested", "origin"),
        ("birthplace", "origin"),
        ("oppvekstkommune", "origin"),
        ("religion", "religion_and_belief"),
        ("livssyn", "religion_and_belief"),
        ("disability", "health"),
        ("funksjonsnedsettelse", "health"),
        ("sick_leave_days", "health"),
        ("sykefraværsdager", "health"),
        ("health_status", "health"),
        ("union_member", "union_and_politics"),
        ("fagforening", "union_and_politics"),
        ("politiskSyn", "union_and_politics"),
        ("name", "identity"),
        ("etternavn", "identity"),
        ("photo_url", "identity"),
        ("fødselsnummer", "identity"),
        ("address_history", "residence"),
        ("bostedsadresse", "residence"),
        ("graduation_year", "career_gaps"),
        ("eksamensår", "career_gaps"),
        ("gap_months", "career_gaps"),
        ("hull_i_cv", "career_gaps"),
        ("predicted_stay", "predicted_stay"),
        ("retentionScore", "predicted_stay"),
        ("forventet_botid", "predicted_stay"),
        ("team_fit", "personal_fit"),
        ("aldersgruppe", "age"),
        ("alderen", "age"),
        ("kjønnskode", "sex_and_gender"),
        ("helsestatus", "health"),
        ("barnealder", "age"),
        ("småbarn", "family"),
        ("navnet", "identity"),
        ("søskenbarn", "family"),
        ("hjemland", "origin"),
        ("country", "origin"),
        ("yob", "age"),
        ("birthyr", "age"),
        ("age2", "age"),
        ("sex_2", "sex_and_gender"),
        ("ageyears", "age"),
        ("Âge", "age"),
        ("ａｇｅ", "age"),  # full-width letters
        ("\u0430ge", "unreadable"),  # a Cyrillic a
        ("ag\u200be", "unreadable"),  # a zero-width space
    ],
)
def test_protected_and_proxy_fields_are_recognised_in_both_languages(field: str, ground: str) -> None:
    assert [hit.ground.key for hit in protected_fields([field])] == [ground]


@pytest.mark.parametrize(
    "field",
    [
        "candidate_id",
        "authorised",
        "autorisert",
        "lis1_complete",
        "is_specialist",
        "in_training",
        "language_level",
        "norsknivå",
        "available_from",
        "oppstart",
        "fte",
        "stillingsbrøk",
        "factor_weights",
        "contract_forms",
        "counties",
        "list_limit",
        "supervision_hours",
        "open_practice_months",
        "pct_rural",
        "PctRural",
        "rural_share",
        "andel_rural",
    ],
)
def test_formal_qualifications_and_wishes_pass(field: str) -> None:
    assert protected_fields([field]) == ()


def test_every_field_of_the_two_sides_passes_but_the_partner_in_the_own_wishes() -> None:
    for kind in (Qualifications, Requirements, Candidate):
        assert protected_fields(field.name for field in fields(kind)) == ()
    about_the_post = {hit.field for hit in protected_fields(field.name for field in fields(Post))}
    assert about_the_post == {"has_partner_service"}  # what the municipality offers, nothing about a person
    assert {hit.field for hit in protected_fields(field.name for field in fields(Wishes))} == OWN_WISH_FIELDS


def test_every_factor_of_the_catalogue_may_be_weighed() -> None:
    assert {hit.field for hit in protected_fields(load_catalogue().factors)} == OWN_FACTORS


def test_nested_keys_are_read_at_every_depth() -> None:
    record = {"fte": 1, "formal": {"papers": [{"level": "C1"}, {"Kjønn": "f"}]}}
    assert [hit.field for hit in protected_fields(record)] == ["Kjønn"]


def test_the_error_names_every_field_its_reason_and_its_law() -> None:
    with pytest.raises(ProtectedFieldError) as caught:
        reject_protected_fields(["fte", "alder", "navn"])
    assert [hit.field for hit in caught.value.found] == ["alder", "navn"]
    assert "age is a protected ground" in str(caught.value)
    assert "personopplysningsloven" in str(caught.value)


def test_every_ground_has_words_in_both_languages_a_reason_and_a_source() -> None:
    for ground in protected_grounds():
        assert len(ground.words) > 2
        assert ground.reason
        assert ground.source
