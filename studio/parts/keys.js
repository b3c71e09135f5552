// Turns key presses into one choice for the item on the screen. Ignores held keys, typing,
// unfinished input methods and open dialogs; says nothing twice for one item. `?` shows the keys.
const state = new WeakMap();

function isTyping(target) {
  return target && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

function fillLegend(legend, lines) {
  const list = legend.querySelector("dl");
  list.replaceChildren();
  for (const [key, label] of lines) {
    const name = document.createElement("kbd"), term = document.createElement("dt"), says = document.createElement("dd");
    name.textContent = key;
    term.append(name);
    says.textContent = label;
    list.append(term, says);
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const before = state.get(parentElement);
  if (before) document.removeEventListener("keydown", before.listener, true);
  const isSame = before && before.item === data.item && before.turn === data.turn;
  const sent = isSame ? before.sent : { done: false };
  const legend = parentElement.querySelector("#legend");
  fillLegend(legend, data.legend);
  const listener = (event) => {
    const target = event.composedPath()[0];
    if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
    if (document.querySelector("[role=dialog]")) return;
    if (event.key === "?") { event.preventDefault(); legend.open = !legend.open; return; }
    if (event.key === "Escape" && legend.open) { legend.open = false; return; }
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    const choice = data.keys[key];
    if (!choice || sent.done) return;
    event.preventDefault();
    sent.done = true;
    setTriggerValue("choice", { name: choice, item: data.item });
  };
  document.addEventListener("keydown", listener, true);
  state.set(parentElement, { listener, item: data.item, turn: data.turn, sent });
  return () => document.removeEventListener("keydown", listener, true);
}
