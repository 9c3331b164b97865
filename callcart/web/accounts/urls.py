"""Addresses of sign-in and profile."""

from __future__ import annotations

from django.urls import path

from callcart.web.accounts import profile, sign_in

app_name = "accounts"
urlpatterns = [
    path("login", sign_in.login, name="login"),
    path("logout", sign_in.logout, name="logout"),
    path("profile", profile.show, name="profile"),
    path("profile/start", sign_in.start, name="start"),
    path("profile/preferences", profile.save_preferences, name="preferences"),
    path("profile/password", profile.save_password, name="password"),
    path("profile/two-step", profile.two_step, name="two_step"),
    path("profile/two-step/off", profile.two_step_off, name="two_step_off"),
    path("profile/sessions/end", profile.end_session, name="end_session"),
]
