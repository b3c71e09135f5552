"""Documents for whoever answers for the data, made from what the studio has recorded: what it does not hold is named as a gap, never made up.

record     record of processing activities, GDPR Art. 30(1)
dpia       draft of a data-protection impact assessment, GDPR Art. 35(7)
training   facts for the public summary of training content, AI Act Art. 53(1)(d), in the order of the AI Office's template; its wording is to be held against
           the template itself
datasheet  data sheet of a frozen version (Gebru et al. 2021, Datasheets for Datasets)

Pure: facts come in as `DocumentFacts`, a report goes out. None of this is advice on the law.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.privacy import document_words as words
from core.privacy.document_words import GAP, DocumentFacts
from core.privacy.lawful import at_end_in_words
from core.review.report import Report
from core.review.sections import Section

KINDS = {
    "record": "Record of processing activities",
    "dpia": "Draft of a data-protection impact assessment",
    "training": "Facts for the summary of training content",
    "datasheet": "Data sheet",
}
COLUMNS = ("what is asked", "what the records say")
SOURCES = (
    "source", "owner", "controller", "lawful basis", "special categories", "purpose", "uses", "used until (period)", "expires", "at its end", "licence",
    "consent or contract", "records",
)  # fmt: skip
CLOSING = (
    "What this is",
    "Written by the studio from its own records as they stood on the day above. Every figure is counted, none is typed. What the records do not hold is "
    "marked NOT IN THE RECORDS, and is for a person to fill in. It is a draft for whoever is responsible, not advice on the law.",
)


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


def _record(facts: DocumentFacts) -> list[Section]:
    return [
        _asked("Who is responsible (Art. 30(1)(a))", [
            ("controller", words.named(facts, "controller", "who decides on the data")),
            ("contact details of the controller", words.gap("name, address, telephone, mail")),
            ("joint controller, representative", words.gap("where there is one")),
            ("data-protection officer", words.gap("name and contact, where there is one")),
        ]),
        _asked("Purposes (Art. 30(1)(b))", [("purposes", words.named(facts, "purpose", "why the data is processed")), ("the model is made for", facts.goal)]),
        _asked("People and data (Art. 30(1)(c))", words.people(facts)),
        _asked("Recipients (Art. 30(1)(d))", words.recipients(facts)),
        _asked("Transfers to third countries (Art. 30(1)(e))", words.transfers(facts)),
        _asked("Limits for erasure (Art. 30(1)(f))", [
            ("when and how it is erased", words.erased(facts)),
        ]),
        _sources(facts, "Until when each source is used"),
        _asked("Security measures (Art. 30(1)(g))", words.measures(facts)),
    ]  # fmt: skip


def _dpia(facts: DocumentFacts) -> list[Section]:
    return [
        _asked("The processing and its purposes (Art. 35(7)(a))", [
            ("purposes", words.named(facts, "purpose", "why the data is processed")),
            ("operations", words.operations(facts)),
            ("legitimate interest that is pursued", words.legitimate(facts)),
            *words.people(facts),
        ]),
        _sources(facts, "Whose data, on what basis, until when"),
        _asked("Necessity and proportionality (Art. 35(7)(b))", [
            ("what is left out of training, and why", words.reasons(facts)),
            ("why the purpose needs this data, and not less", words.gap("the assessment")),
            ("how people are informed and use their rights", words.gap("the assessment")),
        ]),
        _asked("Risks to the people concerned (Art. 35(7)(c))", [
            ("texts that the model gives back word for word", words.by_heart(facts)),
            ("records that seem to hold personal data", words.personal(facts)),
            ("learnt, and not allowed any more", " ".join(facts.lapsed) or "nothing in the version that is spoken of"),
            ("likelihood and severity of each risk", words.gap("the assessment")),
        ]),
        _asked("Measures against them (Art. 35(7)(d))", [*words.measures(facts), *words.recipients(facts), *words.transfers(facts)]),
        _asked("Who was asked (Art. 35(2) and (9))", [
            ("advice of the data-protection officer", words.gap("where there is one")),
            ("views of the people concerned", words.gap("where appropriate")),
        ]),
    ]  # fmt: skip


def _training(facts: DocumentFacts) -> list[Section]:
    version, run = facts.version, facts.run
    synthetic = (version or {}).get("n_machine_written", 0)
    return [
        _asked("1. General information", [
            ("1.1 provider", words.gap("name and contact of the provider, and of an authorised representative")),
            ("1.2 model", f"{run['name']}, made from the base model {run['base']}" if run else words.gap("no run of this project has ended with a model")),
            ("1.2 day on which it was made", run["day"] if run else words.gap("no run of this project has ended with a model")),
            ("1.2 day on which it was placed on the Union market", words.gap("the day, where it was")),
            ("1.2 what the base model was trained on", words.gap("the summary of the base model's own provider; this one is on what was added to it")),
            ("1.3 modalities", "text"),
            ("1.3 size of what was learnt", words.size(facts)),
            ("1.3 kinds of text", words.kinds(facts)),
            ("1.3 latest data", words.latest(facts)),
            ("1.3 whether it goes on learning from new data", "no: a model learns in its run alone, and what comes in later is for another run" if run else words.gap("no run of this project has ended with a model")),
            ("1.3 languages", words.gap("the languages of the texts")),
            ("1.3 other characteristics", words.gap("regions and groups of people that the texts are of, where it matters")),
        ]),
        _asked("2. Data sources", [
            ("2.1 publicly available data sets", words.gap("which of the sources below are")),
            ("2.2 private data sets of third parties", words.gap("which of the sources below are licensed or obtained otherwise")),
            ("2.3 data crawled from the web", words.gap("which of the sources below were; the studio itself fetches no training data")),
            ("2.4 data of users", words.gap("which of the sources below hold what users of a service wrote")),
            ("2.5 synthetic data", f"{synthetic:,} examples that a model wrote and a person signed off" if version else words.gap("no version is frozen")),
            ("2.6 other sources of data", words.gap("which of the sources below are your own writing")),
        ]),
        _sources(facts, "The sources of this model"),
        _asked("3. Data processing", [
            ("3.1 reservations of rights (Art. 4(3) of Directive (EU) 2019/790)", words.gap("how they were respected")),
            ("3.2 removal of illegal content", words.gap("the measures taken")),
            ("3.3 what was left out, and why", words.reasons(facts)),
            ("3.3 withdrawn or limited by their owners", f"{facts.counts['n_withdrawn']:,} withdrawn, {facts.counts['n_limited']:,} limited records in the project"),
        ]),
    ]  # fmt: skip


def _datasheet(facts: DocumentFacts) -> list[Section]:
    version = facts.version
    if version is None:
        return [_asked("Composition", [("version", words.gap("no version is frozen"))])]
    splits = ", ".join(f"{name} {n:,}" for name, n in version["n_examples"].items())
    return [
        _asked("Motivation", [
            ("purposes", words.named(facts, "purpose", "why it was made")),
            ("made by", f"{version['created_by']}, {version['day']}"),
            ("who paid for it", words.gap("the funding")),
        ]),
        _asked("Composition", [
            ("records", f"{version['n_records']:,}"),
            ("examples", splits),
            ("tokens to train on", f"{version['n_train_tokens']:,}"),
            ("content SHA-256", version["content_sha256"]),
            ("personal data", words.personal(facts)),
            ("what became of personal data in it", words.put_out(version)),
            ("special categories", words.special(facts)),
            ("what is missing, and why", words.reasons(facts)),
            ("recommended splits", "those above; what belongs together stands in one of them"),
        ]),
        _sources(facts, "How it was collected"),
        _asked("Preprocessing", [(name, words) for name, words in version["recipe_in_words"].items()] or [("recipe", version["recipe"])]),
        _asked("Uses", [
            ("allowed by every source", ", ".join(words.uses(facts)) or "nothing that all of them allow"),
            ("must not be used for", words.gap("uses to avoid")),
        ]),
        _asked("Distribution and maintenance", [
            ("licences", words.named(facts, "licence", "the licence")),
            ("first of its sources to end", words.first_end(facts)),
            ("lapsed since it was frozen", " ".join(facts.lapsed) or "nothing"),
            ("who maintains it", words.named(facts, "owner", "who answers for it")),
        ]),
    ]  # fmt: skip


def _asked(title: str, rows: Sequence[tuple[str, str]]) -> Section:
    return Section(title, COLUMNS, tuple(rows), "")


def _sources(facts: DocumentFacts, title: str) -> Section:
    rows = [
        (
            one["name"], one["owner"], one["controller"] or words.gap("controller"), one["basis"].replace("_", " "), words.special_words(one), one["purpose"],
            ", ".join(one["uses"]), one["retention"] or words.gap("retention"), one["expires_on"].isoformat() if one["expires_on"] else "never",
            at_end_in_words(one["at_end"], one["expires_on"]), one["licence"], words.reference(one), f"{one['n_records']:,}" + (", and by pairs from reviews" if one["of_pairs"] else ""),
        )
        for one in facts.sources
    ]  # fmt: skip
    return Section(title, SOURCES, tuple(rows), "")
