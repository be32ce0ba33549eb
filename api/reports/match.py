"""What ``stabil match --candidate`` prints: a candidate's own answer, and a couple's part of it."""

from functools import partial

from api.console import Output, print_csv, print_json, print_table, print_text, speaker
from api.formatting import Formats
from api.match_words import REQUIREMENTS, remedies_text
from api.services.world import World
from api.translation import N_
from engine.better_liked import BetterLikedPost
from engine.candidate_view import CandidateView
from engine.joint_answer import BetterLikedPair, JointAnswer
from engine.why_not import Unavailable, WhatWouldChange
from engine.wish_limits import WishReason
from features.catalogue import Language

MOST_ROWS = 40

OWN_LIST = N_("Forslag til {candidate}: {municipality}, nummer {position} av {length} på egen liste.")
JOINT_LIST = N_("Forslag til {candidate}: {municipality}, nummer {position} av {length} på felles liste.")

WHY = {
    Unavailable.NOT_ELIGIBLE: N_("Krav som ikke er oppfylt: {reasons}."),
    Unavailable.FILLED_BY_BETTER_TIER: N_("Fylt av leger i en høyere kvalifikasjonsgruppe."),
    Unavailable.FILLED_BY_LOTTERY: N_("Fylt etter loddtrekning."),
    Unavailable.NO_PLACES: N_("Ingen plasser."),
    Unavailable.NO_ROOM_FOR_BOTH: N_("Ikke plass til dere begge."),
    Unavailable.SHARED_LIMIT: N_(
        "Felles kapasitet for flere stillinger er brukt av leger i høyere kvalifikasjonsgruppe eller med bedre lodd."
    ),
    Unavailable.LEAST_NUMBERS: N_("Andre stillinger skal ha et minste antall leger, og får dem først."),
    Unavailable.TO_BE_HAD: N_(
        "Stillingen kunne gått til deg. Ingen stabil fordeling er funnet, og forslaget er det beste som ble funnet."
    ),
}

CHANGE = {
    WhatWouldChange.MEETING_THE_REQUIREMENTS: N_("å oppfylle kravene"),
    WhatWouldChange.SUPERVISION_ARRANGED_BY_MUNICIPALITY: N_("at kommunen skaffer veileder"),
    WhatWouldChange.QUALIFYING_FOR_A_BETTER_TIER_OR_MORE_PLACES: N_("høyere kvalifikasjonsgruppe eller flere plasser"),
    WhatWouldChange.MORE_PLACES: N_("flere plasser"),
    WhatWouldChange.MORE_SUPERVISION_HOURS: N_("flere veiledertimer"),
    WhatWouldChange.MORE_TRAINING_PLACES: N_("flere plasser for leger i spesialisering"),
    WhatWouldChange.LARGER_REGIONAL_QUOTA: N_("en større kvote for stillingene samlet"),
    WhatWouldChange.SMALLER_LEAST_NUMBERS: N_("lavere minstetall for andre stillinger"),
    WhatWouldChange.A_DECISION: N_("at den som avgjør, velger annerledes enn forslaget"),
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


def print_candidate(world: World, view: CandidateView, language: Language, output: Output) -> None:
    """Print a candidate's own answer: the post, the better-liked ones with reasons, what the own wishes left out."""
    names = dict(world.snapshot.municipalities.select("municipality_code", "name").iter_rows())
    match output:
        case Output.JSON:
            print_json(view)
        case Output.CSV if view.joint is not None:
            _print_pairs_csv(view.joint)
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
                OWN_LIST if view.joint is None else JOINT_LIST,
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
    if view.joint is not None:
        _print_joint(names, view.joint, language)
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


def _print_joint(names: dict[str, str], joint: JointAnswer, language: Language) -> None:
    """Print the couple's part: both submitted the joint list, so both may see both posts."""
    _ = speaker(language)
    if joint.partner_post_id is None:
        print_text(_("Felles liste med {partner}, som ikke har fått forslag.", partner=joint.partner_id))
    else:
        print_text(
            _(
                "Felles liste med {partner}, som har fått forslag om {municipality}.",
                partner=joint.partner_id,
                municipality=_place(names, joint.partner_post_id, language),
            )
        )
    if joint.better_liked:
        print_table(
            _("Par av stillinger dere liker bedre"),
            [_("Din"), _("Partnerens"), _("Hvorfor ikke"), _("Hva som ville endret det")],
            [
                [
                    _place(names, pair.post_id, language),
                    _place(names, pair.partner_post_id, language) if pair.is_partner_told else "–",
                    _why_pair(pair, language),
                    _change(pair.own, language) if pair.own else "–",
                ]
                for pair in joint.better_liked[:MOST_ROWS]
            ],
            text_columns=4,
        )
    if len(joint.better_liked) > MOST_ROWS:
        print_text(_("… og {more} til; --json viser alle.", more=len(joint.better_liked) - MOST_ROWS))


def _place(names: dict[str, str], post_id: str | None, language: Language) -> str:
    return speaker(language)(N_("uten stilling")) if post_id is None else names[post_id.removeprefix("POST-")]


def _why_pair(pair: BetterLikedPair, language: Language) -> str:
    _ = speaker(language)
    sides = [_why(pair.own, language)] if pair.own else []
    if not sides and not pair.is_partner_told:
        sides.append(_("Partneren får ingen stilling som går sammen med denne."))
    if pair.partner_why is Unavailable.NOT_ELIGIBLE:
        sides.append(_("Partneren oppfyller ikke kravene."))
    elif pair.partner_why is not None and (pair.own is None or pair.own.why is not pair.partner_why):
        sides.append(_("Partneren: {why}", why=_(WHY[pair.partner_why])))
    return " ".join(sides)


def _print_pairs_csv(joint: JointAnswer) -> None:
    print_csv(
        ["post_id", "partner_post_id", "position", "why", "partner_why", "reasons", "what_would_change"],
        [
            [
                pair.post_id,
                pair.partner_post_id,
                pair.position,
                pair.own and pair.own.why,
                pair.partner_why,
                " ".join(pair.own.reasons) if pair.own else "",
                pair.own and pair.own.what_would_change,
            ]
            for pair in joint.better_liked
        ],
    )
