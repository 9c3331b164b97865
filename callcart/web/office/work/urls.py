"""Addresses of the work area."""

from django.urls import path

from callcart.web.office.work import approvals, counts, messages, tasks

urlpatterns = [
    path("work/counts", counts.counts, name="work_counts"),
    path("work/tasks", tasks.tasks, name="tasks"),
    path("work/tasks/<uuid:task_id>", tasks.task, name="task"),
    path("work/tasks/<uuid:task_id>/take", tasks.take, name="task_take"),
    path("work/tasks/<uuid:task_id>/give-back", tasks.give_back, name="task_give_back"),
    path("work/tasks/<uuid:task_id>/done", tasks.done, name="task_done"),
    path("work/tasks/<uuid:task_id>/put-off", tasks.put_off, name="task_put_off"),
    path("work/tasks/<uuid:task_id>/drop", tasks.drop, name="task_drop"),
    path("work/approvals", approvals.approvals, name="approvals"),
    path("work/approvals/<uuid:approval_id>", approvals.approval, name="approval"),
    path("work/approvals/<uuid:approval_id>/approve", approvals.approve, name="approval_approve"),
    path("work/approvals/<uuid:approval_id>/refuse", approvals.refuse, name="approval_refuse"),
    path("work/approvals/<uuid:approval_id>/withdraw", approvals.withdraw, name="approval_withdraw"),
    path("work/messages", messages.messages, name="messages"),
    path("work/messages/again", messages.again, name="messages_again"),
    path("work/messages/texts", messages.texts, name="message_texts"),
    path("work/messages/texts/<str:kind>/<str:medium>/<str:language>", messages.text, name="message_text"),
    path(
        "work/messages/texts/<str:kind>/<str:medium>/<str:language>/preview",
        messages.preview,
        name="message_preview",
    ),
]
