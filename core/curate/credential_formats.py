"""Keys, tokens and hashes that tell by themselves what they are: heads, prefixes of providers, forms that nothing else has.

Each kind has the signs, in small letters, without which a text is not searched for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

FORMATS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*(?:PRIVATE KEY|STATIC KEY V1)(?: BLOCK)?-----|\bPuTTY-User-Key-File-\d|\bAGE-SECRET-KEY-1[A-Z0-9]{20,}"),
    "cloud access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}|\bGOCSPX-[\w-]{20,}"),
    "service token": re.compile(
        r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|xapp-[\w-]{20,}|(?:sk|pk|rk)[_-](?:(?:live|test|proj|ant|or)[_-])?[A-Za-z0-9_-]{12,}|SG\.[\w-]{16,}\.[\w-]{16,}|npm_\w{30,}|hf_\w{20,}|"
        r"whsec_\w{20,}|shp(?:at|ss|ca)_\w{20,}|pypi-[\w-]{20,}|do[opr]_v1_\w{30,}|\d{8,10}:AA[\w-]{30,}|key-[0-9a-f]{32}\b|EAA[A-Za-z0-9]{30,}|ATATT3[\w=-]{20,}|[a-z]{2,8}_(?:live|test|prod|api|pat|secret|token)_[A-Za-z0-9]{16,})"
        r"|hooks\.slack\.com/services/T\w+/B\w+/\w{10,}|discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20,}|\botpauth://\S+secret=[A-Z2-7]{10,}"
    ),
    "signed token": re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]{8,})?|\b(?:[Bb]earer|Basic|Token|Digest|ApiKey) (?=[^\s]*\d)[A-Za-z0-9_\-/+=.]{16,}"),
    "login in an address": re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,60}:[^\s/@]{3,60}@[^\s/]+"),
    # Of Unix, of directories, of databases.
    "password hash": re.compile(r"\$(?:apr1|[156y]|2[abxy]|argon2\w*|sha1|scrypt|pbkdf2[\w-]*)\$[\w./$=,+-]{12,}|\{(?:S?SHA\d*|S?MD5|CRYPT)\}[\w+/=]{12,}|\bpbkdf2_sha\d+\$\d+\$\S{10,}"),
    "recovery key": re.compile(r"\b\d{6}(?:-\d{6}){7}\b"),
}  # fmt: skip
_SIGNS_OF_FORMATS = {
    "private key": ("-----begin", "putty-user", "age-secret"),
    "cloud access key": ("akia", "asia", "aiza", "ya29", "gocspx"),
    "service token": ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat", "glpat", "xox", "xapp", "sk_", "sk-", "pk_", "pk-", "rk_", "rk-", "sg.", "npm_", "hf_", "whsec", "shpat", "shpss", "shpca", "pypi-", "_v1_", ":aa", "key-", "eaa", "atatt", "_live_", "_test_", "_prod_", "_api_", "_pat_", "_secret_", "_token_", "hooks.slack", "webhooks/", "otpauth"),
    "signed token": ("eyj", "bearer", "basic ", "token ", "digest ", "apikey "),
    "login in an address": ("://",),
    "password hash": ("$1$", "$5$", "$6$", "$y$", "$2", "$apr1$", "$argon", "$sha1$", "$scrypt$", "$pbkdf2", "{s", "{md5}", "{crypt}", "pbkdf2"),
    "recovery key": ("-",),
}  # fmt: skip


def known_formats(text: str, lower: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind) of each. lower: the text in small letters."""
    for kind, pattern in FORMATS.items():
        if any(sign in lower for sign in _SIGNS_OF_FORMATS[kind]):
            yield from ((*match.span(), kind) for match in pattern.finditer(text))
