"""What ``stabil match`` prints for those who run the round."""

from api.console import Output, print_csv, print_json, print_table, print_text, shown, speaker
from api.formatting import Formats
from api.reports.match_sides import print_outcome, print_shared, print_sides
from api.services.matching import MatchProposal
from api.services.world import World
from api.translation import N_
from engine.round_figures import Limitation
from engine.round_terms import LimitKind
from features.catalogue import Language

MOST_ROWS = 40
STABLE = N_("Bevis for stabilitet: {pairs} par kontrollert, {blocking} blokkerende. Et forslag; et menneske avgjør.")
NOT_STABLE = N_("Ikke stabilt: {pairs} par kontrollert, {blocking} blokkerende. Et forslag; et menneske avgjør.")


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
            STABLE if proof.is_stable else NOT_STABLE,
            pairs=shown(proof.pairs_checked, whole),
            blocking=proof.blocking_pairs,
        ),
        _(
            "Beviset gjelder innleverte lister. {pairs} par ligger bak legenes egne grenser; av leger uten forslag har "
            "{doctors} en ledig plass der.",
            pairs=shown(proof.left_out_by_own_limit, whole),
            doctors=shown(proof.unmatched_with_free_place_left_out, whole),
        ),
    )
    _print_supervision(proposal, language)
    print_shared(proposal, language)
    print_outcome(proposal, language)
    print_sides(proposal, language)


def _print_supervision(proposal: MatchProposal, language: Language) -> None:
    _ = speaker(language)
    if Limitation.SUPERVISION_NOT_COUNTED not in proposal.limitations:
        print_text(_("Veiledernes kapasitet er regnet med ved alle stillinger som har veileder."))
        return
    if any(limit.kind is LimitKind.SUPERVISION for limit in proposal.terms.limits):
        print_text(
            _("Om veilederne har tid, er bare kontrollert ved stillinger under en felles grense for veiledning.")
        )
        return
    trainees = [post.trainees_to_supervise for post in proposal.employers]
    print_text(
        _(
            "Veiledning er bare ja eller nei: {posts} kommuner har fått forslag om flere leger i spesialisering, "
            "opptil {most}. Om veilederen har tid, er ikke kontrollert.",
            posts=sum(count > 1 for count in trainees),
            most=max(trainees, default=0),
        ),
    )
