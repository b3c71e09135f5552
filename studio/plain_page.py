"""A small page without Streamlit, for those who have not signed in: paper, ink, one form. All that it shows is escaped."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; --paper: #FAF8F3; --card: #FFFFFF; --ink: #22252B; --line: #B9B2A4; --red: #B3261E; --on-red: #FFFFFF; }
@media (prefers-color-scheme: dark) { :root { --paper: #17191D; --card: #1F2227; --ink: #E8E6E1; --line: #5A5E66; --red: #C9483F; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 27rem; margin: 12vh auto 3rem; padding: 0 1rem; }
.name { color: var(--red); font: 600 1.1rem "Iowan Old Style", "Palatino Linotype", Georgia, serif; margin: 0 0 0.5rem; }
h1 { font: 600 1.9rem/1.2 "Iowan Old Style", "Palatino Linotype", Georgia, serif; margin: 0 0 0.75rem; }
form { background: var(--card); border: 1px solid var(--line); border-radius: 0.4rem; padding: 1.25rem; margin: 1rem 0; }
label { display: block; margin: 0 0 1rem; font-weight: 600; }
input { display: block; width: 100%; margin-top: 0.25rem; padding: 0.6rem; font: inherit; font-weight: 400; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 0.4rem; }
form p { margin: 0 0 1rem; }
button { padding: 0.6rem 1rem; font: inherit; font-weight: 600; border: 1px solid var(--red); border-radius: 0.4rem; background: var(--red); color: var(--on-red); cursor: pointer; }
button.quiet { background: transparent; color: inherit; border-color: var(--line); }
:focus-visible { outline: 3px solid var(--red); outline-offset: 2px; }
.said { border-left: 4px solid var(--red); padding: 0.25rem 0.75rem; margin: 1rem 0; }
a { color: inherit; }
"""
# A link's secret stands behind the #, which no server, log or referrer is told; this hands it over, and takes it out of the address.
TAKE_LINK = """
const field = document.querySelector("input[name=link]");
if (field && location.hash.length > 1) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  field.form.submit();
}
"""


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src {_source(STYLE)}; script-src {_source(TAKE_LINK)}; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
}


def page(title: str, sentence: str, *forms: str, said: str = "", status: int = 200, goes_to: str = "") -> HTMLResponse:
    """forms: as `form` makes them. said: what stood in the way, as text. goes_to: an address that it leads to by itself.

    A form that is answered by sending on elsewhere would be stopped by its own policy, which lets it go to this studio alone.
    """
    words = f'<p class="said" role="alert">{escape(said)}</p>' if said else ""
    refresh = f'<meta http-equiv="refresh" content="0;url={escape(goes_to)}">' if goes_to else ""
    onward = f'<p><a href="{escape(goes_to)}">Go on</a></p>' if goes_to else ""
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{refresh}<title>{escape(title)} · Proofroom</title><style>{STYLE}</style></head><body><main>"
        f'<p class="name">Proofroom</p><h1>{escape(title)}</h1><p>{escape(sentence)}</p>{words}{onward}{"".join(forms)}</main>'
        f"<script>{TAKE_LINK}</script></body></html>"
    )
    return HTMLResponse(body, status_code=status, headers=HEADERS)


def form(action: str, button: str, *fields: str, hidden: dict[str, str], is_quiet: bool = False) -> str:
    """hidden: names to values that travel along."""
    along = "".join(f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">' for n, v in hidden.items())
    look = ' class="quiet"' if is_quiet else ""
    return (
        f'<form method="post" action="{escape(action)}">{along}{"".join(fields)}'
        f"<button{look}>{escape(button)}</button></form>"
    )


def note(sentence: str) -> str:
    """Words within a form, above its button."""
    return f"<p>{escape(sentence)}</p>"


def field(name: str, label: str, *, kind: str = "text", value: str = "", completes: str = "off") -> str:
    """completes: what a browser may fill in, as HTML calls it."""
    return (
        f'<label>{escape(label)}<input name="{escape(name)}" type="{kind}" value="{escape(value)}" autocomplete="{completes}" '
        'maxlength="300" required></label>'
    )
