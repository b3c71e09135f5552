"""Personal data that a word beside it makes known: numbers of persons, dates of birth, phone numbers, addresses, and what is said of a person.

A number is one of a person when a word names it so (passport, tax, patient, student ..., and the short names that countries have for
theirs); numbers whose check digits are right and whose form is their own need no word. A statement is one of a person when
a person (by title and name, by two names, as somebody's relative, or as "I") and a matter that nobody should have to share
stand in one sentence: health, care, union, faith, orientation, convictions, pay.

Not covered: persons named by one name alone, and matters said in other words.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator

from core.curate.quick_search import around, joined

Span = tuple[int, int, str]

_MONTH = r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|janvier|février|avril|juin|juillet|août|décembre|enero|mayo|agosto|diciembre|gennaio|maggio)[a-zéûô]*"
_DATE = rf"(?:\d{{1,2}}[./ -]\d{{1,2}}[./ -]\d{{2,4}}|\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th|er|\.)?(?: of| de)? {_MONTH}\.?,?(?: de)? \d{{4}}|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"

# ---- numbers of persons

# Words of several languages, and the short names of countries' numbers; the last are case-sensitive, being few letters.
_NUMBER_WORD = r"(?:national insurance|social (?:security|insurance)|passport|reisepass|passeport|pasaporte|tax(?:payer)?|fiscal|steuer|driver['’]?s?|driving|identity|id[ -]?card|personalausweis|ausweis|personal|patient|hospital|medical record|health(?: insurance| card)?|medicare|medicaid|insurance|insured|policy|member(?:ship)?|student|pupil|matric(?:ulation)?|employee|staff|personnel|payroll|pension|prisoner|case file|visa|residence permit|voter|customer|client|subscriber|beneficiary|loyalty|library card|registration|aadhaar|civil)"
_OWN_WORD = r"(?:personnummer|fødselsnummer|matrikelnummer|versicherten?nummer|versicherungsnummer|sozialversicherungsnummer|ausweisnummer|kundennummer|personalnummer|burgerservicenummer|rijksregisternummer|codice fiscale|numéro de sécurité sociale|número de identidad|matric(?:_no|\.? no\.?)?|mrn|tax[ _-]?id|steuer-?id|steuernummer|isikukood|henkilötunnus|aadhaar|emirates id)"
_SHORT = r"(?:TIN|NINO|NHS|SSN|SIN|NIF|NIE|DNI|CPF|CNP|PESEL|NIP|BSN|AHV|AVS|EGN|OIB|JMBG|CURP|RUT|TFN|HKID|NRIC|NI)"
_NUMBER_SIGN = r"(?:[ _-]?(?:number|no\.?|nr\.?|num|id|code|card|licen[cs]e|file|#|n°|nº))"
_LINK = r"(?:[ \t]*(?:[:=#;|-]|\bis\b|\bwas\b|\bof\b|\(|[\"'])+[ \t\"'(]*|[ \t]+)"
_VALUE = r"(?P<value>(?:[A-Z]{1,4}[ -]?)?\d[\dA-Z./ -]{3,22}[\dA-Z])(?![\w%])"
NAMED_NUMBER = re.compile(
    rf"\b(?i:{_NUMBER_WORD}(?:[ -](?:insurance|security|record|service))?{_NUMBER_SIGN}{{1,2}}|{_OWN_WORD}{_NUMBER_SIGN}?|(?-i:{_SHORT}){_NUMBER_SIGN}?|(?:driver['’]?s?|driving) licen[cs]e|passport|identity card){_LINK}(?i:(?:is|was|no\.?|number|nr\.?) ?)?{_VALUE}"
)
FEWEST_DIGITS = 5
# The value needs digits in plenty, and must not be a date, a version or an amount.
_NO_NUMBER = re.compile(rf"(?:{_DATE}|\d+\.\d{{1,2}}|(?:19|20)\d\d(?:[-/]\d+)?|\d+(?:\.\d+){{2,}})\Z", re.IGNORECASE)

SELF_EVIDENT: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile(r"(?<![\d.])\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)"), lambda v: _is_cpf(v)),
    (re.compile(r"(?<![\w-])\d{8}-?[A-HJ-NP-TV-Z]\b"), lambda v: _is_dni(v)),
    (re.compile(r"\b[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]\b"), lambda v: True),
    (re.compile(r"\b756\.\d{4}\.\d{4}\.\d{2}\b"), lambda v: True),
)
PLATE = re.compile(r"\b(?i:licen[cs]e plate|number plate|registration plate|kennzeichen|car registration)(?i: (?:is|was|number))?[: ]+(?P<value>(?=[A-ZÄÖÜ -]*\d)[A-ZÄÖÜ]{1,3}[- ][A-Z0-9][A-Z0-9 -]{2,8}\b)")  # fmt: skip

# ---- dates of birth, phone numbers, machines

BIRTH = re.compile(
    rf"(?:\b(?i:born|date[ _]of[ _]birth|birth[ _]?date|d\.?o\.?b\.?|birthday|geboren|geb\.|geburtsdatum|née?|nacid[oa]|fecha de nacimiento|nat[oa] il|data di nascita|date de naissance|geboortedatum|urodzon[ay]|ur\.|född|født)|(?<![\w.])b\.|\(\*|(?<=[a-z] )\*(?=\d)|†)[:;, |]*(?i:on |am |the |is |was |el |le |il |den |dne )*(?P<value>{_DATE})",
    re.IGNORECASE,
)
# In a table the word stands in the head: a date in the next row.
BIRTH_COLUMN = re.compile(
    rf"(?i:\b(?:dob|date_of_birth|birth_?date|geburtsdatum)\b)[^\n]*\n[^\n]*?(?P<value>{_DATE})", re.IGNORECASE
)

_CALL = r"(?:phone|tel(?:ephone|efon)?|téléphone|teléfono|mobile|mobil|handy|cell(?:phone)?|call(?: me| us| him| her| back| \w+)?|ring(?: me| us| him| her| \w+)?|text (?:me|us|him|her)|dial|reach (?:me|him|her|us)|my number|(?:his|her|our|their) number|fax|whatsapp|signal|telegram|landline|nummer|extension|(?:subscriber|direct|phone) line)"
PHONE = re.compile(
    rf"\b(?i:{_CALL})\b\.?[^\n\d+]{{0,40}}?(?P<value>\+?\(?\d{{1,5}}\)?(?:[ ./-]?\(?\d{{1,6}}\)?){{1,5}}(?: ?(?:ext\.?|x) ?\d{{1,5}})?)(?![\w%€$£°])(?!\.\d)"
)
PHONE_DIGITS = (7, 15)
# Units, sizes and times are numbers beside "line" and "call" as well.
_NO_PHONE = re.compile(rf"(?:{_DATE}|\d{{1,3}}(?:\.\d{{1,3}}){{3}}|\d+\.\d+(?:\.\d+)*|\d+|(?:19|20)\d\d ?[-/] ?(?:19|20)?\d\d|\d{{4}}-\d\d-\d\d.*|\d+(?:/\d+)+)\Z", re.IGNORECASE)  # fmt: skip

ADDRESS_OF_MACHINE = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d|/\d)|(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}:?(?:[0-9a-f]{1,4}:?){1,6}(?![\w:])", re.IGNORECASE)  # fmt: skip
BESIDE = 80
DIGITS = re.compile(r"\d+")
NAME = r"(?:(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Frau|Herr|Mme|M|Mlle|Sr|Sra|Señora|Señor|Sig)\b\.? )?[A-ZÀ-ÞŁŚŻŽŠČ][\w'’à-žß]+(?: [A-ZÀ-ÞŁŚŻŽŠČ]\.)?(?:[ -](?:van |de |der |von |da |di |al-?|O['’])*[A-ZÀ-ÞŁŚŻŽŠČ][\w'’à-žß]+){1,3}"
IS_NAME = re.compile(rf"(?<![\w.])(?:{NAME})")
TITLED = re.compile(r"(?<!\w)(?:Mr|Mrs|Ms|Miss|Mx|Frau|Herr|Mme|Mlle|Sra?|Señora?|Sig(?:nora)?)\b\.? [A-ZÀ-Þ][\w'’-]+")
OF_A_USER = re.compile(r"\b(?:user(?:name)?|account|login|logged|visitor|customer|client|subscriber|caller|member|employee|colleague|his|her|my|request came|reset request|signed)\b", re.IGNORECASE)  # fmt: skip
# Four numbers are a version as well, and then no such word stands just before them.
GIVES_ADDRESS = re.compile(r"(?:\bip(?:v4)?\b[^\w/]{0,3}|\b(?:at|from|address|was|is|with|via|ip (?:is|was|address))[ :]{1,2}|[=(\[:] ?)$", re.IGNORECASE)  # fmt: skip
OF_A_SERVER = re.compile(r"\b(?:received: |by |helo|smtp|server|host|dns|proxy|gateway|relay|router|forefront|antispam|cip|lip|client-ip|mask|range|bind|listen|nameserver|mx|spf|dkim|ip4)\S*[^\n]{0,25}$", re.IGNORECASE)  # fmt: skip

# ---- postal addresses

_CAP = r"[A-ZÀ-ÞŁŚŻŽŠČ][a-zà-žß'’.][\w'’à-ž.-]*"
STREETS = re.compile(
    rf"\b(?:ul\.|al\.|os\.|pl\.|ulica|aleja) {_CAP}(?: {_CAP}){{0,2}} \d{{1,4}}[a-z]?\b|\b(?:Calle|C/|Avenida|Avda\.?|Plaza|Paseo|Rua|Praça|Travessa|Via|Viale|Piazza|Corso|Strada|Str\.|Bulevardul) (?:(?:de|das|dos|da|do|la|las|los|del|della|dei) )?{_CAP}(?: (?:de|da|di|del|e|y)? ?{_CAP}){{0,3}},? (?:n[°º.] ?)?\d{{1,4}}\b|"
    rf"\b\d{{1,4}}(?: ?(?:bis|ter))?,? (?i:rue|avenue|boulevard|place|chemin|allée|impasse|quai|cours|route) (?:de |des |du |la |le |les |l['’]|d['’])*{_CAP}|\b{_CAP}(?:gatan|vägen|gade|vej|veien|gata|katu|tie|utca|ulice|kade|plein|gracht|steeg|dreef|singel) \d{{1,4}}[a-z]?\b|"
    rf"\b\d{{1,5}}[A-Za-z]?,? (?:[NSEW]\.? )?(?:{_CAP} ){{1,3}}(?:Bend|Loop|Trail|Trl|Parkway|Pkwy|Circle|Cir|Ct|Ln|Blvd|Alley|Path|Quay|Wharf|Villas|Bank|Cottages|Croft|Fold|Mead|Turn|Pike|Run|Heights|Ridge|Pass|Terrace|Mews|Crescent|Elm|Grove)\b(?=,|\.|\n|$| (?:Apt|Unit|Flat|[A-Z]{{2}}\b))|"
    rf"\b(?i:flat|apartment|apt\.?|unit|suite|room|zimmer) \d{{1,4}}[A-Za-z]?,? (?:\d{{1,4}} )?{_CAP} {_CAP},? {_CAP}|\b{_CAP}(?: {_CAP})? \d{{1,4}}[a-z]?,? (?:[A-Z]{{1,2}}-)?\d{{2,3}}[- ]\d{{2,3}} {_CAP}"
)

# ---- what is said of a person

_RELATIVE = r"(?:my|his|her|our|their) (?:late |ex-?|elderly |little |youngest |eldest |older |younger |own )?(?:wife|husband|partner|son|daughter|mother|father|mum|mom|dad|brother|sister|child|kid|boy|girl|grandson|granddaughter|grandmother|grandfather|nephew|niece|uncle|aunt|colleague|boss|neighbou?r|friend|patient|client|tenant|pupil|student)"
PERSON = re.compile(rf"(?<![\w.])(?:(?i:{_RELATIVE})\b|{NAME}|{TITLED.pattern[7:]}|I(?:['’]m|['’]ve)?(?![\w'’.]))")
_ILLNESS = r"(?:hiv|aids|cancer|tumou?r|leuk[ae]?emia|diabet\w+|epilep\w+|parkinson\w*|alzheimer\w*|dementia|depression|bipolar|schizophren\w+|psychosis|anxiety disorder|panic attacks|ptsd|autis\w+|adhd|asperger\w*|hepatitis|tuberculosis|multiple sclerosis|crohn\w*|asthma|lupus|stroke|heart attack|heart condition|burn-?out|anorexi\w+|bulimi\w+|eating disorder|miscarriage|abortion|alcoholi\w+|addict\w+|overdose|arthritis|chemo(?:therapy)?|dialysis|kidney failure|long covid|migraines?|endometriosis|ivf)"
SENSITIVE = re.compile(
    rf"\b(?:(?:was|were|been|is|got|being|get) (?:recently |first |just )?(?:diagnosed|hospitali[sz]ed|treated for|admitted to (?:hospital|the clinic|a clinic)|on (?:sick|maternity|medical|parental) leave|off sick|pregnant|in (?:a )?(?:rehab|therapy|psychiatric)|convicted|arrested|sentenced|on (?:probation|parole)|evicted|bankrupt|undergoing|gay|lesbian|bisexual|transgender|jewish|muslim|catholic|hindu|sikh)\b|who (?:is|was) (?:jewish|muslim|catholic|hindu|gay|lesbian|transgender)\b|"
    rf"(?:suffer(?:s|ed|ing)?|recover(?:s|ed|ing)|died|treatment|medication|tablets|pills|surgery|operated|therapy|counselling) (?:from|of|for|on|against)\b[^.\n]{{0,30}}\b{_ILLNESS}|(?:ha[sd]|have|having|with|after|for|since|of) (?:had |been |severe |chronic |early |terminal |stage \w+ |a |an |her |his |my )*{_ILLNESS}\b|\b(?:am|is|was|been|are) (?:hiv|{_ILLNESS})|on (?:antidepressants|insulin|methadone|lithium|chemo\w*)|\brehab for\b|(?:her|his|my) (?:diagnosis|psychiatrist|therapist|oncologist|pregnancy|miscarriage|probation officer|parole)\b|{_ILLNESS}, (?:needs|room|since|on)|"
    rf"pflegegrad|pflegestufe|(?:care|nursing) (?:level|home|grade)|needs help (?:with|at) (?:meals|washing|dressing)|(?:in )?a wheelchair|registered (?:disabled|blind)|blood (?:type|group)|"
    rf"(?:member|steward|rep(?:resentative)?|official|organi[sz]er) (?:of|in|for) (?:the|a|his|her|our) (?:[\w'’-]+ ){{0,3}}union\b|\bunion (?:member|rep|steward|dues)\b|(?:joined|joining) (?:the|a) (?:[\w'’-]+ ){{0,3}}union\b|(?:member|supporter) of the [\w ]{{2,30}} party\b|votes? (?:for|labour|conservative|republican|democrat)\b|"
    rf"criminal record|(?:convicted|found guilty|accused) of|(?:prison|jail) (?:sentence|term)|(?:salary|wages) (?:of|is|was)\b|owes \S*\d|debt advis|(?:is|was|am|been) in debt|(?:seeks|sought|granted|for) asylum|residence permit)",
)
CHILD = re.compile(
    r"\b(?i:my|our|her|his) (?i:son|daughter|child|boy|girl|kid|grandson|granddaughter|nephew|niece)(?i:'s)?,? [A-ZÀ-Þ]\w+[^.\n]{0,60}\b(?i:is (?:\d{1,2}|\w+)(?: years old)?|aged \d+|turns \d+|school|class|year \d|kindergarten|nursery|grade|teacher|primary)\b"
)
# Institutions and products are written like names; what is said of them is said of no person.
NO_PERSON = re.compile(
    r"\b(?:Act|Office|Agency|Department|Bureau|Commission|Committee|Congress|House|Senate|Union|States|Court|University|College|School|Institute|Party|Church|Bank|Company|Inc|Ltd|Corp|Foundation|Association|Center|Centre|Board|Council|Administration|Service|Services|Source|Software|Web|Open|Data|Network|Mail|Windows|Thunderbird|Google|Microsoft|Firefox|Policy|Program|Project|Security|News|Times|Post|Press|The|This|That|These|If|When|In|On|At|For|But|And|Or|Of|Health|Care|Insurance|General|Federal|National|American|Public|Government)\b"
)


def of_persons(text: str, lower: str) -> Iterator[Span]:
    """(start, end, kind) of every such datum, overlaps and all. lower: the same text in small letters, of the same length."""
    for start, end in joined(
        [(max(0, m.start() - BESIDE), min(len(text), m.end() + BESIDE)) for m in DIGITS.finditer(text)]
    ):
        yield from _numbers(text, lower, start, end)
    yield from _machines(text)
    yield from _statements(text, lower)


_STEMS_OF_NUMBERS = ("insurance", "social", "passport", "pass", "tax", "fiscal", "steuer", "licen", "identity", "id", "ausweis", "patient", "medical", "health", "medic", "policy", "member", "student", "pupil", "matri", "employee", "staff", "personnel", "payroll", "pension", "visa", "permit", "voter", "customer", "client", "subscriber", "nummer", "mrn", "tin", "nino", "nhs", "ssn", "nif", "dni", "cpf", "pesel", "bsn", "ahv", "avs", "aadhaar", "loyalty", "personal", "hospital", "registr", "fisc", "curp", "civil", "insured")  # fmt: skip
_STEMS_OF_BIRTH = ("born", "birth", "dob", "d.o.b", "geb", "né", "nacid", "nacim", "nato il", "nata il", "nascit", "naiss", "urod", "ur.", "föd", "fød", "b. ", "b.1", "*")  # fmt: skip
_STEMS_OF_CALLS = ("phone", "tel", "tél", "mobil", "handy", "cell", "call", "ring ", "text ", "dial", "reach", "number", "fax", "whatsapp", "signal", "telegram", "line", "nummer", "home", "work", "extension")  # fmt: skip


def _numbers(text: str, lower: str, start: int, end: int) -> Iterator[Span]:
    """What is numbers, in a stretch around some."""
    near = lower[start:end]
    if any(stem in near for stem in _STEMS_OF_NUMBERS):
        for match in NAMED_NUMBER.finditer(text, start, end):
            value = match["value"].strip(" -./")
            if sum(c.isdigit() for c in value) >= FEWEST_DIGITS and not _NO_NUMBER.match(value):
                yield match.start("value"), match.start("value") + len(value), "identity number"
    for pattern, is_right in SELF_EVIDENT:
        yield from ((*m.span(), "identity number") for m in pattern.finditer(text, start, end) if is_right(m.group()))
    if "plate" in near or "kennzeichen" in near or "registration" in near:
        yield from ((*m.span("value"), "licence plate") for m in PLATE.finditer(text, start, end))
    if any(stem in near for stem in _STEMS_OF_BIRTH):
        yield from (
            (*m.span("value"), "date of birth") for p in (BIRTH, BIRTH_COLUMN) for m in p.finditer(text, start, end)
        )
    if any(stem in near for stem in _STEMS_OF_CALLS):
        for match in PHONE.finditer(text, start, end):
            value = match["value"].strip().rstrip("(- ")
            n = sum(c.isdigit() for c in value)
            if (
                PHONE_DIGITS[0] <= n <= PHONE_DIGITS[1]
                and value.count("(") == value.count(")")
                and not _NO_PHONE.match(value)
            ):
                yield match.start("value"), match.start("value") + len(value), "phone number"
    yield from ((*match.span(), "street address") for match in STREETS.finditer(text, start, end))


def _machines(text: str) -> Iterator[Span]:
    """The address of a machine beside a person's name or a word for a user."""
    if "." not in text and "::" not in text:
        return
    for match in ADDRESS_OF_MACHINE.finditer(text):
        if not _is_public(match.group()):
            continue
        line = max(text.rfind("\n", 0, match.start()) + 1, match.start() - BESIDE)
        end = text.find("\n", match.end())
        before, after = (
            text[line : match.start()],
            text[match.end() : min(match.end() + BESIDE, end if end >= 0 else len(text))],
        )
        if OF_A_SERVER.search(before) or ("." in match.group() and not GIVES_ADDRESS.search(before)):
            continue
        if OF_A_USER.search(before) or _names_person(before) or _names_person(after):
            yield *match.span(), "address of a machine"


def _is_public(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    # The ranges kept for documentation stand for real ones in texts.
    is_example = any(address.startswith(block) for block in ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"))
    return is_example or (found.is_global and address not in ("8.8.8.8", "8.8.4.4", "1.1.1.1", "9.9.9.9"))


def _names_person(text: str) -> bool:
    return any(not NO_PERSON.search(m.group()) for m in IS_NAME.finditer(text))


def _statements(text: str, lower: str) -> Iterator[Span]:
    """Sentences that say of a person what is nobody's business."""
    if any(stem in lower for stem in (" son", "daughter", "child", "boy", "girl", "kid", "nephew", "niece")):
        yield from ((*match.span(), "child") for match in CHILD.finditer(text))
    places = around(lower, _STEMS_OF_STATEMENTS, BESIDE)
    for match in (m for start, end in places for m in SENSITIVE.finditer(lower, start, end)):
        begin = _sentence_start(text, match.start())
        end = min(
            (at for mark in (". ", "\n", "! ", "? ") if (at := text.find(mark, match.end())) >= 0), default=len(text)
        )
        person = next((m for m in PERSON.finditer(text, begin, end) if not NO_PERSON.search(m.group())), None)
        if person:
            yield min(person.start(), match.start()), max(person.end(), match.end()), "statement about a person"


# A full stop after a title or an initial ends no sentence.
_STOP = re.compile(r"(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\b[A-Z])[.!?] |\n")


def _sentence_start(text: str, at: int) -> int:
    start = max(0, at - 200)
    return max((stop.end() for stop in _STOP.finditer(text, start, at)), default=start)


_STEMS_OF_STATEMENTS = ("diagnos", "hospital", "sick", "leave", "pregnan", "rehab", "convict", "arrest", "sentence", "probation", "parole", "evict", "bankrupt", "gay", "lesbian", "bisex", "transg", "jewish", "muslim", "catholic", "hindu", "sikh", "hiv", "aids", "cancer", "tumo", "leuk", "diabet", "epilep", "parkinson", "alzheimer", "dementia", "depression", "bipolar", "schizo", "psych", "anxiety", "panic", "ptsd", "autis", "adhd", "asperger", "hepatit", "tubercul", "sclerosis", "crohn", "asthma", "lupus", "stroke", "heart ", "burnout", "burn-out", "anorex", "bulim", "eating dis", "miscarr", "abortion", "alcohol", "addict", "overdose", "arthritis", "chemo", "dialysis", "kidney", "covid", "migraine", "endomet", "ivf", "insulin", "methadone", "lithium", "therap", "oncolog", "pflege", "nursing", "care level", "needs help", "wheelchair", "registered", "blood ", "union", " party", "criminal", "guilty", "accused", "prison", "jail", "salary", "wage", "income", "pension", "debt", "benefit", "owes", "asylum", "undocumented", "residence", "votes", "treated", "undergoing")  # fmt: skip


def _is_cpf(value: str) -> bool:
    digits = [int(c) for c in value if c.isdigit()]
    for n in (9, 10):
        check = sum(d * w for d, w in zip(digits[:n], range(n + 1, 1, -1), strict=True)) * 10 % 11 % 10
        if check != digits[n]:
            return False
    return len(set(digits)) > 1


def _is_dni(value: str) -> bool:
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(value[:8]) % 23] == value[-1]
