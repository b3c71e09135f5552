"""What a person should know before keeping a record: personal data, secrets, facts that go stale."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from core.curate.facts import PATTERNS, QUIET_KINDS, FactKind, FactSpan, fact_spans, is_dated, is_moving
from core.curate.flags.corpus import Corpus
from core.curate.flags.view import CODE, View
from core.curate.sensitive import personal_data, secrets_in
from core.nouns import Flag

# What goes out of date soonest is shown: what is said to be so now, and an offer ends, a version stays what it was.
SOONEST = (
    FactKind.OFFER, FactKind.PLAN, FactKind.POLICY, FactKind.PRICE, FactKind.DATE, FactKind.LINK, FactKind.VERSION,
)  # fmt: skip


# What harms most when it gets out is shown: an e-mail address is in every signature.
GRAVEST = (
    "statement about a person", "child", "identity number", "card number", "bank account", "masked account", "date of birth", "street address",
    "licence plate", "phone number", "address of a machine", "e-mail address",
)  # fmt: skip


def flags(view: View, corpus: Corpus) -> Iterator[Flag]:
    text = view.record.text
    for name, spans in (("personal_data", personal_data(text)), ("secret", secrets_in(text))):
        if spans:
            shown = min(spans, key=lambda span: GRAVEST.index(span.kind) if span.kind in GRAVEST else 0)
            # The evidence names the kind alone; the text itself is not written a second time.
            yield Flag(name, f"Found: {_listed(s.kind for s in spans)}.", shown.start, shown.end, value=len(spans))
    # Numbers in code and in addresses are part of them.
    stale = [span for span in fact_spans(view.prose) if span.kind not in QUIET_KINDS]
    stale += [FactSpan(*m.span(), FactKind.LINK) for m in _links(view.taught) if is_moving(view.taught, *m.span())]
    if stale:
        evidence = f"Found: {_listed(span.kind.value for span in stale)}."
        soonest = min(stale, key=lambda span: (not is_dated(view.taught, span), SOONEST.index(span.kind)))
        yield view.flag("stale_fact", evidence, (soonest.start, soonest.end), value=len(stale))


def _links(text: str) -> Iterator[re.Match[str]]:
    """Addresses outside of code."""
    if "/" not in text or ("." not in text):
        return
    bare = CODE.sub(lambda m: " " * len(m.group()), text) if "`" in text else text
    yield from PATTERNS[FactKind.LINK].finditer(bare)


def _listed(kinds: Iterator[str]) -> str:
    counts = Counter(kinds)
    return ", ".join(f"{kind} ({n})" if n > 1 else kind for kind, n in counts.items())
