// Copies of what is typed, in this browser until the studio has it. Stands before each component's own script: see copies.py.
const COPIES = "proofroom-typed:", FORGET_MS = 30 * 86400000;

function readCopy(name) {
  try { return JSON.parse(localStorage.getItem(COPIES + name)); } catch { return null; }
}

function writeCopy(name, copy) {
  // A full or forbidden store costs the second copy, not the first.
  try {
    if (copy) localStorage.setItem(COPIES + name, JSON.stringify({ ...copy, at: Date.now() }));
    else localStorage.removeItem(COPIES + name);
  } catch { /* see above */ }
}

function forgetOldCopies() {
  try {
    for (const key of Object.keys(localStorage).filter((key) => key.startsWith(COPIES))) {
      const name = key.slice(COPIES.length);
      if (!(Date.now() - (readCopy(name)?.at ?? 0) < FORGET_MS)) writeCopy(name, null);
    }
  } catch { /* no store in this browser */ }
}

