"""Documents for whoever answers for the data, made from what the studio has recorded: what it does not hold is named as a gap, never made up.

record     record of processing activities, GDPR Art. 30(1)
dpia       draft of a data-protection impact assessment, GDPR Art. 35(7)
training   facts for the public summary of training content, AI Act Art. 53(1)(d), in the order of the AI Office's template; its wording is to be held against
           the template itself
datasheet  data sheet of a frozen version (Gebru et al. 2021, Datasheets for Datasets)

Pure: facts come in as `DocumentFacts`, a report goes out. None of this is advice on the law.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.review.report import Report
from core.review.sections import Section

KINDS = {
    "record": "Record of processing activities",
    "dpia": "Draft of a data-protection impact assessment",
    "training": "Facts for the summary of training content",
    "datasheet": "Data sheet",
}
GAP = "NOT IN THE RECORDS: "
COLUMNS = ("what is asked", "what the records say")
SOURCES = (
    "source", "owner", "controller", "lawful basis", "special categories", "purpose", "uses", "used until (period)", "expires", "licence",
    "consent or contract", "records",
)  # fmt: skip
CLOSING = (
    "What this is",
    "Written by the studio from its own records as they stood on the day above. Every figure is counted, none is typed. What the records do not hold is "
    "marked NOT IN THE RECORDS, and is for a person to fill in. It is a draft for whoever is responsible, not advice on the law.",
)


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What a project's records say. sources: with their terms, n_records and n_documents.

    counts: n_records, n_words, n_customers, n_personal (records flagged as holding personal data; None where nothing was measured), n_withdrawn,
    n_limited, n_reviewers, n_events, n_keys, n_exports (of models, versions and bundles), n_written_elsewhere, n_judged_elsewhere (answers of an endpoint
    elsewhere on drafts), n_queued_to_be_judged (drafts, each time that they were queued). kinds: records by kind. endpoint: the host elsewhere, "" for none.
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
    places: Mapping[str, int] | None
    roles: Mapping[str, int] | None
    version: Mapping[str, Any] | None
    run: Mapping[str, Any] | None
    dropped: Mapping[str, int]
    lapsed: Sequence[str]
    by_heart: Mapping[str, Any] | None


def document_of(kind: str, facts: DocumentFacts) -> Report:
    """kind: one of KINDS."""
    made = {"record": _record, "dpia": _dpia, "training": _training, "datasheet": _datasheet}[kind](facts)
    whose = (
        f"{facts.project}, version {facts.version['name']}" if kind == "datasheet" and facts.version else facts.project
    )
    n_gaps = sum(cell.startswith(GAP) for section in made for row in section.rows for cell in row)
    gaps = (
        "Nothing is left to fill in."
        if not n_gaps
        else f"{n_gaps} {'place is' if n_gaps == 1 else 'places are'} left to fill in."
    )
    n = facts.counts["n_records"]
    opening = (
        f"On {facts.day.isoformat()} the project {facts.project} held {n:,} {'record' if n == 1 else 'records'} of {len(facts.sources):,} "
        f"{'source' if len(facts.sources) == 1 else 'sources'}.",
        gaps,
    )
    return Report(f"{KINDS[kind]}: {whose}", opening, tuple(made), CLOSING)


def gap(what: str) -> str:
    return GAP + what


def _record(facts: DocumentFacts) -> list[Section]:
    return [
        _asked("Who is responsible (Art. 30(1)(a))", [
            ("controller", _named(facts, "controller", "who decides on the data")),
            ("contact details of the controller", gap("name, address, telephone, mail")),
            ("joint controller, representative", gap("where there is one")),
            ("data-protection officer", gap("name and contact, where there is one")),
        ]),
        _asked("Purposes (Art. 30(1)(b))", [("purposes", _named(facts, "purpose", "why the data is processed")), ("the model is made for", facts.goal)]),
        _asked("People and data (Art. 30(1)(c))", _people(facts)),
        _asked("Recipients (Art. 30(1)(d))", _recipients(facts)),
        _asked("Transfers to third countries (Art. 30(1)(e))", _transfers(facts)),
        _asked("Limits for erasure (Art. 30(1)(f))", [
            ("when and how it is erased", gap("who erases what, and when. With its period the use of a source ends; its texts stay until somebody takes it out, and in backups")),
        ]),
        _sources(facts, "Until when each source is used"),
        _asked("Security measures (Art. 30(1)(g))", _measures(facts)),
    ]  # fmt: skip


def _dpia(facts: DocumentFacts) -> list[Section]:
    return [
        _asked("The processing and its purposes (Art. 35(7)(a))", [
            ("purposes", _named(facts, "purpose", "why the data is processed")),
            ("operations", _operations(facts)),
            ("legitimate interest that is pursued", _legitimate(facts)),
            *_people(facts),
        ]),
        _sources(facts, "Whose data, on what basis, until when"),
        _asked("Necessity and proportionality (Art. 35(7)(b))", [
            ("what is left out of training, and why", _reasons(facts)),
            ("why the purpose needs this data, and not less", gap("the assessment")),
            ("how people are informed and use their rights", gap("the assessment")),
        ]),
        _asked("Risks to the people concerned (Art. 35(7)(c))", [
            ("texts that the model gives back word for word", _by_heart(facts)),
            ("records that seem to hold personal data", _personal(facts)),
            ("learnt, and not allowed any more", " ".join(facts.lapsed) or "nothing in the version that is spoken of"),
            ("likelihood and severity of each risk", gap("the assessment")),
        ]),
        _asked("Measures against them (Art. 35(7)(d))", [*_measures(facts), *_recipients(facts), *_transfers(facts)]),
        _asked("Who was asked (Art. 35(2) and (9))", [
            ("advice of the data-protection officer", gap("where there is one")),
            ("views of the people concerned", gap("where appropriate")),
        ]),
    ]  # fmt: skip


def _training(facts: DocumentFacts) -> list[Section]:
    version, run = facts.version, facts.run
    synthetic = (version or {}).get("n_machine_written", 0)
    return [
        _asked("1. General information", [
            ("1.1 provider", gap("name and contact of the provider, and of an authorised representative")),
            ("1.2 model", f"{run['name']}, made from the base model {run['base']}" if run else gap("no run of this project has ended with a model")),
            ("1.2 day on which it was made", run["day"] if run else gap("no run of this project has ended with a model")),
            ("1.2 what the base model was trained on", gap("the summary of the base model's own provider; this one is on what was added to it")),
            ("1.3 modalities", "text"),
            ("1.3 size of what was learnt", _size(facts)),
            ("1.3 kinds of text", _kinds(facts)),
            ("1.3 languages", gap("the languages of the texts")),
        ]),
        _asked("2. Data sources", [
            ("2.1 publicly available data sets", gap("which of the sources below are")),
            ("2.2 private data sets of third parties", gap("which of the sources below are licensed or obtained otherwise")),
            ("2.3 data crawled from the web", gap("which of the sources below were; the studio itself fetches nothing")),
            ("2.4 data of users", gap("which of the sources below hold what users of a service wrote")),
            ("2.5 synthetic data", f"{synthetic:,} examples that a model wrote and a person signed off" if version else gap("no version is frozen")),
            ("2.6 other sources of data", gap("which of the sources below are your own writing")),
        ]),
        _sources(facts, "The sources of this model"),
        _asked("3. Data processing", [
            ("3.1 reservations of rights (Art. 4(3) of Directive (EU) 2019/790)", gap("how they were respected")),
            ("3.2 removal of illegal content", gap("the measures taken")),
            ("3.3 what was left out, and why", _reasons(facts)),
            ("3.3 withdrawn or limited by their owners", f"{facts.counts['n_withdrawn']:,} withdrawn, {facts.counts['n_limited']:,} limited records in the project"),
        ]),
    ]  # fmt: skip


def _datasheet(facts: DocumentFacts) -> list[Section]:
    version = facts.version
    if version is None:
        return [_asked("Composition", [("version", gap("no version is frozen"))])]
    splits = ", ".join(f"{name} {n:,}" for name, n in version["n_examples"].items())
    return [
        _asked("Motivation", [
            ("purposes", _named(facts, "purpose", "why it was made")),
            ("made by", f"{version['created_by']}, {version['day']}"),
            ("who paid for it", gap("the funding")),
        ]),
        _asked("Composition", [
            ("records", f"{version['n_records']:,}"),
            ("examples", splits),
            ("tokens to train on", f"{version['n_train_tokens']:,}"),
            ("content SHA-256", version["content_sha256"]),
            ("personal data", _personal(facts)),
            ("what became of personal data in it", _put_out(version)),
            ("special categories", _special(facts)),
            ("what is missing, and why", _reasons(facts)),
            ("recommended splits", "those above; what belongs together stands in one of them"),
        ]),
        _sources(facts, "How it was collected"),
        _asked("Preprocessing", [(name, words) for name, words in version["recipe_in_words"].items()] or [("recipe", version["recipe"])]),
        _asked("Uses", [
            ("allowed by every source", ", ".join(_uses(facts)) or "nothing that all of them allow"),
            ("must not be used for", gap("uses to avoid")),
        ]),
        _asked("Distribution and maintenance", [
            ("licences", _named(facts, "licence", "the licence")),
            ("first of its sources to end", _first_end(facts)),
            ("lapsed since it was frozen", " ".join(facts.lapsed) or "nothing"),
            ("who maintains it", _named(facts, "owner", "who answers for it")),
        ]),
    ]  # fmt: skip


def _asked(title: str, rows: Sequence[tuple[str, str]]) -> Section:
    return Section(title, COLUMNS, tuple(rows), "")


def _sources(facts: DocumentFacts, title: str) -> Section:
    rows = [
        (
            one["name"], one["owner"], one["controller"] or gap("controller"), one["basis"].replace("_", " "), special_words(one), one["purpose"],
            ", ".join(one["uses"]), one["retention"] or gap("retention"), one["expires_on"].isoformat() if one["expires_on"] else "never",
            one["licence"], _reference(one), f"{one['n_records']:,}" + (", and by pairs from reviews" if one["of_pairs"] else ""),
        )
        for one in facts.sources
    ]  # fmt: skip
    return Section(title, SOURCES, tuple(rows), "")


def special_words(source: Mapping[str, Any]) -> str:
    named = ", ".join(source["special_categories"]).replace("_", " ")
    return f"{named}; {source['special_condition'].replace('_', ' ')}" if named else "none known"


def _reference(source: Mapping[str, Any]) -> str:
    n = source["n_documents"]
    kept = f" ({n} {'document' if n == 1 else 'documents'} kept)" if n else ""
    return (
        source["reference"] + kept
        if source["reference"]
        else f"no reference{kept}"
        if n
        else gap("consent or contract")
    )


def _named(facts: DocumentFacts, term: str, what: str) -> str:
    """Every value that the sources have for a term; and a gap where some have none."""
    values = list(dict.fromkeys(one[term] for one in facts.sources if one[term]))
    lacking = sum(not one[term] for one in facts.sources)
    if not values:
        return gap(what)
    return "; ".join(values) + (f"; not stated for {lacking} of {len(facts.sources)} sources" if lacking else "")


def _people(facts: DocumentFacts) -> list[tuple[str, str]]:
    customers = facts.counts["n_customers"]
    return [
        ("categories of people", gap("whose data it is, such as customers, employees, authors")),
        ("customers named in the records", f"{customers:,}"),
        ("categories of data", _kinds(facts)),
        ("records that seem to hold personal data", _personal(facts)),
        ("special categories (Art. 9)", _special(facts)),
    ]


def _kinds(facts: DocumentFacts) -> str:
    return ", ".join(f"{n:,} {kind}{'' if n == 1 else 's'}" for kind, n in facts.kinds.items()) or "no record"


def _personal(facts: DocumentFacts) -> str:
    n = facts.counts["n_personal"]
    return (
        gap("the records were not measured")
        if n is None
        else f"{n:,} of {facts.counts['n_records']:,} in the project, by a search for patterns that misses some"
    )


def _special(facts: DocumentFacts) -> str:
    named = [f"{one['name']}: {special_words(one)}" for one in facts.sources if one["special_categories"]]
    return "; ".join(named) or "none known to the owners of the sources"


def _recipients(facts: DocumentFacts) -> list[tuple[str, str]]:
    counts = facts.counts
    return [
        ("people who reviewed drafts", f"{counts['n_reviewers']:,}"),
        ("programs with a key to ask the models, of the whole studio", f"{counts['n_keys']:,}"),
        ("times that a model, version or bundle was taken away", f"{counts['n_exports']:,}"),
        ("who else receives the data", gap("recipients outside of the studio")),
    ]


def _transfers(facts: DocumentFacts) -> list[tuple[str, str]]:
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


def _measures(facts: DocumentFacts) -> list[tuple[str, str]]:
    return [
        ("what was decided on places of personal data", _decided(facts)),
        ("people sign in", _signing_in(facts)),
        ("what is done is on a trail", f"{facts.counts['n_events']:,} events of this project"),
        (
            "files of the studio",
            "in one folder that only its owner may open; uploads and frozen versions are kept under their hashes",
        ),
        ("network", "libraries that load models are kept off it"),
        (
            "measures of the organisation, and of the machine",
            gap("access to rooms and machines, encryption, backups, training"),
        ),
    ]


def _decided(facts: DocumentFacts) -> str:
    places = facts.places
    if places is None:
        return gap("nobody has looked for places of personal data")
    return (
        f"{places['n_keep']:,} kept, {places['n_mask']:,} masked, {places['n_replace']:,} replaced, {places['n_undecided']:,} undecided; "
        f"{places['n_searched']:,} of {places['n_records']:,} records that nobody rejected were looked through, by a search that misses some"
    )


def _put_out(version: Mapping[str, Any]) -> str:
    places = version["places"]
    if places is None:
        return gap("nobody had looked for places of personal data when it was frozen")
    return (
        f"{places['keep']:,} places kept, {places['mask']:,} masked, {places['replace']:,} replaced, "
        f"{places['masked_undecided']:,} masked without a decision"
    )


def _signing_in(facts: DocumentFacts) -> str:
    if facts.roles is None:
        return "off: there is no account"
    held = ", ".join(f"{n:,} {role}{'' if n == 1 else 's'}" for role, n in facts.roles.items())
    return f"on; roles held here: {held or 'none'}"


def _operations(facts: DocumentFacts) -> str:
    version, run = facts.version, facts.run
    frozen = f"frozen as {version['name']} with {version['n_records']:,} records" if version else "no version frozen"
    trained = f"a model trained on it ({run['name']})" if run else "no model trained"
    return f"texts imported, judged by people, {frozen}, {trained}, drafts written and reviewed"


def _legitimate(facts: DocumentFacts) -> str:
    named = [one["name"] for one in facts.sources if one["basis"] == "legitimate_interest"]
    return (
        gap(f"the interest, weighed against the people's, for {', '.join(named)}")
        if named
        else "none: no source rests on one"
    )


def _reasons(facts: DocumentFacts) -> str:
    if facts.version is None:
        return gap("no version is frozen")
    return (
        ", ".join(f"{reason.replace('_', ' ')} {n:,}" for reason, n in facts.dropped.items()) or "nothing was left out"
    )


def _by_heart(facts: DocumentFacts) -> str:
    if facts.run is None:
        return gap("no run of this project has ended with a model")
    told = facts.by_heart
    if told is None:
        return gap(f"the run {facts.run['name']} was not tested for it")
    return f"{told['n_new']:,} of {told['n']:,} training texts that were tested in the run {facts.run['name']}, which the base model does not give back"


def _size(facts: DocumentFacts) -> str:
    run, version = facts.run, facts.version
    if run is None or version is None:
        return gap("no run of this project has ended with a model")
    learnt = f"{run['n_train_examples']:,} examples" if run["n_train_examples"] is not None else "examples not counted"
    return f"{learnt} of the version {version['name']}: {version['n_records']:,} records, {version['n_train_tokens']:,} tokens to train on"


def _uses(facts: DocumentFacts) -> list[str]:
    return [
        use
        for use in ("train", "evaluate", "show")
        if facts.sources and all(use in one["uses"] for one in facts.sources)
    ]


def _first_end(facts: DocumentFacts) -> str:
    ends = [(one["expires_on"], one["name"]) for one in facts.sources if one["expires_on"]]
    return "{1} on {0}".format(*min(ends)) if ends else "none ends"
