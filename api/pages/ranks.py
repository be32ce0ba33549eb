"""Places in a ranking as they are told: municipalities with the same score share theirs."""

from dataclasses import dataclass

import polars as pl

from api.services.world import World


@dataclass(frozen=True, slots=True)
class Rank:
    """A place among those ranked; `last` is the last place shared, equal to `first` where nobody shares it."""

    first: int
    last: int
    ranked: int

    @property
    def is_shared(self) -> bool:
        """Whether others have the same score."""
        return self.last > self.first


@dataclass(frozen=True, slots=True)
class Ranks:
    """A municipality's places in the country and among its peers; nothing without a score."""

    national: Rank | None
    peers: Rank | None


def factor_ranks(world: World, factor: str) -> dict[str, Ranks]:
    """Places of every municipality on one factor, by code."""
    scores = world.scores.factors.filter(pl.col("factor") == factor)
    known = scores.select(peer_code="municipality_code", peer_score="score")
    among_peers = (
        world.peers.select("municipality_code", "peer_code")
        .join(known, on="peer_code")
        .join(scores.select("municipality_code", "score"), on="municipality_code")
        .group_by("municipality_code")
        .agg(sharing_peers=(pl.col("peer_score") == pl.col("score")).sum())
    )
    shared = scores.join(among_peers, on="municipality_code", how="left").with_columns(
        sharing_national=pl.len().over("rank_national")
    )
    return {
        row["municipality_code"]: Ranks(*(_rank(row, scope) for scope in ("national", "peers")))
        for row in shared.iter_rows(named=True)
    }


def ranks_of(world: World, code: str) -> dict[str, Ranks]:
    """Places of one municipality on every factor, by factor."""
    scores = world.scores.factors.select("municipality_code", "factor", "score")
    own = world.scores.factors.filter(pl.col("municipality_code") == code)
    peers = world.peers.filter(pl.col("municipality_code") == code)["peer_code"]
    shared = (
        scores.join(own.select("factor", own_score="score"), on="factor")
        .filter(pl.col("score") == pl.col("own_score"))
        .group_by("factor")
        .agg(
            sharing_national=pl.len(),
            sharing_peers=pl.col("municipality_code").is_in(peers.implode()).sum(),
        )
    )
    return {
        row["factor"]: Ranks(*(_rank(row, scope) for scope in ("national", "peers")))
        for row in own.join(shared, on="factor", how="left").iter_rows(named=True)
    }


def _rank(row: dict[str, int | None], scope: str) -> Rank | None:
    first, ranked, sharing = (row[f"{name}_{scope}"] for name in ("rank", "ranked", "sharing"))
    if first is None or ranked is None:
        return None
    return Rank(first, first + max(sharing or 1, 1) - 1, ranked)
