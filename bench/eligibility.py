"""Speed and memory of eligibility for large pools, beside the rules asked pair by pair.

Run with ``python -m bench.eligibility [DOCTORS POSTS]``. Every figure is from one run on one machine; the ratio lasts.
"""

import resource
import sys
import time
from datetime import date, timedelta

from numpy.random import Generator, default_rng

from engine.candidates import ContractForm, LanguageLevel, Qualifications
from engine.eligibility import legal_requirements, requirement_reasons
from engine.eligibility_matrix import doctor_columns, eligible_blocks, post_columns
from engine.posts import Post, QualificationGroup, Requirements

START = date(2026, 8, 1)
GROUPS = tuple(QualificationGroup)
PAIRS_ONE_BY_ONE = 20_000


def random_doctors(n: int, rng: Generator) -> list[Qualifications]:
    """Doctors of every standing, available over a year."""
    flags, level, days = rng.random((n, 4)) < 0.8, rng.integers(0, 7, n), rng.integers(0, 365, n)
    fte = rng.integers(5, 11, n) / 10
    return [
        Qualifications(
            f"K{i}",
            authorised=bool(flags[i, 0]),
            lis1_complete=bool(flags[i, 1]),
            is_specialist=bool(flags[i, 2]),
            in_training=bool(flags[i, 3]),
            language_level=LanguageLevel(level[i]),
            available_from=START + timedelta(int(days[i])),
            fte=float(fte[i]),
        )
        for i in range(n)
    ]


def random_posts(n: int, rng: Generator) -> list[Post]:
    """Posts that start over half a year and ask for all that a post can ask."""
    posts = []
    for i in range(n):
        start = START + timedelta(int(rng.integers(0, 180)))
        asked = Requirements(
            LanguageLevel(int(rng.integers(3, 7))), start + timedelta(60), float(rng.integers(5, 11)) / 10
        )
        tiers = tuple(frozenset({GROUPS[j]}) for j in rng.permutation(3)[: int(rng.integers(1, 4))])
        form, supervised = ContractForm.SALARIED, bool(rng.random() < 0.7)
        posts.append(Post(f"P{i}", "5001", "50", form, 1, supervised, start, asked, tiers, START))
    return posts


def main(doctors: int = 100_000, posts: int = 10_000) -> None:
    """Print one line: seconds to build the columns, for all pairs, and what the pairs one by one would take."""
    rng = default_rng(1)
    people, places = random_doctors(doctors, rng), random_posts(posts, rng)
    began = time.perf_counter()
    columns = doctor_columns(people), post_columns(places)
    built = time.perf_counter()
    eligible = sum(int(block.sum()) for _, block in eligible_blocks(*columns))
    done = time.perf_counter()
    law = {post.post_id: legal_requirements(post.starts_on) for post in places[:100]}
    some = people[: max(1, PAIRS_ONE_BY_ONE // len(law))]
    alone = time.perf_counter()
    for post in places[:100]:
        for doctor in some:
            requirement_reasons(doctor, post, law[post.post_id])
    one_by_one = (time.perf_counter() - alone) / (len(law) * len(some)) * doctors * posts
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{doctors} doctors x {posts} posts: {eligible} eligible pairs; columns {built - began:.2f} s, "
        f"pairs {done - built:.2f} s, one by one {one_by_one:.0f} s ({one_by_one / (done - built):.0f} x); "
        f"peak {memory:.0f} MiB"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
