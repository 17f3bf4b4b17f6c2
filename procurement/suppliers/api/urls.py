from django.urls import path

from procurement.suppliers.api import views

urlpatterns = [
    path("qualifications", views.QualificationsApi.as_view()),
    path("qualifications/<uuid:qualification_id>", views.QualificationApi.as_view()),
]
