// Browse a version: filters, cards, and one row with everything that is known of it.

import { $, ask, beforeAfter, figure, latest, make, picture, shown, trouble } from "/page.js";

const WORDS = { kind: "Kind or finding", split: "Split", status: "Status", reason: "Reason", label: "Label" };
const CHANNELS = { image: "image", altered: "with opacity", alpha: "opacity" };
const state = { offset: 0, start: null, drawOn: null };

// Show the version; `drawOn` is called with the name of an image that opacities shall be drawn on.
export async function startVersion(start, drawOn) {
  state.start = start;
  state.drawOn = drawOn;
  for (const label of document.querySelectorAll(".for-version")) label.hidden = false;
  const counts = await ask("/api/counts");
  for (const box of document.querySelectorAll("#layers input")) {
    box.parentElement.classList.toggle("not-in-version", !counts.layers.includes(box.id.slice(6)));
  }
  $("filters").replaceChildren(
    ...Object.entries(WORDS).filter(([name]) => Object.keys(counts[name]).length).map(([name, words]) => choice(name, words, counts[name])),
    ...(start.version === "synthetic" ? [bound("faintest", "Severity from", 0), bound("densest", "Severity to", 1)] : []),
    make("label", {}, "Name holds ", make("input", { type: "search", name: "text", autocomplete: "off" })));
  for (const select of $("filters").querySelectorAll("select")) select.addEventListener("change", again);
  for (const input of $("filters").querySelectorAll("input")) input.addEventListener("input", again);
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("back").addEventListener("click", () => turn(-1));
  $("on").addEventListener("click", () => turn(1));
  $("detail").addEventListener("close", () => $("views").prepend($("layers")));
  await showRows();
}

function choice(name, words, counts) {
  const entries = [["", "all"], ...Object.entries(counts).map(([value, number]) => [value, `${value.replaceAll("_", " ")} (${number})`])];
  const select = make("select", { name }, ...entries.map(([value, text]) => make("option", { value, textContent: text })));
  return make("label", {}, `${words} `, select);
}

const bound = (name, words, value) =>
  make("label", {}, `${words} `, make("input", { type: "number", name, min: 0, max: 1, step: 0.05, value }));

function wanted() {
  const given = [...new FormData($("filters"))].filter(([, value]) => value !== "");
  return new URLSearchParams([...given, ["offset", String(state.offset)]]);
}

const showRows = latest(async () => {
  const answer = await ask(`/api/rows?${wanted()}`);
  trouble(null);
  state.page = answer.page;
  const last = Math.min(answer.offset + answer.page, answer.total);
  $("found").textContent = answer.total ? `${answer.total.toLocaleString("en")} found` : "Nothing fits these filters.";
  $("where").textContent = answer.total ? `${answer.offset + 1} to ${last} of ${answer.total}` : "";
  $("back").disabled = answer.offset === 0;
  $("on").disabled = last >= answer.total;
  $("rows").replaceChildren(...answer.rows.map(card));
});

function again() {
  state.offset = 0;
  showRows();
}

function turn(step) {
  state.offset = Math.max(0, state.offset + step * state.page);
  showRows();
  $("found").scrollIntoView();
}

// The URLs of a row's pictures; nothing is stored of a row that is not `ok`.
function sources(row) {
  const names = ["image", "altered", "alpha", ...row.layers.filter((name) => name !== "boxes")];
  return Object.fromEntries(names.map((name) => [name, `/picture/${row.row}/${name}`]));
}

function titleOf(row) {
  return row.status === "rejected" ? "left out" : shown(row.drawn) || row.label;
}

function stackOf(row) {
  if (row.status === "ok") {
    const found = sources(row);
    return picture(found.altered, `${row.image_id}: ${titleOf(row)}`, found, row.boxes, state.start.size);
  }
  return row.status === "rejected" ? sourcePicture(row) : make("div", { className: "stack" });
}

// The radiograph of a row that was left out; where it cannot be read now, the picture's place says so.
function sourcePicture(row) {
  const image = make("img", { src: `/picture/${row.row}/source`, alt: `${row.image_id}, left out`, loading: "lazy", className: "source" });
  const stack = make("div", { className: "stack" }, image);
  const tell = (error) => stack.replaceChildren(make("p", { className: "reason", textContent: error.message }));
  image.addEventListener("error", () => ask(image.src).catch(tell));
  return stack;
}

function card(row) {
  const captions = [make("b", { textContent: titleOf(row) }), make("span", { textContent: row.image_id })];
  if (row.reason) captions.push(make("span", { className: "reason", textContent: row.reason }));
  const button = make("button", { type: "button", className: "open" }, figure(stackOf(row), ...captions));
  // A figure gives its words to no button: without this a screen reader says "button" alone.
  button.setAttribute("aria-label", captions.map((caption) => caption.textContent).join(", "));
  button.addEventListener("click", () => open(row.row));
  return button;
}

const open = latest(async (number) => {
  const row = await ask(`/api/row/${number}`);
  $("detail-title").textContent = row.image_id;
  $("detail-body").replaceChildren(...parts(row));
  if ($("detail").open) return;
  $("detail-body").before($("layers")); // what is outside a dialog cannot be reached
  $("detail").showModal();
});

function parts(row) {
  const words = [titleOf(row), row.split && `split ${row.split}`, `variant ${row.variant}`, row.reason].filter(Boolean);
  return [
    make("p", { textContent: words.join(" · ") }),
    ...(row.variants.length > 1 ? [variants(row)] : []),
    looks(row),
    ...(row.status === "ok" ? [drawButton(row)] : []),
    ...(row.record === "{}" ? [] : [
      make("details", {}, make("summary", { textContent: "Record" }), make("pre", { textContent: row.record, tabIndex: 0 })),
    ]),
    make("details", { open: true }, make("summary", { textContent: "Columns of the table" }), columns(row)),
  ];
}

function drawButton(row) {
  const button = make("button", { type: "button", textContent: "Draw opacities on this image" });
  button.addEventListener("click", () => {
    $("detail").close();
    state.drawOn(row.image_id).catch(trouble);
  });
  return make("div", { className: "buttons" }, button);
}

function variants(row) {
  const buttons = row.variants.map((other) => {
    const button = make("button", { type: "button", textContent: `${other.variant}: ${other.status === "ok" ? shown(other.drawn) : other.status}` });
    button.setAttribute("aria-pressed", String(other.row === row.row));
    button.addEventListener("click", () => open(other.row));
    return button;
  });
  return make("div", { className: "buttons", role: "group", "aria-label": "Variants of this study" }, ...buttons);
}

function looks(row) {
  if (row.status !== "ok") return figure(stackOf(row));
  const found = sources(row);
  if (state.start.version !== "synthetic") return make("div", { className: "look" }, figure(stackOf(row)));
  const panels = Object.entries(CHANNELS).map(([name, words]) =>
    figure(make("div", { className: "stack" }, make("img", { src: found[name], alt: words })), words));
  return make("div", { className: "look" }, beforeAfter(found), make("div", { className: "panels" }, ...panels));
}

function columns(row) {
  const lines = Object.entries(row.columns).flatMap(([name, value]) => [make("dt", { textContent: name }), make("dd", { textContent: String(value) || "-" })]);
  return make("dl", {}, ...lines);
}
