"""Passwords, keys and tokens: what the checks at import find, and the detectors of detect-secrets.

Its detectors only match what is written; none of them asks a service whether a key is valid, because that check is never called.
Those that go by entropy, by a keyword or by a token's three parts are left out: the checks at import judge the same places more strictly.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from core.curate.sensitive import secrets_in
from core.privacy.spans import PersonalSpan, PersonalType

SURE, LIKELY = 0.95, 0.9
SHORTEST = 6
LONGEST_LINE = 4_000


def secrets(text: str) -> list[PersonalSpan]:
    """Passwords, keys and tokens, overlaps and all."""
    found = [PersonalSpan(s.start, s.end, PersonalType.SECRET, LIKELY, "checks at import") for s in secrets_in(text)]
    start = 0
    for line in text.split("\n"):
        if len(line) <= LONGEST_LINE:
            found += [
                PersonalSpan(start + begin, start + end, PersonalType.SECRET, SURE, "detect-secrets")
                for begin, end in _detected(line)
            ]
        start += len(line) + 1
    return found


def _detected(line: str) -> Iterator[tuple[int, int]]:
    for detector in _detectors():
        for pattern in detector.denylist:
            for match in pattern.finditer(line):
                # A group is the value beside its name, or but the first letters of a token.
                group = next((n for n, value in enumerate(match.groups(), 1) if len(value or "") >= SHORTEST), 0)
                yield match.span(group)


@cache
def _detectors() -> tuple[Any, ...]:
    """One of each kind that knows a provider's form."""
    from detect_secrets.plugins import (
        artifactory,
        aws,
        azure_storage_key,
        basic_auth,
        cloudant,
        discord,
        github_token,
        gitlab_token,
        ibm_cloud_iam,
        ibm_cos_hmac,
        mailchimp,
        npm,
        openai,
        private_key,
        pypi_token,
        sendgrid,
        slack,
        softlayer,
        square_oauth,
        stripe,
        telegram_token,
        twilio,
    )

    return (
        artifactory.ArtifactoryDetector(),
        aws.AWSKeyDetector(),
        azure_storage_key.AzureStorageKeyDetector(),
        basic_auth.BasicAuthDetector(),
        cloudant.CloudantDetector(),
        discord.DiscordBotTokenDetector(),
        github_token.GitHubTokenDetector(),
        gitlab_token.GitLabTokenDetector(),
        ibm_cloud_iam.IbmCloudIamDetector(),
        ibm_cos_hmac.IbmCosHmacDetector(),
        mailchimp.MailchimpDetector(),
        npm.NpmDetector(),
        openai.OpenAIDetector(),
        private_key.PrivateKeyDetector(),
        pypi_token.PypiTokenDetector(),
        sendgrid.SendGridDetector(),
        slack.SlackDetector(),
        softlayer.SoftlayerDetector(),
        square_oauth.SquareOAuthDetector(),
        stripe.StripeDetector(),
        telegram_token.TelegramBotTokenDetector(),
        twilio.TwilioKeyDetector(),
    )
