"""Whether the audit trail of a store is whole, without a job."""

from __future__ import annotations

from core.privacy.audit import Entry
from core.privacy.audit_check import Outcome, verify
from core.store.connection import Store
from core.store.trail import head_in
from core.store.trail_start import ENTRY_COLUMNS


def checked(store: Store) -> Outcome:
    snapshot, content = store.snapshot_with_head()
    rows = snapshot.read(f"SELECT {ENTRY_COLUMNS} FROM events ORDER BY seq, mac")
    snapshot.close()
    head, is_forged = head_in(content, store.trail.key)
    return verify((Entry(*row.values()) for row in rows), store.trail.key, head, head_is_forged=is_forged)
