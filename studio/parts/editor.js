// The review editor: the draft as text to edit, saved every two seconds, with the seconds spent
// reading and typing counted (idle ones left out). Ctrl/Cmd+Enter signs off from inside the text.
// Whoever reads without a touch still holds the draft: while the page is seen, it says so every minute, for a while.
const SAVE_MS = 2000, IDLE_MS = 30000, HOLD_MS = 60000, AWAY_MS = 1200000;
const kept = new WeakMap();

function grow(area) {
  area.style.height = "auto";
  area.style.height = area.scrollHeight + 4 + "px";
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const area = parentElement.querySelector("textarea");
  let session = kept.get(parentElement);
  if (!session) {
    session = { item: null, turn: null, saved: "", seconds: 0, activeAt: Date.now(), sent: false };
    kept.set(parentElement, session);
  } else {
    session.detach();
  }
  if (session.item !== data.item) {
    const isFirst = session.item === null;
    Object.assign(session, { item: data.item, saved: data.text, seconds: data.seconds, activeAt: Date.now(), sent: false });
    area.value = data.text;
    // Out of the text: the next key decides, and would otherwise be typed into a draft that nobody has read yet.
    area.blur();
    grow(area);
    if (!isFirst && area.getBoundingClientRect().top < 0) area.scrollIntoView({ block: "start" });
  }
  // A verdict that was not taken (an empty text, nothing to undo) leaves the item where it was: it may be decided again.
  if (session.turn !== data.turn) Object.assign(session, { turn: data.turn, sent: false });
  grow(area);
  const state = parentElement.querySelector("#state");
  const legend = parentElement.querySelector("#legend");
  const buttons = parentElement.querySelectorAll("button");
  for (const button of buttons) button.disabled = session.sent;
  const told = () => { state.textContent = area.value === session.saved ? "Saved" : "Not saved yet"; };
  let toldAt = Date.now();
  const save = (isHeld = false) => {
    if ((area.value === session.saved && isHeld !== true) || session.sent) return;
    session.saved = area.value;
    toldAt = Date.now();
    setTriggerValue("saved", { item: session.item, text: area.value, seconds: Math.round(session.seconds) });
    told();
  };
  const decide = (decision) => {
    if (session.sent) return;
    session.sent = true;
    for (const button of buttons) button.disabled = true;
    setTriggerValue("decided", { item: session.item, decision, text: area.value, seconds: Math.round(session.seconds) });
  };
  const active = () => { session.activeAt = Date.now(); };
  const onInput = () => { active(); grow(area); told(); };
  const onKey = (event) => {
    active();
    if (event.repeat || event.isComposing || document.querySelector("[role=dialog]")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      decide("sign_off");
      return;
    }
    const target = event.composedPath()[0];
    if (event.key === "Escape" && target === area) { area.blur(); return; }
    if (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "?") { event.preventDefault(); legend.open = !legend.open; return; }
    if (/^[1-9]$/.test(event.key)) {
      event.preventDefault();
      setTriggerValue("reason", { item: session.item, place: Number(event.key) - 1 });
      return;
    }
    const key = event.key.toUpperCase();
    if (key === "S") { event.preventDefault(); decide("sign_off"); }
    if (key === "X") { event.preventDefault(); decide("reject"); }
    if (key === "Z") { event.preventDefault(); decide("undo"); }
    if (key === "E") { event.preventDefault(); area.focus(); }
  };
  const onHide = () => { if (document.visibilityState === "hidden") save(); };
  area.addEventListener("input", onInput);
  area.addEventListener("blur", save);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("pointerdown", active, true);
  document.addEventListener("scroll", active, true);
  document.addEventListener("visibilitychange", onHide);
  for (const button of buttons) button.onclick = () => decide(button.dataset.decision);
  let lastSave = Date.now();
  const tick = setInterval(() => {
    const now = Date.now();
    if (document.visibilityState === "visible" && now - session.activeAt < IDLE_MS) session.seconds += 0.5;
    if (now - lastSave >= SAVE_MS) { lastSave = now; save(); }
    const isThere = document.visibilityState === "visible" && now - session.activeAt < AWAY_MS;
    if (isThere && now - toldAt >= HOLD_MS) save(true);
  }, 500);
  session.detach = () => {
    clearInterval(tick);
    area.removeEventListener("input", onInput);
    area.removeEventListener("blur", save);
    document.removeEventListener("keydown", onKey, true);
    document.removeEventListener("pointerdown", active, true);
    document.removeEventListener("scroll", active, true);
    document.removeEventListener("visibilitychange", onHide);
  };
  told();
  return () => session.detach();
}
