// Turns key presses into one choice for the item on the screen. Ignores held keys, typing,
// unfinished input methods and open dialogs; says nothing twice for one item.
const state = new WeakMap();

function isTyping(target) {
  return target && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const before = state.get(parentElement);
  if (before) document.removeEventListener("keydown", before.listener, true);
  const sent = before && before.item === data.item && before.turn === data.turn ? before.sent : { done: false };
  const listener = (event) => {
    const target = event.composedPath()[0];
    if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
    if (document.querySelector("[role=dialog]")) return;
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
