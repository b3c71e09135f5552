"""Keeps the collection of garbage off what never becomes garbage.

Streamlit collects after every run of a script, those of a page's parts included, and each time Python walks over all that
the libraries made at import: a tenth of a second in which no other session gets on. What modules made stays; it is
set aside once they are loaded.
"""

from __future__ import annotations

import gc
import sys

_n_modules = 0


def set_modules_aside() -> None:
    """Take everything alive out of further collections, when modules were loaded since the last time.

    What a session holds at that moment is set aside with it: it goes as its last user lets go of it, and only a ring that
    refers to itself would stay. Modules are loaded on the first visits alone, so these are few.
    """
    global _n_modules
    if len(sys.modules) == _n_modules:
        return
    _n_modules = len(sys.modules)
    gc.collect()
    gc.freeze()
