from django.urls import path

from mes.firms.api.views import ApiKeyApi, ApiKeysApi, MeApi

urlpatterns = [
    path("me", MeApi.as_view()),
    path("api-keys", ApiKeysApi.as_view()),
    path("api-keys/<uuid:api_key_id>", ApiKeyApi.as_view()),
]
