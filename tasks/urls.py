"""Addresses of one organization's tasks and of its history."""

from django.urls import path

from tasks import comment_views, completion, detail_page, history_views, views

app_name = "tasks"

urlpatterns = [
    path("history/", history_views.organization_history, name="history"),
    path("complete/people/", completion.people, name="complete_people"),
    path("complete/tasks/", completion.tasks, name="complete_tasks"),
    path("draft/", completion.draft, name="draft"),
    path("tasks/", views.task_list, name="list"),
    path("tasks/new/", views.task_create, name="create"),
    path("tasks/<int:number>/", views.task_detail, name="detail"),
    path("tasks/<int:number>/entries/", detail_page.task_entries, name="entries"),
    path("tasks/<int:number>/edit/", views.task_edit, name="edit"),
    path("tasks/<int:number>/comment/", comment_views.task_comment, name="comment"),
    path("tasks/<int:number>/comments/<int:version>/", comment_views.comment_entry, name="comment_entry"),
    path("tasks/<int:number>/comments/<int:version>/edit/", comment_views.comment_edit, name="comment_edit"),
    path(
        "tasks/<int:number>/comments/<int:version>/delete/",
        comment_views.comment_delete,
        name="comment_delete",
    ),
    path(
        "tasks/<int:number>/comments/<int:version>/react/", comment_views.comment_react, name="comment_react"
    ),
    path("tasks/<int:number>/status/", views.task_status, name="status"),
    path("tasks/<int:number>/assign/", views.task_assign, name="assign"),
    path("tasks/<int:number>/due/", views.task_due, name="due"),
    path("tasks/<int:number>/archive/", views.task_archive, name="archive"),
    path("tasks/<int:number>/restore/", views.task_restore, name="restore"),
    path("tasks/<int:number>/watch/", views.task_watch, name="watch"),
]
