from django.urls import path

from mes.firms.account import urls as of_firms
from mes.signin.account.views import FactorCode, FactorSetup, OwnFactor, SignInHalf

app_name = "account"
urlpatterns = [
    path("sign-in", SignInHalf.as_view(), name="sign-in"),
    path("second-factor", FactorCode.as_view(), name="second-factor"),
    path("second-factor/set-up", FactorSetup.as_view(), name="second-factor-setup"),
    path("second-factor/own", OwnFactor.as_view(), name="own-second-factor"),
    *of_firms.urlpatterns,
]
