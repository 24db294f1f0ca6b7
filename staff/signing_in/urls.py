"""The pages of signing in, beneath `/account/`. Only what is listed here of allauth can be reached.

Each asks for a session by itself where it needs one; tests/guards/test_routes.py says which do not.
"""

from allauth.account import views
from allauth.mfa import urls as mfa_urls
from allauth.mfa.webauthn.views import login_webauthn
from allauth.socialaccount import views as sign_on_views
from allauth.usersessions import urls as sessions_urls
from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from staff.signing_in import provider
from staff.signing_in.passwords import by_mail, by_passkey, with_a_password

# Where passkeys stand, too: allauth's own list of them has no page here.
_TO_ALL_FACTORS = RedirectView.as_view(pattern_name="mfa_index")

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", with_a_password(views.reauthenticate), name="account_reauthenticate"),
    path("password/", with_a_password(views.password_change), name="account_change_password"),
    path("password/reset/", by_mail(views.password_reset), name="account_reset_password"),
    path("password/reset/sent/", by_mail(views.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        by_mail(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/", by_mail(views.password_reset_from_key_done), name="account_reset_password_from_key_done"
    ),
    path("second-factor/webauthn/login/", by_passkey(login_webauthn), name="mfa_login_webauthn"),
    path("second-factor/webauthn/", login_required(_TO_ALL_FACTORS), name="mfa_list_webauthn"),
    path("second-factor/", include(mfa_urls)),
    path("sessions/", include(sessions_urls)),
    path("oidc/<str:provider_id>/login/", provider.login, name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", provider.callback, name="openid_connect_callback"),
    path("oidc/cancelled/", sign_on_views.login_cancelled, name="socialaccount_login_cancelled"),
]
