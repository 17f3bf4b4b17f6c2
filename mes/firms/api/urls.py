from django.urls import path

from mes.firms.api.views import MeApi

urlpatterns = [path("me", MeApi.as_view())]
