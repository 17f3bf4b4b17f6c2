"""The figures as plain values for the JSON file: rounded, in a fixed order, without keys or dates of this run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from mes.demo.figures import CaseFigures, ParkFigures, RunFigures, data_version, rounded
from mes.demo.ranges import Miss
from mes.demo.round_figures import RoundFigures
from mes.demo.round_told import told
from mes.demo.sample.shapes import CaseOptions

TONNES_PLACES, DAY_PLACES, PERCENT_PLACES, SECONDS_PLACES = 2, 2, 2, 2


def report_of(
    *,
    case: CaseFigures,
    park: ParkFigures,
    park_run: RunFigures,
    alone_run: RunFigures,
    bought: RoundFigures,
    seed: int,
    options: CaseOptions,
) -> Mapping[str, Any]:
    """The whole report. Only names that end in `_seconds` may differ between two runs of the same seed."""
    return {
        "case": {
            "in_house_t": _number(case.in_house_t, TONNES_PLACES),
            "outsourced_t": _number(case.outsourced_t, TONNES_PLACES),
            "finish_day": _number(case.finish_day, DAY_PLACES),
            "tardy_h": _number(case.tardy_h, DAY_PLACES),
            "firms": len(case.placements),
            "pieces_total": case.pieces_total,
            "placements": [
                {
                    "firm": row.firm_code,
                    "orders": row.orders,
                    "pieces": row.pieces,
                    "t": _number(row.tonnes, TONNES_PLACES),
                    "finish_day": _number(row.finish_day, DAY_PLACES),
                }
                for row in case.placements
            ],
        },
        "case_alone": {"finish_day": _number(alone_run.finish_day, DAY_PLACES)},
        "park": {
            "orders": park.orders,
            "operations": park.operations,
            "machine_runs": park.machine_runs,
            "on_time_pct": _number(park.on_time_pct, PERCENT_PLACES),
            "late": park.orders - park.on_time,
            "unplaced": park.unplaced,
            "outsourced_pct": _number(park.outsourced_pct, PERCENT_PLACES),
            "plan_seconds": _number(park_run.plan_s, SECONDS_PLACES),
            "violations": park_run.violations + alone_run.violations,
            "rule": park_run.rule,
        },
        "round": told(bought),
        "db": {"overlaps": park.overlaps, "plan_digest": park.plan_digest},
        "seed": seed,
        "overrides": overrides_of(options),
        "versions": {**park_run.versions, "data": data_version(), "input": park_run.input_hash},
    }


def overrides_of(options: CaseOptions) -> Mapping[str, Any]:
    """What of the case differs from the story as told."""
    usual = CaseOptions()
    values = {name: getattr(options, name) for name in CaseOptions.__slots__}
    changed = {name: value for name, value in values.items() if value != getattr(usual, name)}
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in changed.items()}


def write(path: Path, report: Mapping[str, Any]) -> None:
    """Writes canonical JSON: sorted names, one figure a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def last_line(report: Mapping[str, Any], missed: list[Miss]) -> str:
    """What a machine reads of the demo: the figures that count, or the first that is out of its range."""
    if missed:
        return f"DEMO FAILED {missed[0]}"
    case, park, bought = report["case"], report["park"], report["round"]
    return (
        f"DEMO OK in_house_t={case['in_house_t']} outsourced_t={case['outsourced_t']} finish_day={case['finish_day']}"
        f" alone_day={report['case_alone']['finish_day']} on_time_pct={park['on_time_pct']}"
        f" violations={park['violations']} round_t={bought['tonnes']} saving_pct={bought['saving_pct']}"
    )


def _number(value: Decimal, places: int) -> float:
    return float(rounded(value, places))
