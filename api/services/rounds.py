"""An allocation round step by step: open, posts, seal, doctors and wishes, draw, decide, second round, close."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from pydantic import TypeAdapter
from sqlalchemy import Engine

from api.services.local_data import OSLO, norwegian_day
from api.services.matching import weighed_factors
from api.services.round_import import Judged, Known, judge_candidates, judge_posts, judge_wishes
from api.services.round_log import Detail, RoundAction
from api.services.round_steps import RoundStage, RoundStep, RoundStepError, StepFault, stage_after
from api.services.round_terms import round_terms, stored_terms
from api.services.wish_box import WishBox
from api.services.world import World
from api.storage.round_repository import RoundBook, changing, opening
from api.storage.round_tables import AllocationRoundRow, AllocationRunRow
from engine.advert_seal import AdvertSeal, check_seal, seal_adverts
from engine.candidates import Candidate, Qualifications, Wishes
from engine.posts import Post
from engine.round_figures import SMALLEST_COUNT
from engine.round_terms import RoundTerms
from features.errors import InvalidInputError, UnknownKeyError
from features.local_data import LONGEST_NOTE, PERSONAL
from features.local_template import load_local_template

POST: TypeAdapter[Post] = TypeAdapter(Post)
QUALIFICATIONS: TypeAdapter[Qualifications] = TypeAdapter(Qualifications)
WISHES: TypeAdapter[Wishes] = TypeAdapter(Wishes)

LONGEST_NAME = 80
LONGEST_SEED = 100


def open_round(engine: Engine, name: str, *, is_simulated: bool, now: datetime) -> int:
    """Open a round and give its number; a simulated one takes no real doctor, a real one nothing simulated."""
    told = given_text("name", name, LONGEST_NAME)
    row = AllocationRoundRow(
        name=told, is_simulated=is_simulated, stage=RoundStage.OPEN, turn=1, opened_at=now, log_length=0
    )
    with opening(engine, row) as book:
        book.note(now, RoundAction.OPENED, {"name": told, "is_simulated": is_simulated})
    return book.round_id


def import_posts(engine: Engine, world: World, round_id: int, content: bytes, now: datetime) -> Judged[Post]:
    """Take in a file of posts in place of those there and what they shared; with any rejected row nothing changes."""
    with changing(engine, round_id) as book:
        advance(book, RoundStep.BRING_POSTS)
        judged = judge_posts(content, known_to(world), norwegian_day(now))
        if judged.rejected:
            book.discard()
            return judged
        replace_posts(book, judged.accepted)
        book.note(now, RoundAction.POSTS_IMPORTED, {"posts": len(judged.accepted)})
    return judged


def seal(engine: Engine, round_id: int, now: datetime) -> AdvertSeal:
    """Seal tiers, requirements, places and what the posts share before the first doctor is seen."""
    with changing(engine, round_id) as book:
        advance(book, RoundStep.SEAL)
        made = seal_adverts(posts_of(book), now.astimezone(OSLO), terms_of(book))
        book.row.seal_sha256, book.row.sealed_at = made.sha256, made.sealed_at
        terms = len(stored_terms(book.row.terms))
        book.note(now, RoundAction.SEALED, {"sha256": made.sha256, "posts": len(book.posts()), "terms": terms})
    return made


def import_candidates(engine: Engine, round_id: int, content: bytes, now: datetime) -> Judged[Qualifications]:
    """Take in a file of doctors' formal qualifications; with any rejected row nothing changes."""
    with changing(engine, round_id) as book:
        if book.row.is_simulated:
            raise RoundStepError(RoundStep.BRING_CANDIDATES, book.stage, StepFault.ONLY_SIMULATED)
        advance(book, RoundStep.BRING_CANDIDATES)
        judged = judge_candidates(content)
        if judged.rejected:
            book.discard()
            return judged
        put_candidates(book, judged.accepted, now)
        book.note(now, RoundAction.CANDIDATES_IMPORTED, who_takes_part(book))
    return judged


def import_wishes(
    engine: Engine, world: World, box: WishBox, round_id: int, content: bytes, now: datetime
) -> Judged[Wishes]:
    """Take in a file of wishes, encrypted at once; the log tells that it happened, nothing of what they say."""
    with changing(engine, round_id) as book:
        advance(book, RoundStep.GIVE_WISHES)
        judged = judge_wishes(content, known_to(world, book))
        if judged.rejected:
            book.discard()
            return judged
        for wishes in judged.accepted:
            put_wishes(book, box, wishes)
        book.note(now, RoundAction.WISHES_IMPORTED, {"candidates": withheld(len(judged.accepted))})
    return judged


def issue_codes(engine: Engine, round_id: int, now: datetime) -> dict[str, str]:
    """Make a new code for every doctor and give them once; only their checksums are kept, older codes stop working."""
    with changing(engine, round_id) as book:
        advance(book, RoundStep.ISSUE_CODES)
        codes = {row.candidate_id: secrets.token_urlsafe(16) for row in book.candidates()}
        for row in book.candidates():
            row.code_sha256 = sha256(codes[row.candidate_id].encode()).hexdigest()
        book.note(now, RoundAction.CODES_ISSUED, who_takes_part(book))
    return codes


def draw(engine: Engine, round_id: int, *, seed: str, role: str, now: datetime) -> str:
    """Fix the lottery seed, now that adverts and pseudonyms are fixed; without one, the program draws it."""
    drawn = given_text("lottery_seed", seed, LONGEST_SEED) if seed.strip() else secrets.token_hex(16)
    with changing(engine, round_id) as book:
        following = advance(book, RoundStep.DRAW)
        if not any(row.wishes for row in book.candidates()):
            raise RoundStepError(RoundStep.DRAW, RoundStage.CANDIDATES_IN, StepFault.NO_WISHES)
        said_by = _role(role)
        book.add_run(
            AllocationRunRow(round_id=round_id, turn=book.row.turn, lottery_seed=drawn, drawn_by=said_by, drawn_at=now)
        )
        told: dict[str, Detail] = {"lottery_seed": drawn, "drawn_by": said_by, "by_program": not seed.strip()}
        book.note(now, RoundAction.LOTTERY_DRAWN, who_takes_part(book) | told | {"turn": book.row.turn})
        book.row.stage = following
    return drawn


def decide(
    engine: Engine, round_id: int, proposal_id: int, *, is_followed: bool, reason: str, role: str, now: datetime
) -> None:
    """Follow a proposal or not, with a reason either way; a decision is not changed afterwards."""
    told, said_by = given_text("reason", reason, LONGEST_NOTE), _role(role)
    with changing(engine, round_id) as book:
        advance(book, RoundStep.DECIDE)
        proposals = book.proposals(book.row.turn)
        found = next((row for row in proposals if row.id == proposal_id), None)
        if found is None:
            raise UnknownKeyError("proposal", str(proposal_id), ())
        if found.is_followed is not None:
            raise RoundStepError(RoundStep.DECIDE, RoundStage.PROPOSED, StepFault.ALREADY_DECIDED)
        found.is_followed, found.reason, found.decided_by, found.decided_at = is_followed, told, said_by, now
        details: dict[str, Detail] = {"post": found.post_id, "candidate": found.candidate_id, "turn": found.turn}
        book.note(now, RoundAction.DECIDED, details | {"is_followed": is_followed, "reason": told, "by": said_by})
        settle(book)


def close(engine: Engine, round_id: int, *, reason: str, now: datetime) -> None:
    """Close a round for good, with a reason; the wishes have served their purpose and are deleted."""
    told = given_text("reason", reason, LONGEST_NOTE)
    with changing(engine, round_id) as book:
        before = book.stage
        advance(book, RoundStep.CLOSE)
        for row in book.candidates():
            row.wishes = None
        for couple in book.couples():
            book.remove_couple(couple)
        book.row.closed_at = now
        book.note(now, RoundAction.CLOSED, {"reason": told, "was": before})


def settle(book: RoundBook) -> None:
    """Move on to `RoundStage.DECIDED` once every proposal of the turn is decided."""
    if book.stage is RoundStage.PROPOSED and all(row.is_followed is not None for row in book.proposals(book.row.turn)):
        book.row.stage = RoundStage.DECIDED


def advance(book: RoundBook, step: RoundStep) -> RoundStage:
    """Take a step in the order of steps, or raise."""
    following = stage_after(step, book.stage, book.row.turn)
    book.row.stage = following
    return following


def put_wishes(book: RoundBook, box: WishBox, wishes: Wishes) -> None:
    """Store a doctor's wishes, encrypted."""
    row = book.candidate(wishes.candidate_id)
    assert row is not None
    row.wishes = box.lock(book.round_id, wishes.candidate_id, WISHES.dump_json(wishes).decode())


def posts_of(book: RoundBook) -> list[Post]:
    """The round's posts."""
    return [POST.validate_json(row.document) for row in book.posts()]


def terms_of(book: RoundBook) -> RoundTerms:
    """What the round's posts share."""
    return round_terms(stored_terms(book.row.terms))


def doctors_of(book: RoundBook, box: WishBox) -> list[Candidate]:
    """The round's doctors who have given wishes."""
    return [
        Candidate(
            QUALIFICATIONS.validate_json(row.qualifications),
            WISHES.validate_json(box.unlock(book.round_id, row.candidate_id, row.wishes)),
            book.row.is_simulated,
        )
        for row in book.candidates()
        if row.wishes is not None
    ]


def check_sealed(book: RoundBook, names_seen_at: datetime) -> None:
    """Raise unless the adverts are those that were sealed before names were seen."""
    assert book.row.seal_sha256 is not None
    assert book.row.sealed_at is not None
    seal = AdvertSeal(book.row.seal_sha256, book.row.sealed_at.astimezone(OSLO))
    check_seal(posts_of(book), seal, names_seen_at, terms_of(book))


def known_to(world: World, book: RoundBook | None = None) -> Known:
    """What the rows of a file may refer to."""
    counties = dict(world.snapshot.municipalities.select("municipality_code", "county_code").iter_rows())
    if book is None:
        return Known(counties)
    return Known(
        counties,
        frozenset(row.post_id for row in book.posts()),
        frozenset(row.candidate_id for row in book.candidates()),
        frozenset(weighed_factors(world)),
    )


def withheld(count: int) -> int | None:
    """The number of people, or nothing if it is small."""
    return count if count >= SMALLEST_COUNT else None


def replace_posts(book: RoundBook, posts: Sequence[Post]) -> None:
    """Put these posts in place of those that were there, and of what those shared."""
    book.replace_posts({post.post_id: POST.dump_json(post).decode() for post in posts})
    book.row.terms = None  # they were about the posts that were there


def put_candidates(book: RoundBook, doctors: Sequence[Qualifications], now: datetime) -> None:
    """Add doctors under their pseudonyms, now that the adverts are sealed."""
    newcomers = {doctor.candidate_id for doctor in doctors} - {row.candidate_id for row in book.candidates()}
    if newcomers and book.row.turn > 1:
        raise RoundStepError(RoundStep.BRING_CANDIDATES, book.stage, StepFault.NEWCOMER_IN_SECOND)
    book.row.names_seen_at = book.row.names_seen_at or now
    check_sealed(book, book.row.names_seen_at)
    book.put_candidates({doctor.candidate_id: QUALIFICATIONS.dump_json(doctor).decode() for doctor in doctors})


def who_takes_part(book: RoundBook) -> dict[str, Detail]:
    """Who takes part: the checksum of the pseudonyms, one a line in order, and their number unless it is small."""
    names = [row.candidate_id for row in book.candidates()]
    return {
        "pseudonyms_sha256": sha256("\n".join(names).encode()).hexdigest(),
        "candidates": withheld(len(names)),
    }


def given_text(name: str, text: str, longest: int) -> str:
    """A text on one line; refused if it is empty, too long or tells how a person is reached."""
    told = " ".join(text.split())
    if not 0 < len(told) <= longest:
        raise InvalidInputError(name, text[:60], f"1-{longest} characters")
    if PERSONAL.search(told):  # what is told stands in the log for good
        raise InvalidInputError(name, text[:60], "a text without telephone or identity number or address")
    return told


def _role(said: str) -> str:
    roles: Mapping[str, str] = load_local_template().role_names
    if said.casefold() not in roles:
        raise InvalidInputError("role", said, ", ".join(sorted(set(roles.values()))))
    return roles[said.casefold()]
