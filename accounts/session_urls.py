"""The addresses of one's sessions."""

from django.urls import path

from accounts import session_pages

urlpatterns = [
    path("", session_pages.session_list, name="usersessions_list"),
    path("end/", session_pages.end_other_sessions, name="end_other_sessions"),
    path("<int:pk>/end/", session_pages.end_session, name="end_session"),
]
