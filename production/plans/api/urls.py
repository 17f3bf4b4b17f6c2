from django.urls import path

from production.plans.api import views
from production.plans.services.machine_runs import machine_run_approve, machine_run_confirm

urlpatterns = [
    path("plan-rows", views.PlanRowsApi.as_view()),
    path("plan-rows/<uuid:run_id>", views.PlanRowApi.as_view()),
    path("plan-rows/<uuid:run_id>/approve", views.PlanRowVerbApi.as_view(verb=machine_run_approve)),
    path("plan-rows/<uuid:run_id>/confirm", views.PlanRowVerbApi.as_view(verb=machine_run_confirm)),
    path("plan-runs", views.PlanRunsApi.as_view()),
    path("plan-runs/<uuid:run_id>", views.PlanRunApi.as_view()),
    path("sales-order-lines/<uuid:line_id>/reasons", views.LineReasonsApi.as_view()),
]
