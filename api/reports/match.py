"""What ``stabil match`` prints."""

from api.console import Output, print_csv, print_json, print_table, print_text, speaker
from api.formatting import Formats
from api.services.matching import MatchProposal
from api.services.world import World
from features.catalogue import Language

MOST_ROWS = 40


def print_match(world: World, proposal: MatchProposal, language: Language, output: Output) -> None:
    """Print a proposal: who is proposed where, by which tier and lottery place, and the proof of stability."""
    match output:
        case Output.JSON:
            print_json(proposal)
        case Output.CSV:
            print_csv(
                ["post_id", "municipality", "candidate_id", "tier", "lottery_place", "is_simulated"],
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
        ]
        for post in proposal.employers
        for doctor in post.proposed
    ]


def _print_tables(world: World, proposal: MatchProposal, language: Language) -> None:
    _ = speaker(language)
    rows = _rows(world, proposal)
    print_text(
        _("SIMULERT: legene og stillingsvilkårene finnes ikke. Antall lister uten fastlege er virkelig (SSB 12005)."),
        "",
    )
    print_table(
        _(
            "Forslag: {matched} av {candidates} leger, {vacant} ledige lister i {posts} kommuner",
            matched=proposal.matched,
            candidates=proposal.candidates,
            vacant=proposal.vacant_lists,
            posts=proposal.posts,
        ),
        [_("Kommune"), _("Lege"), _("Kvalifikasjonsgruppe"), _("Loddnummer")],
        [[str(name), str(doctor), str(tier), str(place)] for _post, name, doctor, tier, place in rows[:MOST_ROWS]],
        text_columns=2,
    )
    if len(rows) > MOST_ROWS:
        print_text(_("… og {more} til; --csv eller --json viser alle.", more=len(rows) - MOST_ROWS))
    print_text(
        "",
        _(
            "Uten forslag: {unmatched} leger; {places} plasser i {posts} kommuner er ikke fylt.",
            unmatched=proposal.unmatched,
            places=sum(post.capacity - post.filled for post in proposal.unfilled),
            posts=len(proposal.unfilled),
        ),
        _("Loddtrekning med kjent frø «{seed}»: hvem som helst kan regne den etter.", seed=proposal.lottery_seed),
        _(
            "Bevis for stabilitet: {pairs} par kontrollert, {blocking} blokkerende. Et forslag; et menneske avgjør.",
            pairs=Formats(language).number(proposal.proof.pairs_checked),
            blocking=len(proposal.proof.blocking_pairs),
        ),
    )
