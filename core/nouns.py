"""The field's words as values: closed sets and frozen dataclasses, one meaning each.

Knows nothing of storage, jobs or pages. Base models and encoders live in `core.training`
and `core.curate`; the shape of a record's `content` by kind is described at RecordKind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Goal(StrEnum):
    """What the model is made for."""

    VOICE = "voice"
    SUPPORT = "support"
    CODE = "code"


class LawfulBasis(StrEnum):
    """GDPR Article 6(1) a-f."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTEREST = "legitimate_interest"


class SpecialCategory(StrEnum):
    """GDPR Article 9(1): data that needs a condition of its own beside the lawful basis."""

    RACIAL_OR_ETHNIC_ORIGIN = "racial_or_ethnic_origin"
    POLITICAL_OPINIONS = "political_opinions"
    RELIGIOUS_OR_PHILOSOPHICAL_BELIEFS = "religious_or_philosophical_beliefs"
    TRADE_UNION_MEMBERSHIP = "trade_union_membership"
    GENETIC_DATA = "genetic_data"
    BIOMETRIC_DATA = "biometric_data"
    HEALTH = "health"
    SEX_LIFE_OR_SEXUAL_ORIENTATION = "sex_life_or_sexual_orientation"


class SpecialCondition(StrEnum):
    """GDPR Article 9(2) a-j."""

    EXPLICIT_CONSENT = "explicit_consent"
    EMPLOYMENT_AND_SOCIAL_SECURITY = "employment_and_social_security"
    VITAL_INTERESTS = "vital_interests"
    NOT_FOR_PROFIT_BODY = "not_for_profit_body"
    MADE_PUBLIC_BY_THE_PERSON = "made_public_by_the_person"
    LEGAL_CLAIMS = "legal_claims"
    SUBSTANTIAL_PUBLIC_INTEREST = "substantial_public_interest"
    HEALTH_OR_SOCIAL_CARE = "health_or_social_care"
    PUBLIC_HEALTH = "public_health"
    ARCHIVING_RESEARCH_STATISTICS = "archiving_research_statistics"


class AtEnd(StrEnum):
    """What becomes of a source when its time has ended: erased with all that was made of it, or kept, unused."""

    ERASE = "erase"
    KEEP = "keep"


class Use(StrEnum):
    """What a source may be used for.

    train: a model learns from its texts. evaluate: they are held out, and drafts are measured against them. show: a text, or a passage
    of it, is put before somebody who does not curate it: a reviewer, a reader of results, whoever asks a model that looks facts up.
    """

    TRAIN = "train"
    EVALUATE = "evaluate"
    SHOW = "show"


class Role(StrEnum):
    """Who may do what; every route and page declares the least role it needs."""

    OWNER = "owner"
    ENGINEER = "engineer"
    LEAD = "lead"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"


class RecordKind(StrEnum):
    """What a record is, and so what its `content` holds.

    document: {"body": Markdown}
    thread:   {"question": Markdown, "asker": name, "messages": [{"id", "author",
              "is_asker", "created_at", "text", "is_solution", "helpful"}]}
    diff:     {"diff": text, "language": name, "comments": [{"id", "author", "text",
              "is_reference", "rating"}]}, and "is_commit" where the comment is a commit's message
    chat:     {"messages": [{"role": "system"|"user"|"assistant", "content": text}]}
    """

    DOCUMENT = "document"
    THREAD = "thread"
    DIFF = "diff"
    CHAT = "chat"


class Decision(StrEnum):
    """One person's act on one record; append-only, the latest not undone counts."""

    KEEP = "keep"
    EDIT = "edit"
    REJECT = "reject"
    DEFER = "defer"
    UNDO = "undo"


class RecordStatus(StrEnum):
    """What the current decision makes of a record. An edited record is kept in its edited text."""

    UNDECIDED = "undecided"
    KEPT = "kept"
    EDITED = "edited"
    REJECTED = "rejected"
    DEFERRED = "deferred"


class Band(StrEnum):
    """What a near-duplicate pair's evidence allows: merge by itself, ask a person, leave."""

    MERGE = "merge"
    ASK = "ask"
    LEAVE = "leave"


# From these probabilities on a pair is merged, or a person is asked, unless the project says otherwise.
MERGE_AT, ASK_AT = 0.95, 0.2


# Fewer records than this say too little of a team's voice to compare others with them.
LEAST_GOLD = 10


class Split(StrEnum):
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class JobState(StrEnum):
    """queued and lost are the server's words, the others the worker's; the last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


FINAL_JOB_STATES = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.LOST})


class System(StrEnum):
    """What wrote a draft. Known to the server and to engineers, never to a reviewer.

    tuned and base know what they learnt and what the brief says (voice only); with facts they are given passages that the brief asks for.
    external: an endpoint elsewhere, given the brief alone; off until an owner sets it up.
    """

    TUNED = "tuned"
    BASE = "base"
    BASE_FEWSHOT = "base_fewshot"
    TUNED_FACTS = "tuned_facts"
    BASE_FACTS = "base_facts"
    EXTERNAL = "external"
    HUMAN = "human"

    @property
    def is_tuned(self) -> bool:
        return self in (System.TUNED, System.TUNED_FACTS)

    @property
    def looks_up(self) -> bool:
        return self in (System.TUNED_FACTS, System.BASE_FACTS)


class ReviewDecision(StrEnum):
    SIGN_OFF = "sign_off"
    REJECT = "reject"


class PairChoice(StrEnum):
    """What a reviewer says of two drafts side by side."""

    FIRST = "first"
    SECOND = "second"
    BOTH_GOOD = "both_good"
    BOTH_BAD = "both_bad"


class ReviewClass(StrEnum):
    """Follows from the decision, the edit and the scores; a pass is as_is or light_edit.

    CRITICAL_FAIL: signed off once it was mended, however small the edit was, since the draft failed a critical criterion.
    """

    AS_IS = "as_is"
    LIGHT_EDIT = "light_edit"
    REWRITTEN = "rewritten"
    CRITICAL_FAIL = "critical_fail"
    REJECTED = "rejected"


PASSING_CLASSES = frozenset({ReviewClass.AS_IS, ReviewClass.LIGHT_EDIT})


class Score(StrEnum):
    """What a reviewer may say of a draft under one criterion of the rubric: of the draft as it came, before any edit."""

    GOOD = "good"
    FAIR = "fair"
    FAILS = "fails"


class EditLabel(StrEnum):
    """What a person calls an edit who is told nothing but the two texts; from the least to the most."""

    SAME = "same"
    LIGHT = "light"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class ParsedRecord:
    """One record as a reader found it, before it has an id of ours.

    external_id: the id the source gave, the file's path for documents, else the row number.
    row: position in the file, counted from 1; 1 for a file that is one document.
    meta: optional facts kept for later: created_at, author, customer, url, language, tags,
        category, first_reply_at, reopened, repository, front_matter.
    """

    external_id: str
    row: int
    kind: RecordKind
    title: str
    content: dict[str, Any]
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that did not get in: where, why, the start of the offending value, and what to do."""

    row: int
    reason: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """A named defect (or notice) with its evidence.

    start, end: character offsets in the record's flat text, -1 when the flag is about the whole.
    value, limit: the measured value and what is allowed, where the flag has them.
    """

    name: str
    evidence: str
    start: int = -1
    end: int = -1
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """Two records alike, a < b by record id, with the evidence.

    words, jaccard: share of their words (weighted by rarity) and of their 5-word phrases that stand in both. containment: of
    the shorter one's phrases, the share that stands in the longer one. length_ratio: shorter over longer. cosine: of
    their vectors. score: probability that both say the same. swapped: what tells them apart all the same, as
    `4411 / 4412`. is_mergeable: whether their words allow a merge without a person.
    """

    a: str
    b: str
    method: str
    words: float
    jaccard: float
    containment: float
    cosine: float
    length_ratio: float
    score: float
    swapped: str = ""
    is_mergeable: bool = True

    def band(self, *, merge_at: float = MERGE_AT, ask_at: float = ASK_AT) -> Band:
        """What the evidence allows, under these thresholds of the score."""
        if self.is_mergeable and self.score >= merge_at:
            return Band.MERGE
        return Band.ASK if self.score >= ask_at else Band.LEAVE


@dataclass(frozen=True, slots=True)
class Example:
    """One record, or a part of it, in training format: chat messages, loss on the assistant's tokens.

    cleaned: the cleaning steps that changed its text. hidden: the kinds of fact that stand as placeholders in its answer.
    """

    id: str
    record_id: str
    external_id: str
    group: str
    messages: tuple[dict[str, str], ...]
    title: str = ""
    tags: tuple[str, ...] = ()
    cleaned: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something that did not make it, with the reason; nothing is dropped silently."""

    record_id: str
    external_id: str
    reason: str
    detail: str = ""


class PairOrigin(StrEnum):
    """How a person said "this text rather than that one"."""

    EDIT = "edit"
    BESIDE = "beside"
    PREFERRED = "preferred"


@dataclass(frozen=True, slots=True)
class PreferencePair:
    """Two answers to one prompt, of which reviewers prefer one; the other is as a model wrote it.

    origin: edit where chosen is what rejected became before it was signed off; beside where rejected was rejected, and chosen is
    another draft for the same brief that was signed off; preferred where both were seen side by side, and chosen is what the preferred
    one became when it was signed off. record_id: the record that the brief was taken from. run_ids: of the
    runs that wrote the drafts.
    """

    id: str
    origin: PairOrigin
    brief_id: str
    record_id: str | None
    run_ids: tuple[str, ...]
    prompt: str
    chosen: str
    rejected: str
