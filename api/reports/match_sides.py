"""What ``stabil match`` prints of couples, of what posts share, and of what the choice of side means."""

from api.console import print_table, print_text, shown, speaker
from api.formatting import Formats
from api.services.matching import MatchProposal
from api.translation import N_
from engine.match_result import StabilityStatus
from engine.round_figures import ChoiceCounts, SideFigures
from engine.round_terms import NO_TERMS
from engine.terms_outcome import MinimumStatus
from features.catalogue import Language

STABILITY = {
    StabilityStatus.STABLE: N_("Forslaget er stabilt: ingenting blokkerer det."),
    StabilityStatus.NONE_EXISTS: N_(
        "Det er bevist at ingen stabil fordeling finnes. Forslaget har {blocking} blokkerende; færre enn {bound} er "
        "ikke mulig. Et menneske må avgjøre."
    ),
    StabilityStatus.FEWEST_BLOCKING: N_(
        "Tiden var ute før det var klart om en stabil fordeling finnes. Forslaget har {blocking} blokkerende, de "
        "færreste som ble funnet. Et menneske må avgjøre."
    ),
    StabilityStatus.UNDECIDED: N_(
        "Tiden var ute før det var klart om en stabil fordeling finnes, og før det ble lett etter færre enn {blocking} "
        "blokkerende. Et menneske må avgjøre."
    ),
}

MINIMUMS = {
    MinimumStatus.MET: N_("Minstetallene er nådd."),
    MinimumStatus.MET_BY_CAP: N_(
        "Minstetallene er nådd ved at alle andre stillinger samlet får høyst {cap} leger. Det gir {worse} leger et "
        "valg de liker dårligere, og {blocking} blokkerende uten taket."
    ),
    MinimumStatus.NOT_FEASIBLE: N_("Minstetallene kan ikke nås. Forslaget er det uten tak på andre stillinger."),
    MinimumStatus.UNDECIDED: N_(
        "Tiden var ute før det var klart om minstetallene kan nås. Forslaget er det uten tak på andre stillinger."
    ),
}


def print_shared(proposal: MatchProposal, language: Language) -> None:
    """Print what is known of stability where couples or shared limits can spoil it, and what limits hold back."""
    _ = speaker(language)
    if proposal.couples:
        print_text(_("{couples} simulerte par har levert felles liste. Parene er trukket.", couples=proposal.couples))
    if proposal.couples or proposal.terms != NO_TERMS:
        print_text(_(STABILITY[proposal.stability], blocking=proposal.proof.blocking_pairs, bound=proposal.bound))
    if proposal.blocking_posts:
        print_text(
            _("Stillinger som noen heller ville hatt, og fått: {posts}.", posts=", ".join(proposal.blocking_posts))
        )
    held_back = [post for post in proposal.unfilled if post.held_back_by]
    if held_back:
        print_text(
            _(
                "Nådde felles grenser: {limits}. Stillinger med ledige plasser som de holder tilbake: {posts}.",
                limits=", ".join(sorted({limit for post in held_back for limit in post.held_back_by})),
                posts=len(held_back),
            )
        )


def print_outcome(proposal: MatchProposal, language: Language) -> None:
    """Print which unfilled places changed hands, and what came of least numbers."""
    _, whole = speaker(language), Formats(language).number
    for move in proposal.moved:
        print_text(
            _(
                "Plasser som ingen fylte, og som gikk over: {places} fra {giver} til {taker}.",
                places=move.places,
                giver=move.from_post,
                taker=move.to_post,
            )
        )
    if not proposal.reversion_is_complete:
        print_text(_("Tiden var ute før alle plasser som ingen fylte, hadde gått over."))
    if (found := proposal.minimums) is None:
        return
    told = {"cap": found.cap, "worse": shown(found.worse_off, whole), "blocking": found.blocking_pairs}
    print_text(_(MINIMUMS[found.status], **told))
    for name, at_least, reached in found.reached:
        print_text(_("{quota}: {reached} av minst {least}.", quota=name, reached=shown(reached, whole), least=at_least))


def print_sides(proposal: MatchProposal, language: Language) -> None:
    """Print who got which choice, and what it would have been if posts had proposed."""
    _, sides = speaker(language), proposal.sides
    if sides is None:
        return
    if sides.proposal is None:
        print_text(_("Hvor mange som fikk hvilket valg, er holdt tilbake: det ville fortalt om færre enn fem leger."))
    else:
        _print_choices(sides.proposal, sides.post_side, language)
    if sides.is_comparable:
        _print_comparison(sides, language)


def _print_choices(proposal: ChoiceCounts, other: ChoiceCounts | None, language: Language) -> None:
    _, whole = speaker(language), Formats(language).number
    columns = [_("Legene foreslår (forslaget)")]
    told = [proposal]
    if other is not None and len(other.counts) == len(proposal.counts):
        columns.append(_("Om stillingene foreslo"))
        told.append(other)
    last = len(proposal.counts)
    names = [_("{number}. valg", number=number) for number in range(1, last)]
    rows = [
        [name, *(whole(each.counts[at]) for each in told)]
        for at, name in enumerate([*names, _("{number}. valg eller senere", number=last)])
    ]
    rows.append([_("uten forslag"), *(whole(each.without) for each in told)])
    print_table(_("Leger etter hvilket valg de fikk"), [_("Valg"), *columns], rows)


def _print_comparison(sides: SideFigures, language: Language) -> None:
    _, told = speaker(language), Formats(language)
    if sides.placed_differently is None:
        print_text(
            _("Foreslo stillingene i stedet, ville færre enn fem leger, eller nesten alle, fått en annen stilling.")
        )
    else:
        print_text(
            _(
                "Foreslo stillingene i stedet, ville {count} leger fått en stilling de liker dårligere.",
                count=told.number(sides.placed_differently),
            )
        )
    if sides.proposal_fit and sides.greatest_fit is not None:
        print_text(
            _(
                "Fordelingen med størst samlet treff ville gitt {more} mer, men {pairs} par som heller ville hatt "
                "hverandre. Treffet er en antakelse: plassen på hverandres lister, begge sider like tungt.",
                more=told.percent(sides.greatest_fit / sides.proposal_fit - 1, 1),
                pairs=told.number(sides.greatest_fit_blocking_pairs or 0),
            )
        )
