"""Addresses of one organization's tasks and of its history."""

from django.urls import path

from tasks import comment_views, completion, detail_page, field_views, history_views, list_views, views
from tasks.csv_import import views as csv_views

app_name = "tasks"

urlpatterns = [
    path("history/", history_views.organization_history, name="history"),
    path("complete/people/", completion.people, name="complete_people"),
    path("complete/tasks/", completion.tasks, name="complete_tasks"),
    path("draft/", completion.draft, name="draft"),
    path("board/", list_views.task_board, name="board"),
    path("tasks/", list_views.task_list, name="list"),
    path("tasks/new/", views.task_create, name="create"),
    path("tasks/import/", csv_views.task_import, name="import"),
    path("tasks/import/<uuid:import_id>/", csv_views.tasks_imported, name="imported"),
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
    path("tasks/<int:number>/title/", field_views.task_title, name="title"),
    path("tasks/<int:number>/labels/", field_views.task_labels, name="labels"),
    path("tasks/<int:number>/status/", field_views.task_status, name="status"),
    path("tasks/<int:number>/assign/", field_views.task_assign, name="assign"),
    path("tasks/<int:number>/due/", field_views.task_due, name="due"),
    path("tasks/<int:number>/archive/", field_views.task_archive, name="archive"),
    path("tasks/<int:number>/restore/", field_views.task_restore, name="restore"),
    path("tasks/<int:number>/watch/", views.task_watch, name="watch"),
]
