from django.urls import path

from production.floor.api import views
from production.floor.services import machine_run_finish, machine_run_start

START = "confirmed → started: the orders that it serves are in production from now on."
FINISH = "started → completed: pieces that were not reported good are planned again."

urlpatterns = [
    path("plan-rows/<uuid:run_id>/start", views.RunVerbApi.as_view(verb=machine_run_start, says=START)),
    path("plan-rows/<uuid:run_id>/report", views.RunReportApi.as_view()),
    path("plan-rows/<uuid:run_id>/finish", views.RunVerbApi.as_view(verb=machine_run_finish, says=FINISH)),
]
