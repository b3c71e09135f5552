// Focuses a field once, and keeps what is typed into it in this browser until the page has it: see focus.py.
const done = new WeakMap();
const COPY = "proofroom-field:";

function setText(field, text) {
  // React notices a value only through the element's own setter and an event.
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function store(name, copy) {
  try { copy ? localStorage.setItem(COPY + name, JSON.stringify(copy)) : localStorage.removeItem(COPY + name); } catch { /* no store here */ }
}

function kept(name) {
  try { return JSON.parse(localStorage.getItem(COPY + name)); } catch { return null; }
}

function open(field, data) {
  const copy = kept(data.name);
  let before = field.value;
  field.addEventListener("input", () => store(data.name, field.value === before ? null : { text: field.value, over: before }));
  field.focus();
  field.setSelectionRange(0, 0);
  field.scrollTop = 0;
  // Right after a reload the field may be drawn before its text is.
  const restore = (left) => {
    before = field.value;
    if (!copy || copy.text === before) return;
    if (copy.over === before) setText(field, copy.text);
    else if (left) setTimeout(() => restore(left - 1), 100);
  };
  restore(20);
}

export default function (component) {
  const { data, parentElement } = component;
  if (done.get(parentElement) === data.token) return;
  done.set(parentElement, data.token);
  const giveUp = (event) => { if (event.target.closest(data.given_up_by)) store(data.name, null); };
  document.addEventListener("click", giveUp, true);
  // The field may be drawn a moment later; wait for it, but not for ever.
  const attempt = (left) => {
    const field = document.querySelector(data.selector);
    if (field) open(field, data);
    else if (left) setTimeout(() => attempt(left - 1), 50);
  };
  attempt(20);
  return () => document.removeEventListener("click", giveUp, true);
}
