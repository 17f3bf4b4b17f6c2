"""Plan runs, what they publish (machine runs, lots) and the placements that they propose."""

from production.plans.models.advice import Advice, AdvisedLine, AdvisedRun
from production.plans.models.approvals import AutoApproval
from production.plans.models.findings import LateLine, MovedRun
from production.plans.models.hand import ForbiddenMachine, Pin, Sequence, SequenceLine
from production.plans.models.live import LineReason, MachineRun, PlannedLot, RunPart
from production.plans.models.promises import Promise, PromiseHold, PromiseTerms
from production.plans.models.proposals import Proposal, ProposalTerms
from production.plans.models.runs import PlanArtefact, PlanPiece, PlanRun, Publication
from production.plans.models.scenarios import Scenario, ScenarioArtefact, ScenarioBase, ScenarioLine
from production.plans.models.trials import Trial, TrialProblem

__all__ = [
    "Advice",
    "AdvisedLine",
    "AdvisedRun",
    "AutoApproval",
    "ForbiddenMachine",
    "LateLine",
    "LineReason",
    "MachineRun",
    "MovedRun",
    "Pin",
    "PlanArtefact",
    "PlanPiece",
    "PlanRun",
    "PlannedLot",
    "Promise",
    "PromiseHold",
    "PromiseTerms",
    "Proposal",
    "ProposalTerms",
    "Publication",
    "RunPart",
    "Scenario",
    "ScenarioArtefact",
    "ScenarioBase",
    "ScenarioLine",
    "Sequence",
    "SequenceLine",
    "Trial",
    "TrialProblem",
]
