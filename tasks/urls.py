"""Addresses of one organization's tasks."""

from django.urls import path

from tasks import views

app_name = "tasks"

urlpatterns = [
    path("", views.task_list, name="list"),
    path("new/", views.task_create, name="create"),
    path("<int:number>/", views.task_detail, name="detail"),
    path("<int:number>/edit/", views.task_edit, name="edit"),
    path("<int:number>/comment/", views.task_comment, name="comment"),
    path("<int:number>/status/", views.task_status, name="status"),
    path("<int:number>/assign/", views.task_assign, name="assign"),
    path("<int:number>/due/", views.task_due, name="due"),
    path("<int:number>/archive/", views.task_archive, name="archive"),
    path("<int:number>/restore/", views.task_restore, name="restore"),
    path("<int:number>/watch/", views.task_watch, name="watch"),
]
