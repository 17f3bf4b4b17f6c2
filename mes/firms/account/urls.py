from django.urls import path

from mes.firms.account.pages import Export, Index, Keys, Password, RevokeKey
from mes.firms.account.sign_in import SignOut
from mes.firms.account.welcome import Welcome

# Signing in itself, and the second factor, are in mes.signin.account.urls, which includes these.
urlpatterns = [
    path("", Index.as_view(), name="index"),
    path("sign-out", SignOut.as_view(), name="sign-out"),
    path("welcome", Welcome.as_view(), name="welcome"),
    path("password", Password.as_view(), name="password"),
    path("export", Export.as_view(), name="export"),
    path("keys", Keys.as_view(), name="keys"),
    path("keys/<uuid:api_key_id>/revoke", RevokeKey.as_view(), name="revoke-key"),
]
