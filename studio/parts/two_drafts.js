// Two drafts beside one another, as they are stored: set with textContent, so nothing in a draft becomes markup.
// A new pair is shown from its beginning, whoever scrolled in the one before.
const shown = new WeakMap();

export default function (component) {
  const { data, parentElement } = component;
  const isNew = shown.get(parentElement) !== data.pair;
  shown.set(parentElement, data.pair);
  for (const side of ["a", "b"]) {
    const section = parentElement.querySelector("#" + side), draft = section.querySelector(".draft");
    draft.textContent = data[side].trim() ? data[side] : "This draft has no text.";
    draft.classList.toggle("none", !data[side].trim());
    if (isNew) section.scrollTop = 0;
  }
  const pair = parentElement.querySelector("#pair");
  if (isNew && pair.getBoundingClientRect().top < 0) pair.scrollIntoView({ block: "start" });
}
