"""What ``stabil research simulate`` prints."""

from api.console import Output, print_json, print_table, print_text, shown, speaker
from api.formatting import Formats
from api.services.simulation import FILES, SimulationResult
from features.catalogue import Language


def print_simulation(result: SimulationResult, language: Language, output: Output) -> None:
    """Print what was written, and every published figure beside the simulated one."""
    if output is Output.JSON:
        print_json(_as_json(result))
        return
    _, formats, request = speaker(language), Formats(language), result.request

    def written(value: float) -> str:
        return formats.number(value, 3 if value < 1 else 2 if value < 100 else 0)

    rows = [
        (
            row["target"],
            written(row["published"]),
            f"{written(row['lower'])}–{written(row['upper'])}",
            shown(row["simulated"], written),
            _("ja") if row["met"] else _("NEI"),
            row["evidence_class"],
        )
        for row in result.targets.iter_rows(named=True)
    ]
    columns = (_("Måltall"), _("Publisert"), _("Toleranse"), _("Simulert"), _("Nådd"), _("Klasse"))
    print_table(_("Simulerte karrierer ved siden av publiserte tall"), columns, rows)
    if request.scenario.levers or request.scenario.spikes:
        print_text(_("Målene gjelder karrierer uten innlagte virkninger; her er noe lagt inn."))
    print_text(
        _("Simulert: ingen rad beskriver en person."),
        _(
            "{spells} avtaler, {ended} av dem avsluttet, med {doctors} leger på {posts} lister, skrevet til {out}.",
            spells=formats.number(result.spells),
            ended=formats.number(result.ended),
            doctors=formats.number(result.doctors),
            posts=formats.number(result.posts),
            out=request.out,
        ),
    )


def _as_json(result: SimulationResult) -> dict[str, object]:
    request = result.request
    return {
        "is_simulated": True,
        "out": str(request.out),
        "files": FILES,
        "observed_from": result.observed_from,
        "years": request.years,
        "seed": request.seed,
        "scenario": request.scenario,
        "spells": result.spells,
        "ended": result.ended,
        "doctors": result.doctors,
        "posts": result.posts,
        "targets": result.targets.to_dicts(),
        "all_class_a_met": bool(result.targets.filter(result.targets["evidence_class"] != "C")["met"].all()),
    }
