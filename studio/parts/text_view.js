// Shows text as it is read: paragraphs, headings, lists and code, with marked spans.
// Everything is set with textContent, so nothing in a record can become markup.
// Strong words and code inside a line lose their markers; everything else stays as it was written.
function words(parent, text) {
  for (const part of text.split(/(\*\*[^*\n]+\*\*|`[^`\n]+`)/)) {
    const isStrong = part.length > 4 && part.startsWith("**") && part.endsWith("**");
    const isCode = part.length > 2 && part.startsWith("`") && part.endsWith("`");
    if (!isStrong && !isCode) { parent.append(part); continue; }
    const shown = document.createElement(isStrong ? "strong" : "code");
    shown.textContent = isStrong ? part.slice(2, -2) : part.slice(1, -1);
    parent.append(shown);
  }
}

function piece(parent, text, marks, start, say = (to, part) => to.append(part)) {
  let at = 0;
  for (const mark of marks) {
    const from = Math.max(0, mark.start - start), to = Math.min(text.length, mark.end - start);
    if (to <= at || from >= text.length) continue;
    say(parent, text.slice(at, Math.max(at, from)));
    const shown = document.createElement("mark");
    shown.textContent = text.slice(Math.max(at, from), to);
    shown.title = mark.label;
    shown.className = mark.kind || "flag";
    parent.append(shown);
    at = to;
  }
  say(parent, text.slice(at));
}

function lines(block, marks) {
  const box = document.createElement("div");
  let start = 0, code = null;
  for (const line of block.text.split("\n")) {
    if (block.plain) {
      const row = document.createElement("div");
      row.className = "code" + (line.startsWith("+") ? " plus" : line.startsWith("-") ? " minus" : "");
      piece(row, line || " ", marks, start);
      box.append(row);
    } else if (line.startsWith("```")) {
      code = code ? null : box.appendChild(document.createElement("pre"));
    } else if (code) {
      piece(code, line + "\n", marks, start);
    } else {
      const heading = /^(#{1,6})\s+/.exec(line), bullet = /^\s*(?:[-*]|\d+\.)\s+/.exec(line);
      const quoted = line.startsWith(">");
      const row = document.createElement(heading ? "h4" : "p");
      if (bullet) row.className = "item";
      if (quoted) row.className = "quote";
      if (!line.trim()) row.className = "gap";
      const skip = heading ? heading[0].length : quoted ? 1 : 0;
      piece(row, line.slice(skip), marks, start + skip, words);
      box.append(row);
    }
    start += line.length + 1;
  }
  return box;
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector("#text");
  root.replaceChildren();
  for (const block of data.blocks) {
    const part = document.createElement("section");
    if (block.kind) part.className = block.kind;
    if (block.label) {
      const label = document.createElement("header");
      label.textContent = block.label;
      part.append(label);
    }
    if (block.tokens) {
      const text = document.createElement("div");
      text.className = "tokens";
      for (const [token, isLearnt] of block.tokens) {
        const shown = document.createElement(isLearnt ? "b" : "span");
        shown.textContent = token.replaceAll("\n", "↵\n");
        text.append(shown);
      }
      part.append(text);
      root.append(part);
      continue;
    }
    if (block.spans) {
      const text = document.createElement("div");
      text.className = block.is_comparison ? "difference comparison" : "difference";
      for (const span of block.spans) {
        const shown = document.createElement(span.kind === "same" ? "span" : span.kind === "added" ? "ins" : "del");
        shown.textContent = span.text;
        text.append(shown);
      }
      part.append(text);
    } else {
      part.append(lines(block, block.marks || []));
    }
    root.append(part);
  }
}
