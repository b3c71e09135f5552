"""Parameters by which a link tells who sent the reader; the link itself stays and leads to the same page."""

from __future__ import annotations

import re

from core.curate.cleaning.changes import Around, Change
from core.curate.cleaning.lines import prose_spans

QUERY = re.compile(r"https?://[^\s<>\"`?]+\?([^\s<>\"`#\]]+)", re.IGNORECASE)
# Campaign, click and mailing identifiers of the large advertising, mailing and analytics services.
TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|wbraid|gbraid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|mc_cid|mc_eid|"
    r"mkt_tok|_hsenc|_hsmi|hsCtaTracking|vero_id|vero_conv|oly_anon_id|oly_enc_id|s_cid|ml_subscriber(?:_hash)?|"
    r"pk_campaign|pk_kwd|mtm_\w+|piwik_\w+|_openstat|rb_clickid|wickedid|ck_subscriber_id)(?:=|$)",
    re.IGNORECASE,
)
SEPARATOR = re.compile(r"&amp;|&")
# What ends a sentence, or closes a bracket around the link, is not the link's.
TAIL = re.compile(r"[.,;:!?)*_'’]*$")


def drop_tracking_parameters(text: str, around: Around) -> list[Change]:
    if "?" not in text:
        return []
    changes = []
    for start, end in prose_spans(text):
        for link in QUERY.finditer(text, start, end):
            query = link[1]
            # A link in round brackets ends with them, unless it has an opening one of its own.
            if ")" in query and "(" not in query:
                query = query[: query.index(")")]
            query = query[: TAIL.search(query).start()]  # type: ignore[union-attr]
            separators = [found[0] for found in SEPARATOR.finditer(query)]
            parameters = SEPARATOR.split(query)
            kept = [i for i, parameter in enumerate(parameters) if not TRACKING.match(parameter)]
            if len(kept) == len(parameters):
                continue
            rest = "".join((separators[i - 1] if n else "") + parameters[i] for n, i in enumerate(kept))
            at = link.start(1)
            changes.append(
                Change(at - 1, at + len(query), "?" + rest if rest else "", "tracking parameters taken off a link")
            )
    return changes
