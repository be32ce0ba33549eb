"""The routes of rounds: a whole round by JSON, rejects in words, and problems."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.problems import install_problem_answers
from api.routes import round_own, rounds
from api.services.wish_box import WishBox
from api.services.world import World
from tests.unit.api.rounds.conftest import DOCTORS, POSTS, ROLE, WISHES
from tests.unit.api.rounds.test_terms import TERMS


@pytest.fixture
def client(world: World, database: Engine, box: WishBox) -> Iterator[TestClient]:
    app = FastAPI()
    app.state.engine, app.state.world, app.state.key_file = database, world, box.path
    install_problem_answers(app)
    api = APIRouter(prefix="/api/v1")
    for module in (rounds, round_own):
        api.include_router(module.router)
    app.include_router(api)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


def sent(client: TestClient, path: str, **body: Any) -> Any:
    answer = client.post(f"/api/v1/rounds{path}", json=body)
    assert answer.status_code < 300, answer.text
    return answer.json()["data"] if answer.content else None


def sent_file(client: TestClient, path: str, content: str) -> Any:
    return client.post(f"/api/v1/rounds{path}", files={"file": ("fil.csv", content.encode())})


def real_round(client: TestClient) -> str:
    number = sent(client, "", name="Vår", is_simulated=False)["round_id"]
    assert sent_file(client, f"/{number}/posts/file", POSTS).json()["data"]["accepted"] == 2
    sent(client, f"/{number}/seal")
    for kind, content in (("candidates", DOCTORS), ("wishes", WISHES)):
        assert sent_file(client, f"/{number}/{kind}/file", content).json()["data"]["accepted"] == 3
    return f"/{number}"


def test_a_whole_round_can_be_led_by_json(client: TestClient) -> None:
    path = real_round(client)
    codes = sent(client, f"{path}/candidates/codes")["codes"]
    sent(client, f"{path}/draw", lottery_seed="2027-1", role=ROLE)
    assert sent(client, f"{path}/run")["stage"] == "proposed"
    for post in ("FROYA-1", "OSLO-1"):
        (proposal,) = client.get(f"/api/v1/rounds{path}/proposals", params={"post": post}).json()["data"]
        decision = f"{path}/proposals/{proposal['proposal_id']}/decision"
        state = sent(client, decision, is_followed=post == "OSLO-1", reason="Etter samtale", role=ROLE)
    assert (state["stage"], state["all_decided"]) == ("decided", True)
    assert sent(client, f"{path}/second")["turn"] == 2
    sent(client, f"{path}/draw", role=ROLE)
    sent(client, f"{path}/run")
    private = client.post(f"/api/v1/rounds{path}/own", json={"candidate_id": "K2", "code": codes["K2"]})
    assert private.headers["Cache-Control"] == "no-store"
    own = private.json()["data"]
    assert (own["answer"]["post_id"], own["wishes"]["own_ranking"]) == ("FROYA-1", ["FROYA-1"])
    sent(client, f"{path}/own/deletion", candidate_id="K2", code=codes["K2"])
    assert client.get(f"/api/v1/rounds{path}/posts/FROYA-1").json()["data"]["proposals"][-1]["turn"] == 1
    sent(client, f"{path}/close", reason="Ferdig")
    log = client.get(f"/api/v1/rounds{path}/log").json()["data"]
    assert log["check"] == client.get(f"/api/v1/rounds{path}/log/check").json()["data"]
    assert (log["check"]["is_whole"], log["entries"][-1]["action"]) == (True, "closed")
    assert client.get("/api/v1/rounds").json()["data"][0]["stage"] == "closed"


def test_terms_and_couples_can_be_led_by_json(client: TestClient) -> None:
    number = sent(client, "", name="Par", is_simulated=False)["round_id"]
    sent_file(client, f"/{number}/posts/file", POSTS)
    assert sent_file(client, f"/{number}/terms/file", TERMS).json()["data"] == {"accepted": 4, "rejected": []}
    assert sent(client, f"/{number}/terms/removal")["terms"] == []
    quota = "Slag vilkår;Vilkår;Stillinger;Antall leger\nregional kvote;KVOTE;FROYA-1, OSLO-1;2\n"
    sent_file(client, f"/{number}/terms/file", quota)
    state = sent(client, f"/{number}/seal")
    assert [(term["kind"], term["number"]) for term in state["terms"]] == [("regional_quota", 2)]
    for kind, content in (("candidates", DOCTORS), ("wishes", WISHES)):
        sent_file(client, f"/{number}/{kind}/file", content)
    codes = sent(client, f"/{number}/candidates/codes")["codes"]
    first, other = ({"candidate_id": name, "code": codes[name]} for name in ("K1", "K3"))
    wrong = client.post(f"/api/v1/rounds/{number}/own/joint", json=first | {"joint": {"partner_id": "K9"}})
    assert (wrong.status_code, wrong.json()["data"]["rejected"][0]["problem"]["column"]) == (422, "partner_id")
    joint = {"partner_id": "K3", "own_ranking": "OSLO-1 + FROYA-1"}
    assert sent(client, f"/{number}/own/joint", **first, joint=joint)["accepted"] == 1
    (offer,) = sent(client, f"/{number}/own", **other)["joint"]
    agreed = sent(client, f"/{number}/own/joint/agreement", **other, offer_id=offer["offer_id"])
    assert [each["takes_part_together"] for each in agreed["joint"]] == [True]
    again = client.post(f"/api/v1/rounds/{number}/own/joint/agreement", json=other | {"offer_id": "gone"})
    assert (again.status_code, again.json()["type"]) == (409, "/docs#problem-round-step")
    alone = sent(client, f"/{number}/own/joint/withdrawal", **other, offer_id=offer["offer_id"])
    assert alone["joint"] == []
    assert sent(client, f"/{number}/own", **first)["partner_left"]
    couples = "Pseudonym;Partners pseudonym;Egen rekkefølge av par\nK1;K3;OSLO-1 + FROYA-1\n"
    assert sent_file(client, f"/{number}/couples/file", couples).json()["data"]["accepted"] == 1
    sent(client, f"/{number}/draw", role=ROLE)
    assert sent(client, f"/{number}/run")["runs"][0]["status"] == "stable"
    answer = sent(client, f"/{number}/own", **first)["answer"]
    assert (answer["post_id"], answer["joint"]["partner_post_id"]) == ("OSLO-1", "FROYA-1")


def test_a_simulated_round_shows_every_answer_and_says_what_it_is(client: TestClient) -> None:
    number = sent(client, "", name="Prøve", is_simulated=True)["round_id"]
    sent(client, f"/{number}/posts/simulated")
    sent(client, f"/{number}/seal")
    sent(client, f"/{number}/candidates/simulated", candidates=60)
    sent(client, f"/{number}/draw", role=ROLE)
    state = sent(client, f"/{number}/run")
    assert (state["is_simulated"], state["runs"][0]["figures"]["proof"]["is_stable"]) == (True, True)
    proposals = client.get(f"/api/v1/rounds/{number}/proposals").json()["data"]
    assert len(proposals) == state["runs"][0]["figures"]["matched"]


def test_rejected_rows_come_back_in_words_of_the_asker(client: TestClient) -> None:
    number = sent(client, "", name="Vår", is_simulated=False)["round_id"]
    answer = sent_file(client, f"/{number}/posts/file", POSTS.replace("fastlønn", "akkord"))
    assert answer.status_code == 422
    (rejected,) = answer.json()["data"]["rejected"]
    assert (rejected["problem"]["row"], rejected["problem"]["column"]) == (2, "contract_form")
    assert rejected["message"] == "Fikk «akkord». Ventet én av: næringsdrift, 8.2-avtale, null-avtale, fastlønn."
    assert client.get(f"/api/v1/rounds/{number}").json()["data"]["stage"] == "open"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["posts", "terms", "candidates", "wishes", "couples"])
def test_a_template_is_recognised_when_it_is_read_in_again(client: TestClient, kind: str, form: str) -> None:
    template = client.get(f"/api/v1/rounds/templates/{kind}.{form}", headers={"Accept-Language": "en"})
    assert template.status_code == 200
    path = (
        real_round(client)
        if kind in ("wishes", "couples")
        else f"/{sent(client, '', name='x', is_simulated=False)['round_id']}"
    )
    if kind in ("terms", "candidates"):
        sent_file(client, f"{path}/posts/file", POSTS)
    if kind == "candidates":
        sent(client, f"{path}/seal")
    answer = client.post(f"/api/v1/rounds{path}/{kind}/file", files={"file": (f"fil.{form}", template.content)})
    assert [each["problem"]["fault"] for each in answer.json()["data"]["rejected"]] == ["empty"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind"),
    [
        ("POST", "/{id}/seal", {}, 409, "round-step"),
        ("POST", "/{id}/own", {"candidate_id": "K1", "code": "x"}, 403, "own-code"),
        ("POST", "/{id}/posts/simulated", {}, 409, "round-step"),
        ("GET", "/{id}/proposals", None, 422, "invalid-input"),
        ("GET", "/{id}/posts/NO-1", None, 404, "unknown-key"),
        ("GET", "/999/log", None, 404, "unknown-key"),
        ("POST", "/{id}/close", {"reason": ""}, 422, None),
    ],
)
def test_what_goes_wrong_is_a_problem_with_what_to_do(
    client: TestClient, method: str, path: str, body: dict[str, str] | None, status: int, kind: str | None
) -> None:
    number = sent(client, "", name="Vår", is_simulated=False)["round_id"]
    answer = client.request(method, f"/api/v1/rounds{path.replace('{id}', str(number))}", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == (f"/docs#problem-{kind}" if kind else "about:blank")


def test_a_protected_column_is_a_problem_with_the_paragraph(client: TestClient) -> None:
    number = sent(client, "", name="Vår", is_simulated=False)["round_id"]
    sent_file(client, f"/{number}/posts/file", POSTS)
    sent(client, f"/{number}/seal")
    answer = sent_file(client, f"/{number}/candidates/file", DOCTORS.replace("\n", ";Kjønn\n", 1))
    assert (answer.status_code, answer.json()["type"]) == (422, "/docs#problem-protected-column")
    assert "§" in answer.json()["detail"]


def test_a_page_of_another_site_changes_nothing(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/rounds", json={"name": "x", "is_simulated": True}, headers={"Origin": "https://example.org"}
    )
    assert answer.status_code == 403
    assert client.get("/api/v1/rounds").json()["data"] == []
