from django.urls import path

from mes.batches.api import views

urlpatterns = [
    path("jobs", views.JobsApi.as_view()),
    path("jobs/<uuid:job_id>", views.JobApi.as_view()),
    path("jobs/<uuid:job_id>/items", views.JobItemsApi.as_view()),
]
