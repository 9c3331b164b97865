"""The centre's pages: the telephones, and one of them in your hand."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from urllib.parse import parse_qs, quote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from callcart.demo.sms.book import TO_SHOP, Book, Sms
from callcart.demo.sms.centre import Centre
from callcart.demo.sms.fates import Fate, Way
from callcart.demo.sms.submits import send
from callcart.demo.sms.words import LANGUAGES, WORDS
from callcart.people.customers.numbers import read_phone

_STYLE = """body{font:16px system-ui,sans-serif;max-width:44rem;margin:1.5rem auto;padding:0 1rem;color:#1c2430}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:1.6rem}label{display:block;margin:.7rem 0 .2rem;font-weight:600}
input,select,textarea,button{font:inherit;padding:.5rem;border:1px solid #8a94a3;border-radius:6px;max-width:100%;box-sizing:border-box}
input,select,textarea{width:100%}button{background:#1d5fbf;color:#fff;border-color:#1d5fbf;margin-top:.8rem;min-height:44px;padding:.5rem 1.2rem}
a{color:#1d5fbf}ul{padding:0;list-style:none}li{margin:.5rem 0;overflow-wrap:anywhere}.m{max-width:85%;padding:.5rem .8rem;border-radius:12px;
white-space:pre-wrap;background:#e9edf3;width:fit-content}.mine{margin-left:auto;background:#d5e6ff}.s{font-size:.8rem;color:#4d5866}
iframe{width:100%;height:20rem;box-sizing:border-box;border:1px solid #c8ced8;border-radius:8px}nav{display:flex;gap:1rem;flex-wrap:wrap}"""
_MOST_BYTES = 16 * 1024
_LANGUAGE = "meadow_sms_lang"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'self'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


async def style(request: Request) -> Response:
    return Response(_STYLE, media_type="text/css")


async def home(request: Request) -> Response:
    """The telephones and the shops."""
    words, book = WORDS[_language(request)], _book(request)
    phones = "".join(f'<li><a href="/phone/{quote(each)}">{escape(each)}</a>' for each in book.phones())
    rows = [(shop, words["by_smpp"]) for shop in _centre(request).shops]
    rows += [(shop, f"{words['by_http']} {url}") for shop, url in book.hooks().items()]
    shops = "".join(f"<li>{escape(shop)} <span class=s>{escape(how)}</span>" for shop, how in rows)
    return _page(
        request,
        f"""<p>{words["about"]}</p><h2>{words["phones"]}</h2>{f"<ul>{phones}</ul>" if phones else f"<p>{words['none']}</p>"}
<form method=post action=/phone>{_field("number", words["number"], "+12025550142")}<button>{words["take"]}</button></form>
<h2>{words["shops"]}</h2>{f"<ul>{shops}</ul>" if shops else f"<p>{words['no_shops']}</p>"}
<details><summary>{words["hook"]}</summary><form method=post action=/hook>{_field("shop", words["shop"], "+12025550100")}
{_field("url", words["url"], "https://", required=False)}<button>{words["save"]}</button></form></details>""",
    )


async def take_phone(request: Request) -> Response:
    """Take a telephone in hand."""
    found = read_phone((await _form(request)).get("number", ""), "")
    return RedirectResponse(f"/phone/{quote(found.e164)}" if found else "/", status_code=303)


async def set_hook(request: Request) -> Response:
    """Where a number's shop is told by HTTP."""
    form = await _form(request)
    found, url = read_phone(form.get("shop", ""), ""), form.get("url", "").strip()
    if found and (not url or urlsplit(url).scheme in {"http", "https"}):
        _book(request).hook(found.e164, url)
    return RedirectResponse("/", status_code=303)


async def phone(request: Request) -> Response:
    """One telephone: what it got, what it writes, and what is to become of that."""
    words, number = WORDS[_language(request)], str(request.path_params["number"])
    held, shops = _book(request).phone(number), [*_centre(request).shops, *_book(request).hooks()]
    here = f"/phone/{quote(number)}"
    choices = "".join(f"<option>{escape(each)}</option>" for each in dict.fromkeys(shops))
    write = f"""<form method=post action={here}><label for=shop>{words["shop"]}</label><select id=shop name=shop>{choices}</select>
<label for=text>{words["write"]}</label><textarea id=text name=text rows=3 required maxlength=4000></textarea><button>{words["send"]}</button></form>"""
    ways = _options("way", Way, held.way, words)
    fates = _options("fate", Fate, held.fate, words)
    return _page(
        request,
        f"""<p><a href="/">{words["all"]}</a></p><h2>{escape(number)}</h2><iframe title="{escape(number)}" src="{here}/messages"></iframe>
{write if shops else f"<p>{words['no_shops']}</p>"}<h2>{words["faults"]}</h2><form method=post action={here}/set>
<label for=fate>{words["fate"]}</label>{fates}<label for=way>{words["way"]}</label>{ways}<button>{words["save"]}</button></form>""",
    )


async def messages(request: Request) -> Response:
    """What is on a telephone, by itself again and again."""
    words = WORDS[_language(request)]
    found = _book(request).messages_of(str(request.path_params["number"]))
    rows = "".join(_bubble(each, words) for each in reversed(found))
    body = f"<ul>{rows}</ul>" if rows else f"<p>{words['empty']}</p>"
    return _page(request, body, bare=True)


async def write(request: Request) -> Response:
    """Send what was typed on a telephone."""
    number, form = str(request.path_params["number"]), await _form(request)
    shop, text = form.get("shop", ""), form.get("text", "").replace("\r\n", "\n")
    if text.strip() and shop in {*_centre(request).shops, *_book(request).hooks()}:
        send(_book(request), number, shop, text)
    return RedirectResponse(f"/phone/{quote(number)}", status_code=303)


async def choose(request: Request) -> Response:
    """What is to become of its messages."""
    number, form = str(request.path_params["number"]), await _form(request)
    if form.get("fate") in set(Fate) and form.get("way") in set(Way):
        held = _book(request).phone(number)
        _book(request).turn(replace(held, fate=Fate(form["fate"]), way=Way(form["way"]), refusals=0))
    return RedirectResponse(f"/phone/{quote(number)}", status_code=303)


def _bubble(sms: Sms, words: dict[str, str]) -> str:
    mine = " mine" if sms.direction == TO_SHOP else ""
    parts = f" · {sms.parts} {words['parts']}" if sms.parts > 1 else ""
    return f'<li class="m{mine}">{escape(sms.text)}<br><span class=s>{escape(sms.shop)}{parts}</span>'


def _page(request: Request, body: str, *, bare: bool = False) -> Response:
    language = _language(request)
    words = WORDS[language]
    links = "".join(f'<a href="?lang={code}" lang="{code}">{name}</a>' for code, name in LANGUAGES.items())
    top = f"<h1>{words['company']}</h1><nav>{links}</nav>"
    again = '<meta http-equiv="refresh" content="2">' if bare else ""
    text = f"""<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">{again}
<title>{words["company"]}</title><link rel="stylesheet" href="/style.css">{"" if bare else top}<main>{body}</main></html>"""
    response = HTMLResponse(text, headers=_HEADERS)
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(_LANGUAGE, language, httponly=True, samesite="lax")
    return response


def _language(request: Request) -> str:
    asked = request.query_params.get("lang") or request.cookies.get(_LANGUAGE, "")
    if asked in LANGUAGES:
        return asked
    return "zh-hans" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"


def _field(name: str, label: str, example: str, *, required: bool = True) -> str:
    need = " required" if required else ""
    return f'<label for={name}>{label}</label><input id={name} name={name} placeholder="{example}" maxlength=500{need}>'


def _options(name: str, values: type[Fate] | type[Way], chosen: str, words: dict[str, str]) -> str:
    rows = "".join(
        f'<option value="{each}"{" selected" if each == chosen else ""}>{words[f"{name}_{each}"]}</option>'
        for each in values
    )
    return f"<select id={name} name={name}>{rows}</select>"


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _book(request: Request) -> Book:
    book: Book = request.app.state.book
    return book


def _centre(request: Request) -> Centre:
    centre: Centre = request.app.state.centre
    return centre
