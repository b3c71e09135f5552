"""Names of countries, in small letters: the last line of an address, and what makes a line one."""

from __future__ import annotations

import re

_NAMES = """
afghanistan albania algeria andorra angola argentina armenia australia austria azerbaijan bahamas bahrain bangladesh barbados belarus
belgium belize benin bhutan bolivia botswana brazil brunei bulgaria burundi cambodia cameroon canada chad chile china colombia comoros
congo croatia cuba cyprus czechia denmark djibouti dominica ecuador egypt eritrea estonia eswatini ethiopia fiji finland france gabon
gambia germany ghana greece greenland grenada guatemala guinea guyana haiti honduras hungary iceland india indonesia iran iraq ireland
israel italy jamaica japan jordan kazakhstan kenya kosovo kuwait kyrgyzstan laos latvia lebanon lesotho liberia libya liechtenstein
lithuania luxembourg madagascar malawi malaysia maldives mali malta mauritania mauritius mexico moldova monaco mongolia montenegro
morocco mozambique myanmar namibia nepal netherlands nicaragua niger nigeria norway oman pakistan palau panama paraguay peru
philippines poland portugal qatar romania russia rwanda senegal serbia seychelles singapore slovakia slovenia somalia spain sudan
suriname sweden switzerland syria taiwan tajikistan tanzania thailand togo tonga tunisia turkey turkmenistan uganda ukraine uruguay
uzbekistan vanuatu venezuela vietnam yemen zambia zimbabwe england scotland wales deutschland österreich schweiz españa italia polska
usa uk
"""
_OF_SEVERAL_WORDS = (
    "united kingdom", "united states", "united states of america", "new zealand", "south africa", "south korea", "north korea", "sri lanka",
    "saudi arabia", "united arab emirates", "costa rica", "puerto rico", "el salvador", "dominican republic", "czech republic", "hong kong",
    "northern ireland", "north macedonia", "papua new guinea", "ivory coast", "burkina faso", "sierra leone", "cape verde", "san marino",
)  # fmt: skip
COUNTRIES = frozenset(_NAMES.split()) | frozenset(_OF_SEVERAL_WORDS)
COUNTRY = re.compile(
    r"\b(?:" + "|".join(re.escape(name) for name in sorted(COUNTRIES, key=len, reverse=True)) + r")\b(?: \(\w+\))?",
    re.IGNORECASE,
)
