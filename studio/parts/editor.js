// The review editor: the draft as text to edit, saved every two seconds, with the seconds spent
// reading and typing counted. Idle ones are left out: those beyond half a minute without a touch, or beyond the time that reading
// the text takes. Ctrl/Cmd+Enter signs off from inside the text.
// Saved is what the studio sent back as stored. Until then the text also lies in this browser, for a reload or a server that is away.
// What was changed so far stands below the text, word by word.
// Whoever reads without a touch still holds the draft: while the page is seen, it says so every minute, for a while.
// What the same person typed on another device is taken over where nothing is unsaved here: when the page is looked at again, and with
// every answer. A verdict says which texts it knows, so that none is given on a text that was changed elsewhere.

// Two hundred words a minute (Brysbaert 2019: silent reading takes 175 to 300).
const READING_MS = 300;
const MOST_KNOWN = 4, LOOK_MS = 1000;
const SAVE_MS = 2000, IDLE_MS = 30000, HOLD_MS = 60000, AWAY_MS = 1200000, ANSWER_MS = 6000, CHANGES_MS = 150, BELOW_BAR_PX = 64, DRAWN_MS = 250;
const DONE = { sign_off: "The last one is signed off", reject: "The last one is rejected", undo: "Your verdict is taken back", later: "The last one comes again later" };
// Of one that went without a reason it is said at once, while taking it back is one key away.
const WITHOUT_REASON = "Rejected without a reason. To give one: Undo verdict";
const kept = new WeakMap();

const plainLines = (text) => text.replace(/\r\n?/g, "\n").replace(/\0/g, "");

// Measured on a copy: were the text itself made small for it, the page would be scrolled to elsewhere.
function grow(area) {
  const measured = area.cloneNode();
  Object.assign(measured.style, { position: "absolute", visibility: "hidden", height: "auto", width: area.offsetWidth + "px" });
  measured.removeAttribute("id");
  measured.value = area.value;
  area.after(measured);
  area.style.height = measured.scrollHeight + 4 + "px";
  measured.remove();
}

// A draft with what was asked for above it, below the page's own bar.
function bringIntoSight(area) {
  const first = document.querySelector(".st-key-review_brief") ?? area;
  if (first.getBoundingClientRect().top < BELOW_BAR_PX) first.scrollIntoView({ block: "start" });
}

function know(session, text) {
  session.known = [...session.known.filter((one) => one !== text), text].slice(-MOST_KNOWN);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const area = parentElement.querySelector("textarea");
  let session = kept.get(parentElement);
  if (!session) {
    session = { item: null, turn: null, saved: "", known: [], asked: null, askedAt: 0, triedAt: 0, seconds: 0, activeAt: Date.now(), sent: false, sentAt: 0, decision: null, before: "" };
    kept.set(parentElement, session);
    forgetOldCopies();
  } else {
    session.detach();
  }
  const stored = plainLines(data.text);
  const copyKey = data.who + ":" + data.item;
  if (session.item !== data.item) {
    const isFirst = session.item === null;
    // Decided on, or taken over by a colleague: its copy has served.
    if (!isFirst) writeCopy(session.copyKey, null);
    Object.assign(session, { item: data.item, copyKey, saved: stored, asked: null, seconds: data.seconds, activeAt: Date.now(), sent: false });
    // What became of the draft before stands beside this one until something is typed: nobody has to go by a number that changed.
    session.before = session.decision === "reject" && data.lacked_reason ? WITHOUT_REASON : DONE[session.decision] ?? "";
    session.decision = null;
    session.arrived = stored;
    const copy = readCopy(copyKey);
    // Typed on top of what the studio has, and never stored: it goes on from there.
    const goesOn = copy !== null && copy.on.includes(stored);
    area.value = goesOn ? copy.text : stored;
    session.known = goesOn ? [stored, copy.text] : [stored];
    // Out of the text: the next key decides, and would otherwise be typed into a draft that nobody has read yet.
    area.blur();
    grow(area);
    if (!isFirst) {
      bringIntoSight(area);
      // What stands above it may be drawn a moment later, and be lower than what stood there.
      clearTimeout(session.drawnSoon);
      session.drawnSoon = setTimeout(() => bringIntoSight(area), DRAWN_MS);
    }
  } else if (!session.known.includes(stored)) {
    if (area.value === session.saved) area.value = stored;
    know(session, stored);
  }
  // A verdict that was not taken (an empty text, nothing to undo) leaves the item where it was: it may be decided again.
  if (session.turn !== data.turn) Object.assign(session, { turn: data.turn, sent: false });
  // An answer, if to an older text: the studio is there.
  if (session.saved !== stored) session.askedAt = Date.now();
  session.saved = stored;
  if (session.asked === stored) session.asked = null;
  grow(area);
  const state = parentElement.querySelector("#state");
  const legend = parentElement.querySelector("#legend");
  const buttons = parentElement.querySelectorAll("button");
  for (const button of buttons) button.disabled = session.sent;
  parentElement.querySelector("[data-decision=undo]").hidden = !data.can_undo;
  const isSaved = () => area.value === session.saved;
  const told = () => {
    const late = Date.now() - ANSWER_MS;
    const isAway = session.sent ? session.sentAt < late : session.asked !== null && session.askedAt < late;
    state.textContent = isAway
      ? "Not stored: the studio does not answer. Your text is kept in this browser."
      : !isSaved() ? "Not saved yet"
      : session.before && area.value === session.arrived ? session.before
      : area.value === plainLines(data.draft) ? "" : "Saved";
    state.classList.toggle("away", isAway);
    if (isAway && session.sent) {
      // The verdict did not arrive; it can be given again.
      session.sent = false;
      for (const button of buttons) button.disabled = false;
      session.asked = area.value;
      session.askedAt = session.sentAt;
    }
  };
  const copy = () => writeCopy(session.copyKey, isSaved() ? null : {
    text: area.value, on: session.asked === null ? [session.saved] : [session.saved, session.asked],
  });
  copy();
  let toldAt = Date.now();
  const save = (isHeld = false) => {
    if (session.sent || (isSaved() && isHeld !== true)) return;
    // Asked for and not answered yet: once more, but not at every tick.
    if (session.asked === area.value && Date.now() - session.triedAt < ANSWER_MS) return;
    // How long it stays unanswered counts from the first time.
    if (session.asked === null) session.askedAt = Date.now();
    toldAt = session.triedAt = Date.now();
    if (isSaved()) {
      // Only held: the text that the studio has may be a newer one, from another device.
      setTriggerValue("saved", { item: session.item, text: null, seconds: Math.round(session.seconds), at: toldAt });
      return;
    }
    session.asked = area.value;
    know(session, area.value);
    copy();
    setTriggerValue("saved", { item: session.item, text: area.value, seconds: Math.round(session.seconds) });
    told();
  };
  const decide = (decision) => {
    if (session.sent) return;
    Object.assign(session, { sent: true, sentAt: Date.now(), decision });
    for (const button of buttons) button.disabled = true;
    setTriggerValue("decided", { item: session.item, decision, text: area.value, known: session.known, seconds: Math.round(session.seconds) });
  };
  const active = () => { session.activeAt = Date.now(); };
  const idleAfter = () => Math.max(IDLE_MS, READING_MS * area.value.split(/\s+/).length);
  const changes = parentElement.querySelector("#changes");
  const onInput = () => {
    active();
    grow(area);
    copy();
    told();
    // Between two keys, never before what was typed is seen.
    clearTimeout(session.changesSoon);
    session.changesSoon = setTimeout(() => showChanges(changes, plainLines(data.draft), area.value), CHANGES_MS);
  };
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
    if (event.key === "?") {
      event.preventDefault();
      legend.open = !legend.open;
      if (legend.open) legend.scrollIntoView({ block: "nearest" });
      return;
    }
    if (/^[1-9]$/.test(event.key)) {
      event.preventDefault();
      setTriggerValue("reason", { item: session.item, place: Number(event.key) - 1 });
      return;
    }
    const key = event.key.toUpperCase();
    if (key === "S") { event.preventDefault(); decide("sign_off"); }
    if (key === "X") { event.preventDefault(); decide("reject"); }
    if (key === "L") { event.preventDefault(); decide("later"); }
    if (key === "Z") { event.preventDefault(); decide("undo"); }
    if (key === "G") { event.preventDefault(); setTriggerValue("guide", { at: Date.now() }); }
    if (key === "E") { event.preventDefault(); area.focus(); }
  };
  const onLook = () => { if (Date.now() - session.triedAt > LOOK_MS) save(true); };
  const onSeen = () => { if (document.visibilityState === "hidden") save(); else onLook(); };
  area.addEventListener("input", onInput);
  area.addEventListener("blur", save);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("pointerdown", active, true);
  document.addEventListener("pointermove", active, true);
  document.addEventListener("scroll", active, true);
  document.addEventListener("visibilitychange", onSeen);
  window.addEventListener("focus", onLook);
  for (const button of buttons) button.onclick = () => decide(button.dataset.decision);
  let lastSave = Date.now();
  const tick = setInterval(() => {
    const now = Date.now();
    if (document.visibilityState === "visible" && now - session.activeAt < idleAfter()) session.seconds += 0.5;
    if (now - lastSave >= SAVE_MS) { lastSave = now; save(); }
    told();
    const isThere = document.visibilityState === "visible" && now - session.activeAt < AWAY_MS;
    if (isThere && now - toldAt >= HOLD_MS) save(true);
  }, 500);
  session.detach = () => {
    clearInterval(tick);
    clearTimeout(session.changesSoon);
    area.removeEventListener("input", onInput);
    area.removeEventListener("blur", save);
    document.removeEventListener("keydown", onKey, true);
    document.removeEventListener("pointerdown", active, true);
    document.removeEventListener("pointermove", active, true);
    document.removeEventListener("scroll", active, true);
    document.removeEventListener("visibilitychange", onSeen);
    window.removeEventListener("focus", onLook);
  };
  told();
  showChanges(changes, plainLines(data.draft), area.value);
  return () => {
    session.detach();
    // The page went on after a verdict: its copy has served.
    if (session.sent) writeCopy(session.copyKey, null);
  };
}
