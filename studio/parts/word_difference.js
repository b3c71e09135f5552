// The difference between two texts, word by word: runs of [kind, text] with kind "same", "removed" or "added". Without the added ones they
// give the first text, without the removed ones the second, to the letter. Pieces are what core/review/edits.py takes for pieces.
// One table of the longest common subsequence; null where it would be too large, and the browser would stand still.
const PIECES = /\s+|[\p{L}\p{N}\p{M}_]+(?:['’.,:/-][\p{L}\p{N}\p{M}_]+)*|[^\s\p{L}\p{N}\p{M}_]/gu, MOST_CELLS = 4e6;

function wordDifference(before, after) {
  const a = before.match(PIECES) ?? [], b = after.match(PIECES) ?? [];
  let start = 0, endA = a.length, endB = b.length;
  while (start < endA && start < endB && a[start] === b[start]) start += 1;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) { endA -= 1; endB -= 1; }
  const rows = endA - start, width = endB - start + 1;
  if ((rows + 1) * width > MOST_CELLS) return null;
  const common = new Uint32Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = width - 2; j >= 0; j -= 1) {
      common[i * width + j] = a[start + i] === b[start + j]
        ? common[(i + 1) * width + j + 1] + 1
        : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  const runs = [];
  const add = (kind, text) => {
    if (!text) return;
    const last = runs[runs.length - 1];
    if (last && last[0] === kind) last[1] += text;
    else runs.push([kind, text]);
  };
  add("same", a.slice(0, start).join(""));
  let i = 0, j = 0;
  while (i < rows || j < width - 1) {
    if (i < rows && j < width - 1 && a[start + i] === b[start + j]) { add("same", a[start + i]); i += 1; j += 1; }
    else if (i < rows && (j === width - 1 || common[(i + 1) * width + j] >= common[i * width + j + 1])) { add("removed", a[start + i]); i += 1; }
    else { add("added", b[start + j]); j += 1; }
  }
  add("same", a.slice(endA).join(""));
  return runs;
}

// As few words of what stayed as are needed to find the place: a few before, a few behind.
const NEAR_WORDS = 5;

function nearby(text, isFirst, isLast) {
  const pieces = text.split(/(?<=\s)/u);
  if (isFirst && isLast) return "";
  if (isFirst) return pieces.length > NEAR_WORDS ? "… " + pieces.slice(-NEAR_WORDS).join("") : text;
  if (isLast) return pieces.length > NEAR_WORDS ? pieces.slice(0, NEAR_WORDS).join("").trimEnd() + " …" : text;
  return pieces.length > 2 * NEAR_WORDS
    ? pieces.slice(0, NEAR_WORDS).join("").trimEnd() + " … " + pieces.slice(-NEAR_WORDS).join("") : text;
}

function showChanges(place, before, after) {
  const runs = before === after ? [] : wordDifference(before, after);
  place.hidden = runs !== null && !runs.some(([kind]) => kind !== "same");
  const text = place.querySelector("p");
  if (runs === null) { text.textContent = "Too much is changed to be shown word by word."; return; }
  text.replaceChildren(...runs.map(([kind, words], n) => {
    if (kind === "same") return document.createTextNode(nearby(words, n === 0, n === runs.length - 1));
    const mark = document.createElement(kind === "added" ? "ins" : "del");
    mark.textContent = words;
    return mark;
  }));
}
