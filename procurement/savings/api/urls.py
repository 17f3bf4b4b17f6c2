from django.urls import path

from procurement.savings.api import views

urlpatterns = [
    path("resin-savings", views.SavingsApi.as_view()),
    path("resin-savings/<uuid:saving_id>", views.SavingApi.as_view()),
    path("rounds/<uuid:round_id>/saving", views.RoundSavingApi.as_view()),
]
