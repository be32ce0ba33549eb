"""What ``stabil match --post`` and ``stabil match --candidate … --places`` print."""

from api.console import Output, print_csv, print_json, print_table, print_text, shown, speaker
from api.formatting import Formats
from api.match_words import FEWER_THAN_FIVE, REQUIREMENTS, ask_text, gap_text, lever_text, remedies_text, remedy_text
from api.services.match_answers import PostAnswer
from api.services.world import World
from engine.attractiveness import Standing
from engine.candidate_places import CandidatePlaces, NearlyPost, PlacedPost
from engine.own_scores import PARTNER_SERVICE, Contribution
from features.catalogue import Language

MOST_PLACES = 10
MOST_WISHES = 3


def print_post(world: World, answer: PostAnswer, language: Language, output: Output) -> None:
    """Print why a post filled or did not, and what each lever would change."""
    match output:
        case Output.JSON:
            print_json(answer)
        case Output.CSV:
            found = answer.attractiveness
            rows = [("", found.now), *((lever_text(each.setting, language), each.standing) for each in found.levers)]
            print_csv(
                ["lever", "eligible", "ranked", "in_top", "matched", "is_simulated"],
                [[name, row.eligible, row.ranked, row.in_top, row.matched, found.simulated] for name, row in rows],
            )
        case Output.TABLE:
            _print_post(world, answer, language)


def _print_post(world: World, answer: PostAnswer, language: Language) -> None:
    _, told, found, why = speaker(language), Formats(language), answer.attractiveness, answer.explanation

    def count(value: int | None) -> str:
        return _(FEWER_THAN_FIVE) if value is None else told.number(value)

    def row(name: str, standing: Standing) -> list[str]:
        figures = (standing.eligible, standing.ranked, standing.in_top, standing.matched)
        return [name, *(shown(figure, lambda value: told.number(value, 1)) for figure in figures)]

    print_text(
        _("SIMULERT: legene og stillingsvilkårene finnes ikke. Antall lister uten fastlege er virkelig (SSB 12005).")
    )
    print_text(
        "",
        _(
            "{municipality}: {filled} av {capacity} plasser har fått forslag. Kvalifiserte leger: {eligible} av {all}.",
            municipality=_name(world, why.post_id),
            filled=why.filled,
            capacity=why.capacity,
            eligible=count(why.eligible),
            all=why.candidates,
        ),
    )
    print_table(
        _("Krav som leger ikke oppfyller"),
        [_("Krav"), _("Leger")],
        [[_(REQUIREMENTS[reason]), count(people)] for reason, people in why.blocked],
    )
    print_table(
        _("Hva som ville gitt flere kvalifiserte leger"),
        [_("Endring"), _("Flere")],
        [[remedy_text(each.remedy, language), count(each.more_eligible)] for each in why.counterfactuals],
    )
    print_table(
        _(
            "Hva som ville gjort stillingen mer attraktiv: leger per runde, snitt av {rounds} runder",
            rounds=found.rounds,
        ),
        ["", _("Kvalifisert"), _("Vil ha den"), _("Blant de {top} beste", top=found.top), _("Foreslått")],
        [
            row(_("slik den er"), found.now),
            *(row(lever_text(each.setting, language), each.standing) for each in found.levers),
        ],
    )
    print_text(
        _("Strek: færre enn fem leger til sammen, alle, eller færre enn fem som endringen gjelder."),
        _("Virkningen av hjelp til partner er en antakelse. Leger som kommer hit, kommer fra andre stillinger."),
    )


def print_places(world: World, places: CandidatePlaces, language: Language, output: Output) -> None:
    """Print a doctor's best posts and municipalities with what each wish adds, and the posts that nearly fit."""
    match output:
        case Output.JSON:
            print_json(places)
        case Output.CSV:
            print_csv(
                ["position", "post_id", "score", *sorted(_wishes(places))],
                [
                    [post.position, post.post_id, post.score, *_points(post, sorted(_wishes(places)))]
                    for post in places.posts
                ],
            )
        case Output.TABLE:
            _print_places(world, places, language)


def _print_places(world: World, places: CandidatePlaces, language: Language) -> None:
    _, told = speaker(language), Formats(language)
    factors = {key: entry.label.in_language(language) for key, entry in world.catalogue.factors.items()}
    factors[PARTNER_SERVICE] = _("hjelp til partner")
    names = dict(world.snapshot.municipalities.select("municipality_code", "name").iter_rows())

    def why(parts: tuple[Contribution, ...]) -> str:
        return ", ".join(f"{factors[part.wish]} {told.number(part.points, 1)}" for part in parts[:MOST_WISHES])

    def ask(post: PlacedPost) -> str:
        return ", ".join(ask_text(gap, factors, language) for gap in post.unstated)

    def nearly(post: NearlyPost) -> str:
        if post.gap is not None:
            return gap_text(post.gap, factors, language)
        return remedies_text(post.remedies, language)

    if places.simulated:
        print_text(_("SIMULERT: legen finnes ikke. Svaret er til legen alene."), "")
    print_table(
        _("Stillinger som passer best"),
        [_("Kommune"), _("Hva som teller mest (poeng)"), _("Spør om"), _("Poeng")],
        [
            [names[post.municipality_code], why(post.contributions), ask(post), told.number(post.score, 1)]
            for post in places.posts[:MOST_PLACES]
        ],
        text_columns=3,
    )
    print_table(
        _("Kommuner som passer best, med eller uten ledig stilling"),
        [_("Kommune"), _("Hva som teller mest (poeng)"), _("Poeng")],
        [
            [names[place.municipality_code], why(place.contributions), told.number(place.score, 1)]
            for place in places.municipalities[:MOST_PLACES]
        ],
        text_columns=2,
    )
    print_table(
        _("Nesten: én ting mangler"),
        [_("Kommune"), _("Det som mangler"), _("Plass på listen da")],
        [
            [names[post.municipality_code], nearly(post), told.number(post.would_be_position)]
            for post in places.nearly[:MOST_PLACES]
        ],
        text_columns=2,
    )


def _name(world: World, post_id: str) -> str:
    names = dict(world.snapshot.municipalities.select("municipality_code", "name").iter_rows())
    return str(names[post_id.removeprefix("POST-")])


def _wishes(places: CandidatePlaces) -> set[str]:
    return {part.wish for post in places.posts for part in post.contributions}


def _points(post: PlacedPost, wishes: list[str]) -> list[float]:
    points = {part.wish: part.points for part in post.contributions}
    return [points.get(wish, 0.0) for wish in wishes]
