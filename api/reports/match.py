"""What ``stabil match`` prints, for those who run the round and for one candidate."""

from functools import partial

from api.console import Output, print_csv, print_json, print_table, print_text, shown, speaker
from api.formatting import Formats
from api.match_words import REQUIREMENTS, remedies_text
from api.services.matching import MatchProposal
from api.services.world import World
from api.translation import N_
from engine.better_liked import BetterLikedPost
from engine.candidate_view import CandidateView
from engine.why_not import Unavailable, WhatWouldChange
from engine.wish_limits import WishReason
from features.catalogue import Language

MOST_ROWS = 40

WHY = {
    Unavailable.NOT_ELIGIBLE: N_("Krav som ikke er oppfylt: {reasons}."),
    Unavailable.FILLED_BY_BETTER_TIER: N_("Fylt av leger i en høyere kvalifikasjonsgruppe."),
    Unavailable.FILLED_BY_LOTTERY: N_("Fylt etter loddtrekning."),
    Unavailable.NO_PLACES: N_("Ingen plasser."),
}

CHANGE = {
    WhatWouldChange.MEETING_THE_REQUIREMENTS: N_("å oppfylle kravene"),
    WhatWouldChange.SUPERVISION_ARRANGED_BY_MUNICIPALITY: N_("at kommunen skaffer veileder"),
    WhatWouldChange.QUALIFYING_FOR_A_BETTER_TIER_OR_MORE_PLACES: N_("høyere kvalifikasjonsgruppe eller flere plasser"),
    WhatWouldChange.MORE_PLACES: N_("flere plasser"),
}

LEFT_OUT = {
    WishReason.CONTRACT_FORM_NOT_WANTED: N_("{count} stillinger med avtaleform du ikke ønsker."),
    WishReason.REGION_NOT_WANTED: N_("{count} stillinger i fylker du ikke ønsker."),
    WishReason.KIND_NOT_WANTED: N_("{count} stillinger av et slag du ikke ønsker."),
    WishReason.STARTS_AFTER_OWN_LATEST: N_("{count} stillinger som begynner senere enn du vil."),
    WishReason.ONCALL_TOO_OFTEN: N_("{count} stillinger med oftere vakt enn du vil ha."),
    WishReason.LIST_TOO_LONG: N_("{count} stillinger med lengre liste enn du vil ha."),
    WishReason.SUPERVISOR_WANTED: N_("{count} stillinger uten veileder."),
    WishReason.FACTOR_BELOW_LIMIT: N_("{count} stillinger i kommuner under en grense du har satt."),
    WishReason.NOT_IN_OWN_RANKING: N_("{count} stillinger du ikke har rangert selv."),
    WishReason.BELOW_OWN_LIMIT: N_("{count} stillinger du er kvalifisert for, men som ikke fikk plass på listen din."),
}


def print_match(world: World, proposal: MatchProposal, language: Language, output: Output) -> None:
    """Print a proposal: who is proposed where, by which tier and lottery place, and the proof of stability."""
    match output:
        case Output.JSON:
            print_json(proposal)
        case Output.CSV:
            print_csv(
                [
                    "post_id",
                    "municipality",
                    "candidate_id",
                    "tier",
                    "lottery_place",
                    "lottery_number",
                    "is_simulated",
                ],
                [[*row, proposal.is_simulated] for row in _rows(world, proposal)],
            )
        case Output.TABLE:
            _print_tables(world, proposal, language)


def _rows(world: World, proposal: MatchProposal) -> list[list[object]]:
    names = dict(world.snapshot.municipalities.select("municipality_code", "name").iter_rows())
    return [
        [
            post.post_id,
            names[post.post_id.removeprefix("POST-")],
            doctor.candidate_id,
            doctor.tier,
            doctor.lottery_place,
            doctor.lottery_number,
        ]
        for post in proposal.employers
        for doctor in post.proposed
    ]


def _print_tables(world: World, proposal: MatchProposal, language: Language) -> None:
    _, whole = speaker(language), Formats(language).number
    rows = _rows(world, proposal)
    print_text(
        _("SIMULERT: legene og stillingsvilkårene finnes ikke. Antall lister uten fastlege er virkelig (SSB 12005)."),
        _("Derfor vises alle svar samlet. I en virkelig runde får hver arbeidsgiver bare svaret for egen stilling."),
        "",
    )
    print_table(
        _(
            "Forslag: {matched} av {candidates} leger, {vacant} lister uten fastlege i {posts} kommuner",
            matched=shown(proposal.matched, whole),
            candidates=proposal.candidates,
            vacant=proposal.vacant_lists,
            posts=proposal.posts,
        ),
        [_("Kommune"), _("Lege"), _("Kvalifikasjonsgruppe"), _("Plass i loddtrekningen")],
        [[str(name), str(doctor), str(tier), str(place)] for _post, name, doctor, tier, place, _no in rows[:MOST_ROWS]],
        text_columns=2,
    )
    if len(rows) > MOST_ROWS:
        print_text(_("… og {more} til; --csv eller --json viser alle.", more=len(rows) - MOST_ROWS))
    proof = proposal.proof
    trainees = [post.trainees_to_supervise for post in proposal.employers]
    print_text(
        "",
        _(
            "Uten forslag: {unmatched} leger; {places} plasser i {posts} kommuner er ikke fylt.",
            unmatched=shown(proposal.unmatched, whole),
            places=sum(post.capacity - post.filled for post in proposal.unfilled),
            posts=len(proposal.unfilled),
        ),
        _(
            "Loddtrekning med frø «{seed}»: loddtallet er SHA-256 av «frø:lege», og laveste tall kommer først. --csv "
            "viser det. Her velger du frøet; i en virkelig runde trekkes det etter at alt annet er låst.",
            seed=proposal.lottery_seed,
        ),
        _(
            "Bevis for stabilitet: {pairs} par kontrollert, {blocking} blokkerende. Et forslag; et menneske avgjør.",
            pairs=shown(proof.pairs_checked, whole),
            blocking=proof.blocking_pairs,
        ),
        _(
            "Beviset gjelder innleverte lister. {pairs} par ligger bak legenes egne grenser; av leger uten forslag har "
            "{doctors} en ledig plass der.",
            pairs=shown(proof.left_out_by_own_limit, whole),
            doctors=shown(proof.unmatched_with_free_place_left_out, whole),
        ),
        _(
            "Veiledning er bare ja eller nei: {posts} kommuner har fått forslag om flere leger i spesialisering, "
            "opptil {most}. Om veilederen har tid, er ikke kontrollert.",
            posts=sum(count > 1 for count in trainees),
            most=max(trainees, default=0),
        ),
    )


def print_candidate(world: World, view: CandidateView, language: Language, output: Output) -> None:
    """Print a candidate's own answer: the post, the better-liked ones with reasons, what the own wishes left out."""
    names = dict(world.snapshot.municipalities.select("municipality_code", "name").iter_rows())
    match output:
        case Output.JSON:
            print_json(view)
        case Output.CSV:
            print_csv(
                ["post_id", "municipality", "position", "why", "reasons", "what_would_change"],
                [
                    [
                        post.post_id,
                        _municipality(names, post),
                        post.position,
                        post.why,
                        " ".join(post.reasons),
                        post.what_would_change,
                    ]
                    for post in view.better_liked
                ],
            )
        case Output.TABLE:
            _print_answer(names, view, language)


def _print_answer(names: dict[str, str], view: CandidateView, language: Language) -> None:
    _, whole = speaker(language), Formats(language).number
    if view.simulated:
        print_text(_("SIMULERT: legen finnes ikke. Svaret er til legen alene."), "")
    if view.post_id is None or view.municipality_code is None or view.position is None:
        print_text(_("{candidate} har ikke fått forslag om noen stilling.", candidate=view.candidate_id))
    else:
        print_text(
            _(
                "Forslag til {candidate}: {municipality}, nummer {position} av {length} på egen liste.",
                candidate=view.candidate_id,
                municipality=names[view.municipality_code],
                position=view.position,
                length=view.list_length,
            )
        )
    print_text(
        _(
            "Plass {place} i loddtrekningen; loddtall {number} (SHA-256 av «{seed}:{candidate}»).",
            place=whole(view.lottery_place),
            number=view.lottery_number,
            seed=view.lottery_seed,
            candidate=view.candidate_id,
        )
    )
    if view.better_liked:
        print_table(
            _("Stillinger du liker bedre"),
            [_("Kommune"), _("Hvorfor ikke"), _("Hva som ville endret det")],
            [
                [_municipality(names, post), _why(post, language), _change(post, language)]
                for post in view.better_liked[:MOST_ROWS]
            ],
            text_columns=3,
        )
    if len(view.better_liked) > MOST_ROWS:
        print_text(_("… og {more} til; --json viser alle.", more=len(view.better_liked) - MOST_ROWS))
    if view.left_out:
        write = partial(_left_out, language)
        print_text("", _("Utenfor egen liste:"), *(write(reason, count) for reason, count in view.left_out))


def _municipality(names: dict[str, str], post: BetterLikedPost) -> str:
    return names[post.post_id.removeprefix("POST-")]


def _why(post: BetterLikedPost, language: Language) -> str:
    _ = speaker(language)
    if post.why is not Unavailable.NOT_ELIGIBLE:
        return _(WHY[post.why])
    return _(WHY[post.why], reasons=", ".join(_(REQUIREMENTS[reason]) for reason in post.reasons))


def _change(post: BetterLikedPost, language: Language) -> str:
    general = speaker(language)(CHANGE[post.what_would_change])
    spelled = remedies_text(post.remedies, language)
    return spelled if post.why is Unavailable.NOT_ELIGIBLE else f"{general} ({spelled})" if spelled else general


def _left_out(language: Language, reason: WishReason, count: int) -> str:
    return speaker(language)(LEFT_OUT[reason], count=count)
