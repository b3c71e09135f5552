"""The certificate of an erasure in words: the same for every form that it is written in."""

from __future__ import annotations

from core.privacy.erasure_certificate import Certificate
from core.review.report import Report
from core.review.sections import Section

CLOSING = (
    "What this is",
    "Written by the studio after it had read everything back: it decodes every table of the database from a copy of its file, every file, archive and log below its "
    "data folder, and looks at the raw bytes; what it could not look into is listed with its reason. Who it was about does not stand here: of every spelling a hash is kept under the studio's own key, with "
    "which the studio can tell later whether a name is the one. It says what was found by these spellings; a person who is only described is not found by them.",
)


CLOSING_OF_A_SOURCE = (
    "What this is",
    "Written by the studio after it had read everything back: it decodes every table of the database from a copy of its file, every file, archive and log below its "
    "data folder, and looks for the number of every record that the source had. The row of the source, with its terms and its consent or contract, stays on "
    "the register: it is the proof that the data was lawful. What somebody wrote or copied elsewhere without such a number is not found by it.",
)


def certificate_report(made: Certificate) -> Report:
    check = made.verification
    for_whom = f" for the project {made.project}" if made.project else ""
    times = f"begun {_day(made.started_at)} and ended {_day(made.ended_at)} (UTC)"
    what = (
        f"The erasure {made.erasure} took out the source {source_in_words(made)}"
        if made.source
        else f"The erasure {made.erasure} was asked for by {made.asked_by}{for_whom}"
    )
    opening = (
        f"{what}, {times}.",
        f"{_several(check.n_places_before, 'place')} held {'its texts' if made.source else 'the person'}; reading {_several(check.n_files, 'file')} back "
        f"({check.n_bytes / 1e6:,.1f} MB) found {_several(check.n_places_after, 'place')} that still {'name a record of it' if made.source else 'do'}, "
        "each named below with its reason.",
    )
    sections = [
        Section("What was removed", ("where", "what", "how many"), tuple((one.place, one.what, f"{one.n:,}") for one in made.removed)),
        Section(
            "What was not removed, and why", ("where", "how many", "why"),
            tuple((one.place, f"{one.n:,}" if one.n else "not counted", one.why) for one in made.kept),
        ),
        Section(
            "Models that learnt it, to be retired or trained anew", ("model", "project", "version"),
            tuple((one.name, one.project, one.version) for one in made.models),
        ),
        Section(
            "Versions that were written anew", ("version", "project", "examples erased", "masked", "SHA-256 before", "SHA-256 after"),
            tuple(
                (one.name, one.project, f"{one.n_erased:,}", f"{one.n_masked:,}", one.sha256_before, one.sha256_after) for one in made.versions
            ),
        ),
        Section("What was not looked into", ("file or folder",), tuple((one,) for one in check.unread)),
        Section("Who it was about: hashes of every spelling", ("HMAC-SHA256",), tuple((one,) for one in made.person_macs)),
    ]  # fmt: skip
    return Report(
        "Certificate of erasure",
        opening,
        tuple(one for one in sections if one.rows),
        CLOSING_OF_A_SOURCE if made.source else CLOSING,
    )


def source_in_words(made: Certificate) -> str:
    """The source that was erased: its name, its project and why; the certificate is one of a source."""
    assert made.source is not None, "it is of a person"
    why = (
        f"at the end of its time on {made.source.ended_on}" if made.source.ended_on else f"by hand, by {made.asked_by}"
    )
    return f"{made.source.name} of the project {made.project}, {why}"


def _day(iso: str) -> str:
    return f"{iso[:10]} {iso[11:16]}"


def _several(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
