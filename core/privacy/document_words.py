"""What the records say for a document, in words: a cell for each thing that is asked, or the gap that a person has to fill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.privacy.lawful import erased_on

GAP = "NOT IN THE RECORDS: "


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What a project's records say. sources: with their terms, n_records and n_documents.

    counts: n_records, n_words, n_customers, n_personal (records flagged as holding personal data; None where nothing was measured), n_withdrawn,
    n_limited, n_reviewers, n_events, n_keys, n_exports (of models, versions and bundles), n_written_elsewhere, n_judged_elsewhere (answers of an endpoint
    elsewhere on drafts), n_queued_to_be_judged (drafts, each time that they were queued). kinds: records by kind. endpoint: the host elsewhere, "" for none.
    provider: the host of the identity provider that is set up, "" for none. linked: how many accounts are linked to somebody at each host. fact_hosts: from which
    pages for the facts may be fetched. keys: of programs that ask the models, in use or used before they were revoked.
    places: of personal data n_keep, n_mask, n_replace, n_undecided, and n_searched of n_records; None where nobody looked. roles: how many hold each
    role, None where nobody signs in. version and run: those that are spoken of, None where there is none. dropped: what the version left out, by
    reason. lapsed: sentences on what lapsed in the version since. by_heart: what the run's test of memorising says, None where it was not made.
    of_pairs of a source: whether the run learnt it by pairs from reviews.
    """

    project: str
    goal: str
    day: date
    sources: Sequence[Mapping[str, Any]]
    counts: Mapping[str, Any]
    kinds: Mapping[str, int]
    endpoint: str
    provider: str
    linked: Mapping[str, int]
    fact_hosts: Sequence[str]
    keys: Sequence[Mapping[str, Any]]
    places: Mapping[str, int] | None
    roles: Mapping[str, int] | None
    version: Mapping[str, Any] | None
    run: Mapping[str, Any] | None
    dropped: Mapping[str, int]
    lapsed: Sequence[str]
    by_heart: Mapping[str, Any] | None


def gap(what: str) -> str:
    return GAP + what


def special_words(source: Mapping[str, Any]) -> str:
    named = ", ".join(source["special_categories"]).replace("_", " ")
    return f"{named}; {source['special_condition'].replace('_', ' ')}" if named else "none known"


def reference(source: Mapping[str, Any]) -> str:
    n = source["n_documents"]
    kept = f" ({n} {'document' if n == 1 else 'documents'} kept)" if n else ""
    return (
        source["reference"] + kept
        if source["reference"]
        else f"no reference{kept}"
        if n
        else gap("consent or contract")
    )


def named(facts: DocumentFacts, term: str, what: str) -> str:
    """Every value that the sources have for a term; and a gap where some have none."""
    values = list(dict.fromkeys(one[term] for one in facts.sources if one[term]))
    lacking = sum(not one[term] for one in facts.sources)
    if not values:
        return gap(what)
    return "; ".join(values) + (f"; not stated for {lacking} of {len(facts.sources)} sources" if lacking else "")


def erased(facts: DocumentFacts) -> str:
    """When and how sources are erased; a gap where none is erased by itself."""
    n, of = sum(erased_on(one["at_end"], one["expires_on"]) is not None for one in facts.sources), len(facts.sources)
    if not n:
        return gap(
            "who erases what, and when. With its period the use of a source ends; its texts stay until somebody takes it out, and in backups"
        )
    rest = "" if n == of else f"; not for {of - n:,} of {of:,}, which are kept, unused, until somebody takes them out"
    return (
        f"{n:,} {'source is' if n == 1 else 'sources are'} erased by the studio on the day after the last, as listed below: records, refused rows, files, "
        f"versions and copies, with a certificate; models that learnt from them are retired or trained anew{rest}. Backups elsewhere are not reached."
    )


def people(facts: DocumentFacts) -> list[tuple[str, str]]:
    customers = facts.counts["n_customers"]
    return [
        ("categories of people", gap("whose data it is, such as customers, employees, authors")),
        ("customers named in the records", f"{customers:,}"),
        ("categories of data", kinds(facts)),
        ("records that seem to hold personal data", personal(facts)),
        ("special categories (Art. 9)", special(facts)),
    ]


def kinds(facts: DocumentFacts) -> str:
    return ", ".join(f"{n:,} {kind}{'' if n == 1 else 's'}" for kind, n in facts.kinds.items()) or "no record"


def personal(facts: DocumentFacts) -> str:
    n = facts.counts["n_personal"]
    return (
        gap("the records were not measured")
        if n is None
        else f"{n:,} of {facts.counts['n_records']:,} in the project, by a search for patterns that misses some"
    )


def special(facts: DocumentFacts) -> str:
    named = [f"{one['name']}: {special_words(one)}" for one in facts.sources if one["special_categories"]]
    return "; ".join(named) or "none known to the owners of the sources"


def recipients(facts: DocumentFacts) -> list[tuple[str, str]]:
    counts = facts.counts
    return [
        ("people who reviewed drafts", f"{counts['n_reviewers']:,}"),
        ("programs with a key to ask the models, of the whole studio", f"{counts['n_keys']:,}"),
        *[(f"program with the key {key['name']}", _program(key)) for key in facts.keys],
        ("times that a model, version or bundle was taken away", f"{counts['n_exports']:,}"),
        *_providers(facts),
        *_fact_hosts(facts),
        *_model_elsewhere(facts),
        ("who else receives the data", gap("recipients outside of the studio")),
    ]


def _program(key: Mapping[str, Any]) -> str:
    asks = ", ".join(key["models"]) or "every model"
    used = f"last used on {key['last_used_at'].date().isoformat()}" if key["last_used_at"] else "never used"
    ended = f", revoked on {key['revoked_at'].date().isoformat()}" if key["revoked_at"] else ""
    return (
        f"asks {asks} and receives what it writes and, where it asks for facts, the passages that were looked up; no whole record and no draft; "
        f"{used}{ended}"
    )


def _providers(facts: DocumentFacts) -> list[tuple[str, str]]:
    """The identity provider that is set up, and those to which accounts are linked from another time."""
    hosts = dict.fromkeys([*([facts.provider] if facts.provider else []), *facts.linked])
    if not hosts:
        return [("identity provider for single sign-on", "none is set up")]
    return [("identity provider for single sign-on", _provider(host, facts)) for host in hosts]


def _provider(host: str, facts: DocumentFacts) -> str:
    n = facts.linked.get(host, 0)
    linked = f"{n:,} {'account is' if n == 1 else 'accounts are'} linked to it"
    if host != facts.provider:
        return f"{host}, which is not set up now; {linked}"
    return (
        f"{host}: learns who signs on, and when, and nothing of a project is sent there or to the hosts that its description names; back comes its own id of "
        f"the person, which is kept, and no name and no address is asked for; {linked}"
    )


def _fact_hosts(facts: DocumentFacts) -> list[tuple[str, str]]:
    if not facts.fact_hosts:
        return [("hosts of pages for the facts", "none is allowed, so none is asked")]
    sent = "is sent the address of a page when somebody asks for it, and nothing else"
    return [("host of pages for the facts, of the whole studio", f"{host}: {sent}") for host in facts.fact_hosts]


def _model_elsewhere(facts: DocumentFacts) -> list[tuple[str, str]]:
    if not facts.endpoint:
        return []
    what = (
        "briefs that somebody chose, and drafts with their briefs where judging there is switched on; see the transfers"
    )
    return [("model elsewhere", f"{facts.endpoint}: {what}")]


def transfers(facts: DocumentFacts) -> list[tuple[str, str]]:
    counts = facts.counts
    sent = (
        f"{counts['n_written_elsewhere']:,} drafts were written elsewhere, "
        f"{counts['n_judged_elsewhere']:,} drafts were sent there to be judged"
    )
    # Without an answer nobody knows whether a draft had left.
    if (n_more := counts["n_queued_to_be_judged"] - counts["n_judged_elsewhere"]) > 0:
        sent += f", and up to {n_more:,} more were queued for it without an answer"
    if not facts.endpoint:
        return [
            ("endpoint elsewhere", f"none is set up; {sent}"),
            ("transfers that the studio does not make itself", gap("where there are any")),
        ]
    return [
        ("endpoint elsewhere", f"{facts.endpoint}; {sent}"),
        ("its country, and the safeguards", gap("of that endpoint")),
    ]


def measures(facts: DocumentFacts) -> list[tuple[str, str]]:
    return [
        ("what was decided on places of personal data", decided(facts)),
        ("people sign in", signing_in(facts)),
        ("what is done is on a trail", f"{facts.counts['n_events']:,} events of this project"),
        (
            "files of the studio",
            "in one folder that only its owner may open; uploads and frozen versions are kept under their hashes",
        ),
        (
            "network",
            "telemetry and fetching of libraries are off; jobs run in a network namespace without a route where the system gives them one, else "
            "their Python sockets are guarded: which of the two it was of a run stands on its model card. Jobs that ask an endpoint elsewhere, or fetch "
            "pages for the facts, reach the hosts that an owner named",
        ),
        (
            "measures of the organisation, and of the machine",
            gap("access to rooms and machines, encryption, backups, training"),
        ),
    ]


def decided(facts: DocumentFacts) -> str:
    places = facts.places
    if places is None:
        return gap("nobody has looked for places of personal data")
    return (
        f"{places['n_keep']:,} kept, {places['n_mask']:,} masked, {places['n_replace']:,} replaced, {places['n_undecided']:,} undecided; "
        f"{places['n_searched']:,} of {places['n_records']:,} records that nobody rejected were looked through, by a search that misses some"
    )


def put_out(version: Mapping[str, Any]) -> str:
    places = version["places"]
    if places is None:
        return gap("nobody had looked for places of personal data when it was frozen")
    return (
        f"{places['keep']:,} places kept, {places['mask']:,} masked, {places['replace']:,} replaced, "
        f"{places['masked_undecided']:,} masked without a decision"
    )


def signing_in(facts: DocumentFacts) -> str:
    if facts.roles is None:
        return "off: there is no account"
    held = ", ".join(f"{n:,} {role}{'' if n == 1 else 's'}" for role, n in facts.roles.items())
    return f"on; roles held here: {held or 'none'}"


def operations(facts: DocumentFacts) -> str:
    version, run = facts.version, facts.run
    frozen = f"frozen as {version['name']} with {version['n_records']:,} records" if version else "no version frozen"
    trained = f"a model trained on it ({run['name']})" if run else "no model trained"
    return f"texts imported, judged by people, {frozen}, {trained}, drafts written and reviewed"


def legitimate(facts: DocumentFacts) -> str:
    named = [one["name"] for one in facts.sources if one["basis"] == "legitimate_interest"]
    return (
        gap(f"the interest, weighed against the people's, for {', '.join(named)}")
        if named
        else "none: no source rests on one"
    )


def latest(facts: DocumentFacts) -> str:
    """When the newest of the sources came in; a gap for when its texts were collected, which may be long before."""
    days = [one["created_at"].date() for one in facts.sources]
    if not days:
        return gap("no source of it is there")
    return f"the newest source was added to the studio on {max(days).isoformat()}; a newer export of a source, and the texts themselves, have days of their own"


def reasons(facts: DocumentFacts) -> str:
    if facts.version is None:
        return gap("no version is frozen")
    return (
        ", ".join(f"{reason.replace('_', ' ')} {n:,}" for reason, n in facts.dropped.items()) or "nothing was left out"
    )


def by_heart(facts: DocumentFacts) -> str:
    if facts.run is None:
        return gap("no run of this project has ended with a model")
    told = facts.by_heart
    if told is None:
        return gap(f"the run {facts.run['name']} was not tested for it")
    return f"{told['n_new']:,} of {told['n']:,} training texts that were tested in the run {facts.run['name']}, which the base model does not give back"


def size(facts: DocumentFacts) -> str:
    run, version = facts.run, facts.version
    if run is None or version is None:
        return gap("no run of this project has ended with a model")
    learnt = f"{run['n_train_examples']:,} examples" if run["n_train_examples"] is not None else "examples not counted"
    return f"{learnt} of the version {version['name']}: {version['n_records']:,} records, {version['n_train_tokens']:,} tokens to train on"


def uses(facts: DocumentFacts) -> list[str]:
    return [
        use
        for use in ("train", "evaluate", "show")
        if facts.sources and all(use in one["uses"] for one in facts.sources)
    ]


def first_end(facts: DocumentFacts) -> str:
    ends = [(one["expires_on"], one["name"]) for one in facts.sources if one["expires_on"]]
    return "{1} on {0}".format(*min(ends)) if ends else "none ends"
