"""Addresses of the supervisor's pages."""

from __future__ import annotations

from django.urls import path

from callcart.web.floor import agents, board, day, limits, messages, talks, waiting, walls

app_name = "floor"
urlpatterns = [
    path("board", board.board, name="board"),
    path("board/figures", board.figures, name="figures"),
    path("board/agents/<uuid:staff_id>", agents.agent, name="agent"),
    path("board/agents/<uuid:staff_id>/lend", agents.lend, name="lend"),
    path("board/agents/<uuid:staff_id>/give-back", agents.give_back, name="give_back"),
    path("board/talks/<uuid:conversation_id>/<str:act>", talks.act, name="talk"),
    path("board/phone", talks.phone, name="phone"),
    path("board/queues/<uuid:queue_id>", waiting.waiting, name="waiting"),
    path("board/queues/<uuid:queue_id>/move", waiting.move_all, name="move_all"),
    path("board/waiting/<uuid:conversation_id>/move", waiting.move, name="move"),
    path("board/day", day.day, name="day"),
    path("board/day/list", day.counted, name="counted"),
    path("board/limits", limits.limits, name="limits"),
    path("board/limits/<uuid:queue_id>", limits.limits_of, name="limits_of"),
    path("board/messages", messages.messages, name="messages"),
    path("board/messages/<uuid:broadcast_id>", messages.message, name="message"),
    path("board/messages/<uuid:broadcast_id>/withdraw", messages.withdraw, name="withdraw"),
    path("board/messages/<uuid:broadcast_id>/read", messages.read, name="read"),
    path("board/told", messages.told, name="told"),
    path("board/walls", walls.walls, name="walls"),
    path("board/walls/<uuid:wall_id>/withdraw", walls.revoke, name="revoke_wall"),
    path("wall/<str:token>", walls.wall, name="wall"),
    path("wall/<str:token>/figures", walls.wall_figures, name="wall_figures"),
]
