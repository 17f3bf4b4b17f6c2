from django.urls import path

from mes.firms.api.export import ExportApi
from mes.firms.api.oversight import ReadSessionApi, ReadSessionsApi, SessionReadsApi
from mes.firms.api.people import PeopleApi, PersonApi, PersonCodeApi
from mes.firms.api.views import ApiKeyApi, ApiKeyRotateApi, ApiKeysApi, MeApi

urlpatterns = [
    path("me", MeApi.as_view()),
    path("api-keys", ApiKeysApi.as_view()),
    path("api-keys/<uuid:api_key_id>", ApiKeyApi.as_view()),
    path("people", PeopleApi.as_view()),
    path("people/<uuid:user_id>", PersonApi.as_view()),
    path("people/<uuid:user_id>/code", PersonCodeApi.as_view()),
    path("export", ExportApi.as_view()),
    path("read-sessions", ReadSessionsApi.as_view()),
    path("read-sessions/<uuid:read_session_id>", ReadSessionApi.as_view()),
    path("read-sessions/<uuid:read_session_id>/reads", SessionReadsApi.as_view()),
    path("api-keys/<uuid:api_key_id>/rotate", ApiKeyRotateApi.as_view()),
]
