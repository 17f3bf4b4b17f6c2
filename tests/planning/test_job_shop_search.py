"""The search for a short plan: optima that are known, and the same plan from the same seed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from production.planning.jobshop.instance import JobShop, Way
from production.planning.jobshop.kernel.board import lay
from production.planning.jobshop.kernel.shapes import board_for
from production.planning.jobshop.search.arrays import shop_of
from production.planning.jobshop.search.exact import Prover
from production.planning.jobshop.search.island import Island, Tuning
from production.planning.jobshop.search.solve import Found, solve
from production.planning.jobshop.verify import verify
from tests.planning.job_shops import SMALL, least_makespan, random_shop

CHECKOUT = Path(__file__).parents[2]


def solved(*arguments: str, **environment: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "production.planning", "solve", *arguments],
        capture_output=True,
        check=False,
        cwd=CHECKOUT,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def text_of(shop: JobShop) -> str:
    lines = [f"{len(shop.jobs)} {shop.machines}"]
    for job in shop.jobs:
        words = [str(len(job))]
        for ways in job:
            words += [str(len(ways))] + [f"{way.machine + 1} {way.time}" for way in ways]
        lines.append(" ".join(words))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(12))
def test_small_shops_are_solved_and_proved(seed: int) -> None:
    shop = random_shop(seed)
    found = solve(shop, iterations=100_000)
    assert verify(shop, found.plan) == []
    assert found.plan.makespan == least_makespan(shop) == max(found.bounds.values())


@pytest.mark.parametrize("seed", range(6))
def test_walks_alone_reach_the_optimum(seed: int) -> None:
    shop = random_shop(seed, jobs=4, steps=2, machines=2)
    least = least_makespan(shop)
    island = Island(shop_of(shop), seed=1, number=0, bound=least, tuning=Tuning())
    island.dispatch(lambda: True)
    island.advance(20_000)
    assert island.value == least


def test_the_prover_alone_finds_and_proves() -> None:
    shop = random_shop(3)
    island = Island(shop_of(shop), seed=1, number=0, bound=0, tuning=Tuning(dispatched=1))
    island.dispatch(lambda: True)
    worse = island.best
    worse.value[0] = 10_000
    heads = np.zeros(shop.operations, dtype=np.int64)
    answer = Prover(island.shop, seed=1).improve(worse, heads, 0, work=10.0)
    assert answer.plan is not None
    assert answer.bound == int(answer.plan.value[0]) == least_makespan(shop)
    again = Prover(island.shop, seed=1).improve(answer.plan, heads, 0, work=10.0)
    assert (again.plan, again.bound) == (None, answer.bound)


def test_a_walk_keeps_the_paths_exact() -> None:
    shop = shop_of(random_shop(1, jobs=8, steps=6, machines=5, longest=30))
    island = Island(shop, seed=4, number=0, bound=0, tuning=Tuning())
    island.dispatch(lambda: True)
    fresh = board_for(shop)
    for _ in range(60):
        island.advance(7)
        board = island.board
        lay(shop, fresh, board.machine, board.order.copy())
        for name in ("end", "rest", "sequence", "count", "before", "after", "position"):
            kept, new = getattr(board, name), getattr(fresh, name)
            if name == "sequence":
                rows = [np.arange(start, start + size) for start, size in zip(shop.row[:-1], board.count, strict=True)]
                kept, new = kept[np.concatenate(rows)], new[np.concatenate(rows)]
            operations = len(board.order) if name in ("before", "after") else len(kept)
            assert (kept[:operations] == new[:operations]).all(), name
        assert (board.order[board.place[: len(board.order)]] == np.arange(len(board.order))).all()


def test_the_same_steps_in_other_chunks_are_the_same_walks() -> None:
    shop = shop_of(random_shop(2, jobs=6, steps=5, machines=4, longest=40))
    plans = []
    for chunks in ((3000,), (1, 999, 2000), (100,) * 30):
        island = Island(shop, seed=4, number=0, bound=0, tuning=Tuning(patience=50))
        island.dispatch(lambda: True)
        for steps in chunks:
            island.advance(steps)
        plans.append((island.value, island.best.order.tolist(), island.state.tolist()))
    assert plans[0] == plans[1] == plans[2]


def test_two_runs_and_one_or_two_workers_find_the_same() -> None:
    shop = random_shop(7, jobs=9, steps=5, machines=4, longest=60)

    def found(workers: int) -> Found:
        return solve(shop, seed=5, workers=workers, iterations=60_000)

    assert found(1) == found(1) == found(2) == found(2)
    assert found(1).iterations == 60_000
    assert solve(shop, seed=6, iterations=60_000).plan != found(1).plan


def test_two_processes_compiled_or_not_write_the_same_bytes(tmp_path: Path) -> None:
    shop = tmp_path / "shop.fjs"
    shop.write_text(text_of(random_shop(7, jobs=8, steps=4, machines=4, longest=60)))
    plans = {}
    for name, workers, plain in (("a", "1", "0"), ("b", "2", "0"), ("c", "2", "1")):
        out = str(tmp_path / name)
        given = (str(shop), "--format", "fjsp", "--iterations", "4000", "--workers", workers, "--out", out)
        solved(*given, NUMBA_DISABLE_JIT=plain)
        plans[name] = Path(out).read_bytes()
    assert plans["a"] == plans["b"] == plans["c"]


def test_one_line_of_figures(tmp_path: Path) -> None:
    shop, plan, curve = tmp_path / "small.fjs", tmp_path / "plan.json", tmp_path / "curve"
    shop.write_text(SMALL)
    given = (str(shop), "--format", "fjsp", "--seconds", "5", "--out", str(plan), "--curve", str(curve))
    report = json.loads(solved(*given))
    assert (report["instance"], report["format"], report["violations"]) == ("small", "fjsp", 0)
    assert report["tiers"] == {"makespan": report["objective"]}
    assert report["bounds"].keys() >= {"longest_job", "shared_work"}
    assert max(report["bounds"].values()) == report["objective"] == json.loads(plan.read_text())["makespan"]
    assert report["seconds"] < 5  # what is proved ends the search
    steps = [json.loads(text) for text in curve.read_text().splitlines()]
    assert [step["tiers"]["makespan"] for step in steps] == sorted(
        {step["tiers"]["makespan"] for step in steps}, reverse=True
    )
    assert steps[-1]["tiers"] == report["tiers"]


def test_a_search_can_be_stopped_and_has_a_plan() -> None:
    shop = random_shop(1, jobs=20, steps=10, machines=8, longest=50)
    found = solve(shop, should_stop=lambda: True)
    assert verify(shop, found.plan) == []
    assert found.iterations == 0


def test_what_takes_no_time_is_planned() -> None:
    shop = JobShop(2, (((Way(0, 0),), (Way(1, 0),)), ((Way(0, 0), Way(1, 3)),)))
    found = solve(shop, iterations=100)
    assert (found.plan.makespan, verify(shop, found.plan)) == (0, [])
