// Focuses a field once, and keeps what is typed into it in this browser until the page has it: see focus.py.
const opened = new WeakMap();

function setText(field, text) {
  // React notices a value only through the element's own setter and an event.
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function open(field, name) {
  const copy = readCopy(name);
  let before = field.value;
  field.addEventListener("input", () => writeCopy(name, field.value === before ? null : { text: field.value, over: before }));
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
  if (opened.get(parentElement) === data.token) return;
  opened.set(parentElement, data.token);
  forgetOldCopies();
  // Stored or given up, the copy goes when the page takes the field away; a refusal leaves both.
  let isOver = false;
  const onClick = (event) => { if (event.target.closest(data.ended_by)) isOver = true; };
  const onKey = (event) => { if ((event.ctrlKey || event.metaKey) && event.key === "Enter") isOver = true; };
  document.addEventListener("click", onClick, true);
  document.addEventListener("keydown", onKey, true);
  // The field may be drawn a moment later; wait for it, but not for ever.
  const attempt = (left) => {
    const field = document.querySelector(data.selector);
    if (field) open(field, data.name);
    else if (left) setTimeout(() => attempt(left - 1), 50);
  };
  attempt(20);
  return () => {
    document.removeEventListener("click", onClick, true);
    document.removeEventListener("keydown", onKey, true);
    if (isOver) writeCopy(data.name, null);
  };
}
