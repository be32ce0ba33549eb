"""Jobs for a doctor's partner, by occupation group."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.routes.answers import Answer, CurrentWorld, problems
from api.services.partner_jobs import PartnerJobs, occupation_groups, partner_jobs
from features.occupation_groups import OccupationGroup

router = APIRouter(tags=["partner jobs"])

GroupKey = Annotated[str | None, Query(description="Key of one group, see /occupation-groups", max_length=60)]


@router.get("/occupation-groups")
def list_occupation_groups(world: CurrentWorld) -> Answer[list[OccupationGroup]]:
    """All occupation groups with labels, examples and the STYRK-08 codes they hold."""
    return Answer(run=world.run, data=list(occupation_groups()))


@router.get("/municipalities/{code}/partner-jobs", responses=problems(404, 422))
def one_municipality_partner_jobs(world: CurrentWorld, code: str, occupation: GroupKey = None) -> Answer[PartnerJobs]:
    """Jobs within reach in each occupation group, shared with those who compete for them; 100 as in the country."""
    return Answer(run=world.run, data=partner_jobs(world.snapshot, code, occupation))
