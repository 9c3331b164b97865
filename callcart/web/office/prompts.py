"""What callers hear: the list of prompts, and one prompt with its words and its sound in each language."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.voice import replace as prompts_of_shop
from callcart.contact.voice.replace import PromptView
from callcart.contact.voice.speech.phrases import LANGUAGES
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office import prompt_takes
from callcart.web.office.words import Word
from callcart.web.ranges import ranged


def kinds() -> dict[str, Word]:
    """How a version came about, in words."""
    return {
        "shipped": Word(_("As shipped"), "grey"),
        "text": Word(_("Own words"), "blue"),
        "recording": Word(_("Recording"), "green"),
    }


@require_GET
@requires("voice.manage")
def prompts(request: HttpRequest) -> HttpResponse:
    """Everything that callers can hear, in the order in which they hear it."""
    return _list(request, Attempt())


@require_POST
@requires("voice.manage")
def add(request: HttpRequest) -> HttpResponse:
    """A greeting of the shop's own."""
    posted = request.POST
    with attempt() as tried:
        key = prompts_of_shop.add_greeting(
            actor_of(request),
            posted.get("title", ""),
            texts={language: posted.get(f"text_{language}", "") for language in LANGUAGES},
        )
    if not tried:
        return _list(request, tried)
    toast = _("Greeting added. Choose it at a service number, or upload a recording here.")
    return go(request, url("office:prompt", key), toast=toast)


@require_GET
@requires("voice.manage")
def prompt(request: HttpRequest, key: str) -> HttpResponse:
    """One prompt in all its languages."""
    return _one(request, key, "", Attempt())


@require_POST
@requires("voice.manage")
def text(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """Say other words."""
    with attempt() as tried:
        prompts_of_shop.say_text(actor_of(request), key, language, request.POST.get("text", ""))
    return _changed(request, key, language, tried, _("Saved. Callers hear it from the next call on."))


@require_POST
@requires("voice.manage")
def recording(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """Play a recording. No more is read of a file than may be kept."""
    sent = request.FILES.get("recording")
    data = sent.read(prompts_of_shop.MOST_BYTES + 1) if sent is not None else b""
    with attempt() as tried:
        prompts_of_shop.say_recording(actor_of(request), key, language, data)
    return _changed(
        request, key, language, tried, _("Recording saved. Callers hear it from the next call on.")
    )


@require_POST
@requires("voice.manage")
def shipped(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """Back to what ships."""
    prompts_of_shop.say_shipped(actor_of(request), key, language)
    return go(request, url("office:prompt", key), toast=_("Back to the prompt as shipped."))


@require_POST
@requires("voice.manage")
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Take a greeting of the shop's own away."""
    with attempt() as tried:
        prompts_of_shop.remove_greeting(actor_of(request), key)
    if not tried:
        return _one(request, key, "", tried)
    return go(request, url("office:prompts"), toast=_("Greeting removed."))


@require_GET
@requires("voice.manage")
def sound(request: HttpRequest, key: str, language: str) -> HttpResponse | FileResponse:
    """A prompt as callers hear it."""
    answer = ranged(request, prompts_of_shop.prompt_sound(actor_of(request), key, language), "audio/wav")
    answer["Cache-Control"] = "no-store"
    return answer


def _changed(request: HttpRequest, key: str, language: str, tried: Attempt, toast: str) -> HttpResponse:
    if tried:
        return go(request, url("office:prompt", key), toast=toast)
    return _one(request, key, language, tried)


def _list(request: HttpRequest, tried: Attempt) -> HttpResponse:
    return page(
        request, "office/prompts.html", prompts=prompts_of_shop.list_prompts(actor_of(request)), kinds=kinds(),
        errors=tried.fields, message=tried.message, posted=request.POST, status=tried.status,
        spoken=LANGUAGES, most=prompts_of_shop.MOST_CHARACTERS,
    )  # fmt: skip


def _one(request: HttpRequest, key: str, language: str, tried: Attempt) -> HttpResponse:
    """The page; `language` is the column whose form was refused."""
    actor = actor_of(request)
    return page(
        request, "office/prompt.html", prompt=_find(actor, key), kinds=kinds(), tried_language=language,
        ways=prompt_takes.ways(actor), settings=prompt_takes.settings_of(request, actor), **prompt_takes.take_of(actor, key),
        errors=tried.fields, message=tried.message, posted=request.POST, status=tried.status,
        most=prompts_of_shop.MOST_CHARACTERS, most_seconds=prompts_of_shop.MOST_SECONDS,
        most_mb=prompts_of_shop.MOST_BYTES // 1_000_000,
    )  # fmt: skip


def _find(actor: Actor, key: str) -> PromptView:
    for each in prompts_of_shop.list_prompts(actor):
        if each.key == key:
            return each
    raise NotFound
