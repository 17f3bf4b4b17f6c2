from django.urls import path

from mes.core.api.changes import ChangesApi

urlpatterns = [path("changes", ChangesApi.as_view())]
