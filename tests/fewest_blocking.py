"""The fewest blocking options of a market, asked of the constraint model itself."""

from ortools.sat.python import cp_model

from engine.couple_market import Market
from engine.couple_model import StabilityModel


def fewest_by_model(market: Market, people: int) -> tuple[list[int], int]:
    """Post of each person in a matching that the model says has the fewest blocking, and how many that is."""
    model = StabilityModel(market, [len(options) for options in market.options], range(len(market.options)))
    model.model.minimize(cp_model.LinearExpr.sum(model.blocks))
    solver = cp_model.CpSolver()
    solver.solve(model.model)
    return market.matching(model.found(solver), people), round(solver.objective_value)
