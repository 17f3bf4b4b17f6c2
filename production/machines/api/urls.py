from django.urls import path

from production.machines.api import views
from production.machines.api.imports import MachinesImportApi, MachinesTemplateApi

urlpatterns = [
    path("machines", views.MachinesApi.as_view()),
    path("machines/<uuid:machine_id>", views.MachineApi.as_view()),
    path("imports/machines", MachinesImportApi.as_view()),
    path("imports/machines/template.xlsx", MachinesTemplateApi.as_view()),
    path("calendar-rules", views.CalendarRulesApi.as_view()),
    path("downtimes", views.DowntimesApi.as_view()),
    path("downtimes/<uuid:downtime_id>", views.DowntimeApi.as_view()),
    path("overtime", views.OvertimeApi.as_view()),
    path("pools", views.PoolsApi.as_view()),
    path("pools/<uuid:pool_id>", views.PoolApi.as_view()),
    path("pools/<uuid:pool_id>/needs", views.PoolNeedsApi.as_view()),
    path("pool-needs/<uuid:need_id>", views.PoolNeedApi.as_view()),
    path("pool-downtimes", views.PoolDowntimesApi.as_view()),
    path("pool-downtimes/<uuid:downtime_id>", views.PoolDowntimeApi.as_view()),
    path("capacity-offers", views.OffersApi.as_view()),
    path("capacity-offers/<uuid:offer_id>/withdraw", views.OfferWithdrawApi.as_view()),
    path("capacity-bands", views.CapacityBandsApi.as_view()),
]
