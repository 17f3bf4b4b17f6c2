"""Makes the case files under `data/`: 11 presses, and an order for 3,565 paving panels due in 20 days.

Run as `python -m tests.planning.make_case`. The figures: a PRESS-M has two daylights, takes 164.4 min a cycle
for 30 mm and works at 80 %; two of the eleven are booked by other work all the time; mixers take 600 kg/h and
1.04 kg per kg of panel.
"""

from dataclasses import dataclass
from pathlib import Path

from production.planning.codec import problem_dump
from production.planning.problem import (
    Calendar,
    ChangeoverMatrix,
    Firm,
    FixedLot,
    FixedRun,
    Line,
    Machine,
    MaterialArrival,
    Mode,
    Offer,
    Problem,
    Route,
    Step,
    Transport,
    Wait,
)

DATA = Path(__file__).parent / "data"
DAY = 1440
HORIZON_MIN = 60 * DAY
DUE_MIN = 20 * DAY
PIECES = 3565
UNIT_MASS_G = 56_100
MIXED_G = UNIT_MASS_G * 104 // 100
GIVER = "F09"
DOERS = {"F10": 280_000, "F11": 250_000, "F12": 350_000, "F13": 320_000, "F14": 265_000, "F15": 300_000}
DOER_PRESSES = 4


@dataclass(frozen=True)
class CaseTerms:
    """What may be changed about the case."""

    booked_presses: int = 2
    rest_h: int = 24
    efficiency_permille: int = 800
    transfer_pieces: int | None = 24


def case_problem(terms: CaseTerms = CaseTerms(), *, offers: bool) -> Problem:
    """The case as a Problem, with the offers of six other firms or without any."""
    firms = (GIVER, *DOERS) if offers else (GIVER,)
    machines = [machine for firm in firms for machine in _machines(firm, terms)]
    return Problem(
        horizon_min=HORIZON_MIN,
        calendars=(Calendar("24/7", ((0, HORIZON_MIN),)),),
        firms=tuple(Firm(firm, "24/7") for firm in firms),
        machines=tuple(machines),
        lines=(_line(terms),),
        changeovers=(ChangeoverMatrix("press", default_min=150),),
        arrivals=(MaterialArrival("opening", GIVER, "U2R", 0, 300_000_000),),
        transports=tuple(
            Transport(here, there, 60, 60_000, 10_000_000) for here in firms for there in firms if here != there
        ),
        offers=tuple(_offer(firm, fee) for firm, fee in DOERS.items()) if offers else (),
        fixed_lots=tuple(
            FixedLot(
                key=f"booked-{number}",
                line="",
                firm=GIVER,
                pieces=0,
                runs=(FixedRun(f"{GIVER}-PRESS-{number:02d}", 0, HORIZON_MIN, "other"),),
                finish_min=HORIZON_MIN,
            )
            for number in range(1, terms.booked_presses + 1)
        ),
    )


def _machines(firm: str, terms: CaseTerms) -> list[Machine]:
    presses = 11 if firm == GIVER else DOER_PRESSES
    made = [
        Machine(
            f"{firm}-PRESS-{number:02d}",
            firm,
            "PRESS-M",
            "24/7",
            terms.efficiency_permille,
            changeover="press",
        )
        for number in range(1, presses + 1)
    ]
    made += [Machine(f"{firm}-MIXER-{number}", firm, "MIXER", "24/7") for number in (1, 2)]
    made += [Machine(f"{firm}-SAW-{number}", firm, "SAW", "24/7") for number in (1, 2)]
    return made


def _offer(firm: str, fee_fen_per_t: int) -> Offer:
    return Offer(
        key=f"offer-{firm}",
        firm=firm,
        machines=tuple(f"{firm}-PRESS-{number:02d}" for number in range(1, DOER_PRESSES + 1)),
        window=(0, 20 * DAY),
        fee_fen_per_t=fee_fen_per_t,
        least_lot_g=1_000_000,
        material_from="giver",
    )


def _line(terms: CaseTerms) -> Line:
    rest = Wait("REST", fixed_min=terms.rest_h * 60)
    inspect_and_pack = (Wait("QC", fixed_min=30), Wait("PACK", piece_s=-(-UNIT_MASS_G * 3600 // 1_500_000)))
    transfer = terms.transfer_pieces
    mixing_s = round(MIXED_G * 3600 / 600_000)
    mode = Mode("PRESS-M", "cycle", pieces_per_cycle=2, cycle_s=9864)
    return Line(
        key="SO-2026-0001/1",
        firm=GIVER,
        product="PAVE-30",
        pieces=PIECES,
        unit_mass_g=UNIT_MASS_G,
        release_min=0,
        due_min=DUE_MIN,
        priority=9,
        consent="allowed",
        fee_ceiling_fen_per_t=400_000,
        split_cost_fen=5_000,
        least_lot_pieces=18,
        routes=(
            Route(
                "pressed",
                (
                    Step(
                        "MIX",
                        (Mode("MIXER", "rate", piece_s=mixing_s, setup_min=15),),
                        transfer_pieces=transfer,
                        materials=(("U2R", MIXED_G),),
                    ),
                    Step(
                        "PRESS",
                        (mode,),
                        forming=True,
                        family="pattern-30",
                        transfer_pieces=transfer,
                        waits=(rest,),
                    ),
                    Step(
                        "SAW",
                        (Mode("SAW", "rate", piece_s=240),),
                        transfer_pieces=transfer,
                        waits=inspect_and_pack,
                    ),
                ),
            ),
        ),
    )


def main() -> None:
    """Writes both files."""
    DATA.mkdir(exist_ok=True)
    (DATA / "case.json").write_text(problem_dump(case_problem(offers=True)) + "\n")
    (DATA / "case_alone.json").write_text(problem_dump(case_problem(offers=False)) + "\n")


if __name__ == "__main__":
    main()
