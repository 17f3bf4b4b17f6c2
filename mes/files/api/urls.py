from django.urls import path

from mes.files.api import views

urlpatterns = [
    path("files", views.FilesApi.as_view()),
    path("files/<uuid:file_id>", views.FileApi.as_view()),
    path("files/<uuid:file_id>/content", views.FileContentApi.as_view()),
]
