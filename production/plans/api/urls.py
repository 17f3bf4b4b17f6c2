from django.urls import path

from production.plans.api import advice, hand, promises, resin, scenarios, trials, views
from production.plans.services.machine_runs import machine_run_approve, machine_run_confirm

APPROVE = (
    "proposed → approved: the run does not move any more. Refused while a placement that it carries is unanswered."
)
CONFIRM = "proposed or approved → confirmed: the floor may start it."

urlpatterns = [
    path("plan-rows", views.PlanRowsApi.as_view()),
    path("plan-rows/<uuid:run_id>", views.PlanRowApi.as_view()),
    path("plan-rows/<uuid:run_id>/approve", views.PlanRowVerbApi.as_view(verb=machine_run_approve, says=APPROVE)),
    path("plan-rows/<uuid:run_id>/confirm", views.PlanRowVerbApi.as_view(verb=machine_run_confirm, says=CONFIRM)),
    path("plan-rows/<uuid:run_id>/pin", hand.PlanRowPinApi.as_view()),
    path("pins", hand.PinsApi.as_view()),
    path("pins/<uuid:pin_id>", hand.PinApi.as_view()),
    path("forbidden-machines", hand.ForbiddenMachinesApi.as_view()),
    path("forbidden-machines/<uuid:forbidden_id>", hand.ForbiddenMachineApi.as_view()),
    path("sequences", hand.SequencesApi.as_view()),
    path("sequences/<uuid:sequence_id>", hand.SequenceApi.as_view()),
    path("trials", trials.TrialsApi.as_view()),
    path("trials/<uuid:trial_id>", trials.TrialApi.as_view()),
    path("trials/<uuid:trial_id>/accept", trials.TrialAcceptApi.as_view()),
    path("trials/<uuid:trial_id>/decline", trials.TrialDeclineApi.as_view()),
    path("auto-approval", views.AutoApprovalApi.as_view()),
    path("plan-runs", views.PlanRunsApi.as_view()),
    path("plan-runs/<uuid:run_id>", views.PlanRunApi.as_view()),
    path("advice", advice.AdvicePageApi.as_view()),
    path("advice/<uuid:advice_id>", advice.AdviceApi.as_view()),
    path("advice/<uuid:advice_id>/runs", advice.AdvisedRunsApi.as_view()),
    path("advice/<uuid:advice_id>/lines", advice.AdvisedLinesApi.as_view()),
    path("promises", promises.PromisesApi.as_view()),
    path("promises/<uuid:promise_id>", promises.PromiseApi.as_view()),
    path("promises/<uuid:promise_id>/reserve", promises.PromiseReserveApi.as_view()),
    path("promises/<uuid:promise_id>/release", promises.PromiseReleaseApi.as_view()),
    path("scenarios", scenarios.ScenariosApi.as_view()),
    path("scenarios/<uuid:scenario_id>", scenarios.ScenarioApi.as_view()),
    path("rounds/<uuid:round_id>/lines/<int:number>/commitment/proposal", resin.ProposedCommitmentApi.as_view()),
    path("sales-order-lines/<uuid:line_id>/reasons", views.LineReasonsApi.as_view()),
]
