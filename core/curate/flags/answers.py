"""Whether there is an answer, who seems to have written it, and whether it helps.

Empty: nothing, or what programs write for it and leave around it (`nothing.py`). Closing: every sentence thanks, says
that it works or closes the ticket, and none tells how. An answer that repeats its question is found by
shared runs of words. Who wrote it is known by the source's fields; without them a small model on the
words says how much it sounds like the asker (`asker.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.curate.flags.asker import asker_probability
from core.curate.flags.corpus import Corpus
from core.curate.flags.nothing import is_nothing
from core.curate.flags.view import URL, WORD, View, plain_words
from core.nouns import Flag, RecordKind
from core.records.text import accepted_answer

# Above this the words alone are enough to say that the asker wrote it.
ASKER_LIMIT = 0.5
CLOSING_WORDS = 80
CLOSING_SHARE = 0.5
ECHO_SHARE, ECHO_RUN, LEAST_ECHO_WORDS = 0.6, 5, 5

REVIEW_NOTHING = re.compile(r"^\W*(lgtm|looks good( to me)?|ok|okay|\+1|approved?|nice|ship it)\W*$", re.IGNORECASE)

THANKS_OR_DONE = re.compile(
    r"\b(?:thanks?|thankyou|thx|tnx|ty|tks|cheers|grateful|gratitude|much obliged|bless you|kudos|appreciate (?:it|that|your|the help)|much appreciated|"
    r"solved|problem (?:is )?(?:fixed|resolved|cured)|it(?:'s| is|’s)? (?:now )?(?:fixed|resolved|sorted)|(?:works?|working|worked) (?:now|again|fine|perfectly|great|like a charm|a treat)|"
    r"did (?:the trick|it|the job)|(?:that|this)(?:'s| was|’s) it|all (?:good|set|sorted|fine) now|up and running|(?:problem|issue)s? (?:is |has |are )?(?:gone|over|disappeared|went away)|"
    r"found it|found the (?:answer|problem|solution|setting|cause)|(?:i|it|that|all|we)(?:['’]?s|['’]?m| am| is| was| got)? (?:\w+ )?(?:relieved|delighted|thrilled|over the moon)|hallelujah|phew|lifesaver|saved my (?:day|life|week|bacon)|(?:that|this|it) (?:worked|helped|works|fixed it|solved it|sorted it|did the job)|success|figured it out|never ?mind|nvm|disregard|ignore (?:my|this|that)|take[ns]? care of itself|no longer (?:an? (?:issue|problem)|needed|relevant|happens)|"
    r"(?:exactly|just) what (?:i|we) (?:needed|wanted|was looking for)|back to normal|you(?:'re| are|’re)? (?:a )?(?:the best|star|legend|genius)|hooray|yay|hurrah)\b",
    re.IGNORECASE,
)  # fmt: skip
# Said in passing anywhere; by themselves in a short sentence they close.
SHORT_DONE = re.compile(
    r"\b(?:fixed|sorted|resolved|works?|working|worked|fine|good|ok|okay|perfect(?:ly)?|brilliant|great|awesome|excellent|wonderful|fantastic|superb|got it|done)\b",
    re.IGNORECASE,
)
SHORT_WORDS, POLITE_WORDS = 7, 22
CLOSES = re.compile(
    r"\b(?:am|are|is|be|been|being|was|will|pls|please|now|to be|we|i|i'll|i’ll|consider\w*|considered|regard\w*) (?:\w+ )?(?:clos(?:e|ed|ing)|archiv(?:e|ed|ing)|lock(?:ed|ing)|completed?|concluded|settled|resolved|marked as)\b|\b(?:to|as) be (?:completed|closed|resolved|settled)\b|\b^\W*(?:closing|closed|archiving|archived|marked as|locked|locking)\b|"
    r"\b(?:not|n't|n’t) (?:heard|received)\b|\bno (?:further )?(?:answer|reply|response|activity|update|feedback)\b|\binactivity\b|\babandoned\b",
    re.IGNORECASE,
)
# These close by themselves, whatever reason they give.
_MATTER = r"(?:issues?|problems?|tickets?|cases?|questions?|matters?|threads?|topics?|requests?|enquir(?:y|ies)|quer(?:y|ies)|conversations?|discussions?|posts?|errors?|bugs?)"
_ENDED = r"(?:resolved|solved|closed|fixed|sorted|settled|answered|done|locked|archived|completed?|concluded|finished|over|gone|inactive|dealt with|taken care of|rectified|cured|clos(?:e|ing)|lock(?:ing)?|archiv(?:e|ing))"
CLOSES_THE_MATTER = re.compile(
    rf"^\W*(?:(?:the|this|your|my|our) )?(?:\w+ )?{_MATTER} (?:(?:is|are|has|have|had|was|were|been|being|now|will|be|can|as|marked|therefore|considered|automatically|already|all|thus|hereby|got) )*{_ENDED}\b|^\W*(?:(?:i|we|i'm|i am|we are|i'll|we'll|i will|we will|can|could|please|pls|you|mods?|moderators?|admins?|somebody|someone|they|may|should|feel free to|going to|am|are|now|therefore|then|so|have|has|consider|mark(?:ed|ing)?) )+(?:\w+ )?(?:clos(?:e|ed|ing)|lock(?:ed|ing)?|archiv(?:e|ed|ing)|resolved?|solved) (?:this|it|the|my|your|as)\b|"
    rf"^\W*(?:closing|closed|locking|locked|archiving|archived|resolved|solved|marked|marking|duplicate)\b(?: (?:this|it|the|as|now|for now|due|because|since|for|by|out|solved|closed|resolved|answered|\w+ly)\b[^.!?]*)?\W*$|^\W*(?:no|without) (?:\w+ )?(?:response|reply|answer|feedback|activity|update|reaction)\b|\b(?:(?:have|has|had)(?: not|n['’]t)|did(?: not|n['’]t)|never) (?:yet )?(?:heard|received|hear|receive|got|get|responded|replied|respond|reply)\b",
    re.IGNORECASE,
)
# What is said of how, when or whether something was solved does not say that it was.
SUBORDINATE = re.compile(
    r"\b(?:how|when|until|once|if|whether|where|which|what|however|whatever|whichever)\b[^,.;]*", re.IGNORECASE
)
ABOUT_TICKET = re.compile(
    r"\b(?:tickets?|cases?|threads?|questions?|requests?|topics?|issues?|enquir(?:y|ies)|quer(?:y|ies)|conversation|discussion|problem|matter|post|this|we|as|pls|please|it)\b",
    re.IGNORECASE,
)
POLITE = re.compile(
    r"\b(?:welcome|glad|pleased|happy (?:to|that|for|it)|pleasure|hesitate|feel free|anything else|any (?:other|further|more) (?:questions?|problems?|issues?|help)|"
    r"have a (?:nice|great|good|lovely)|(?:best|kind|warm) (?:wishes|regards)|regards|sincerely|greetings|sorry (?:to|for)|apologies|my bad|"
    r"reply to this|contact (?:us|me) again|simply reply|get back to (?:us|me)|let (?:us|me) know|good(?: )?bye|bye|take care|see you|good luck|rate (?:our|my|this|us)|(?:happy|pleased|glad) (?:that )?(?:we|i|you|it)|(?:could|able to) (?:be of (?:help|assistance|service)|help)|hope (?:this|that|it) helps?)\b",
    re.IGNORECASE,
)
TELLS_HOW = re.compile(
    r"^\W*(?:solved|solution|fixed|resolved|answer|fix)\W*[:–—-]+\s*(?:[\w'’,.-]+\s+){3,}|\b\w+ing (?:(?:the|my|a|it|them|off|on|down|out) )*(?:[\w.+-]+ ){0,4}(?:has |have )?(?:fixed|solved|resolved|cured|did|worked|helped)\b|\b(?:was|were) the (?:problem|cause|issue|culprit|reason)\b|\bhad (?:expired|been \w+ed)\b|\bonce (?:it|they|i|that|this) (?:was|were|had|is|did)\b|"
    r"\b(?:by|after|before|via|through) (?:\w+ )?\w+ing\b|\bbecause\b|\bturn(?:ed|s) out\b|\bthe (?:cause|culprit|reason|trick|solution|fix|answer) (?:is|was)\b|"
    r"\b(?:i|we) (?:\w+ )?(?:had to|needed to|changed|removed|deleted|uninstalled|reinstalled|installed|disabled|enabled|switched|turned|set|reset|created|re-?added|added|tried|ticked|re-?ticked|renewed|downloaded|re-?downloaded|shut down|rang|called|"
    r"unchecked|checked|clicked|went|ran|used|replaced|renamed|updated|upgraded|downgraded|moved|copied|restarted|rebooted|cleared|opened|closed|selected|typed|entered|configured|imported)\b",
    re.IGNORECASE,
)
INSTRUCTS = re.compile(
    r"\b(?:you (?:can|could|need|should|must|have to|may|might|will|would|want)|go to|click|right-?click|double-?click|select|choose|press|set (?:the|it|up|your)|"
    r"install|uninstall|reinstall|restart|remove|delete|check|try|turn (?:on|off)|enable|disable|type|enter|copy|download|update|use|add|create|reset|switch|"
    r"settings?|options?|preferences?|menu|folder|server|port|password|account|version|add-?on|profile|does not|doesn't|cannot|can't|only|there (?:is|are)|not possible)\b",
    re.IGNORECASE,
)
PATH = re.compile(r"\S\s*(?:>|→|->|=>)\s*\S|`")


def flags(view: View, corpus: Corpus) -> Iterator[Flag]:
    if view.is_document:
        return
    answer = view.taught
    if not answer.strip():
        thread = view.record.kind is RecordKind.THREAD and accepted_answer(view.record.content) is None
        yield Flag("empty_answer", "No message is marked as the solution." if thread else "The answer is empty.")
        return
    if is_nothing(answer):
        yield view.flag("empty_answer", f"The answer is only {answer.strip()[:40]!r}.")
        return
    yield from _asker_flag(view)
    if view.record.kind is RecordKind.THREAD and closes_without_help(view):
        n_words = view.n_words
        yield view.flag(
            "closing_without_help", f"All of its {n_words} words thank, or close the matter.", value=n_words
        )
    if view.record.kind is RecordKind.DIFF and REVIEW_NOTHING.match(answer):
        yield view.flag("placeholder", f"The comment is only {answer.strip()!r}.")
    yield from _echo_flag(view)


def may_only_close(view: View) -> bool:
    """Whether an answer is short enough to do no more than close, and names neither a link nor a way through menus."""
    return 0 < view.n_words <= CLOSING_WORDS and not URL.search(view.taught) and not PATH.search(view.prose)


def closes_without_help(view: View) -> bool:
    """Whether an answer only thanks, says that it works, or closes the ticket, and tells nobody how."""
    if not may_only_close(view):
        return False
    closing = helping = aside = 0
    for sentence in view.sentences:
        n_words = len(WORD.findall(sentence))
        kind = _sentence_kind(sentence)
        closing += n_words * (kind == "closes")
        helping += n_words * (kind == "helps")
        # A few words that neither close nor help ("my fault") weigh nothing beside some that close.
        aside += n_words * (kind == "" and n_words <= SHORT_WORDS)
    return closing > 0 and helping == 0 and closing >= CLOSING_SHARE * max(1, view.n_words - aside)


def _sentence_kind(sentence: str) -> str:
    """closes, helps, or nothing for a sentence that does neither."""
    n_words = len(WORD.findall(sentence))
    if CLOSES_THE_MATTER.search(sentence) and not PATH.search(sentence):
        return "closes"
    if TELLS_HOW.search(sentence) or _is_question(sentence):
        return "helps"
    said = SUBORDINATE.sub(" ", sentence)
    if CLOSES.search(said) and ABOUT_TICKET.search(said):
        return "closes"
    if n_words <= POLITE_WORDS and (THANKS_OR_DONE.search(said) or POLITE.search(sentence)):
        return "closes"
    if INSTRUCTS.search(sentence):
        return "helps"
    if n_words <= SHORT_WORDS and SHORT_DONE.search(sentence):
        return "closes"
    # A longer sentence about anything else says something, and may be the help.
    return "helps" if n_words > 2 * SHORT_WORDS else ""


def _is_question(sentence: str) -> bool:
    return sentence.rstrip().endswith("?")


def _asker_flag(view: View) -> Iterator[Flag]:
    if view.record.kind is not RecordKind.THREAD:
        return
    solution = accepted_answer(view.record.content)
    if solution is None:
        return
    if solution["is_asker"]:
        yield view.flag("asker_answer", "The marked solution is the asker's own message.")
    elif not authors_are_known(view):
        sure = asker_probability(view.taught)
        if sure >= ASKER_LIMIT:
            evidence = f"Its words sound like the asker's ({sure:.2f} of 1); the source does not say who wrote it."
            yield view.flag("asker_answer", evidence, value=sure, limit=ASKER_LIMIT)


def authors_are_known(view: View) -> bool:
    """Whether the source says who wrote the accepted answer."""
    content = view.record.content
    solution = accepted_answer(content)
    if solution is None or any(message["is_asker"] for message in content["messages"]):
        return True
    return bool(content["asker"] and solution["author"])


def _echo_flag(view: View) -> Iterator[Flag]:
    asked, answer = plain_words(view.question), plain_words(view.taught)
    if len(asked) < LEAST_ECHO_WORDS or len(answer) < LEAST_ECHO_WORDS:
        return
    if len(asked) < 2 * ECHO_RUN:
        share = float(f" {' '.join(asked)} " in f" {' '.join(answer)} ")
    else:
        runs = {tuple(asked[i : i + ECHO_RUN]) for i in range(len(asked) - ECHO_RUN + 1)}
        said = {tuple(answer[i : i + ECHO_RUN]) for i in range(len(answer) - ECHO_RUN + 1)}
        share = len(runs & said) / len(runs)
    if share >= ECHO_SHARE:
        evidence = f"{share:.0%} of the question stands in the answer again."
        yield view.flag("prompt_echo", evidence, value=share, limit=ECHO_SHARE)
