"""What a run found of single posts: where limits are reached, what blocks, and which places changed hands."""

from dataclasses import dataclass, field

from pydantic import TypeAdapter

from engine.match_result import MatchResult
from engine.terms_outcome import MovedPlaces


@dataclass(frozen=True, slots=True)
class RoundFindings:
    """What a run found of single posts.

    Attributes
    ----------
    held_back : dict of str to tuple of str
        Limits that are reached, by post with a free place.
    blocking_posts : tuple of str
        Posts that a change which all concerned would rather have is about; made from wishes, so only told in rounds
        without real doctors.
    moved : tuple of MovedPlaces
        Places that nobody filled and that became places of another post.
    """

    held_back: dict[str, tuple[str, ...]] = field(default_factory=dict)
    blocking_posts: tuple[str, ...] = ()
    moved: tuple[MovedPlaces, ...] = ()

    def of_post(self, post_id: str, *, is_simulated: bool) -> "RoundFindings":
        """What the employer of one post may know: with real doctors nothing that follows from wishes."""
        return RoundFindings(
            held_back={name: limits for name, limits in self.held_back.items() if name == post_id},
            blocking_posts=tuple(name for name in self.blocking_posts if name == post_id and is_simulated),
            moved=tuple(each for each in self.moved if post_id in (each.from_post, each.to_post)),
        )


FINDINGS: TypeAdapter[RoundFindings] = TypeAdapter(RoundFindings)


def findings_of(result: MatchResult) -> RoundFindings:
    """What a run found."""
    return RoundFindings(
        held_back={post.post_id: post.held_back_by for post in result.unfilled if post.held_back_by},
        blocking_posts=result.blocking_posts,
        moved=result.outcome.moved,
    )


def stored_findings(document: str | None) -> RoundFindings:
    """Findings as they are kept; none before the run, and of runs from before they were kept."""
    return FINDINGS.validate_json(document) if document else RoundFindings()
