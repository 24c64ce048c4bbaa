// The page: its state, the tabs, and the three views that draw opacities.

import { $, ask, beforeAfter, figure, latest, make, options, picture, shown, trouble } from "/page.js";
import { setKind, showControls, showKinds, showWeights, single } from "/controls.js";
import { startVersion } from "/version.js";

const TABS = ["one", "nine", "rivals", "version"];
const PANELS = { image: "image", altered: "with opacity", alpha: "opacity", mask: "mask", outline: "outline" };
const state = { view: "one", subject: 0, start: null, one: null, mixture: null };

const seed = () => Math.max(0, Math.floor($("seed").valueAsNumber) || 0);
const drawn = (settings, variant = 0) =>
  ask("/api/draw", { subject: state.subject, seed: seed(), variant, settings });

function showRecipe(answer) {
  $("recipe").textContent = answer.recipe;
}

const showOne = latest(async () => {
  let answer;
  try {
    answer = await drawn(state.one);
  } catch (error) {
    await showBare();
    throw error;
  }
  trouble(null);
  showStage(answer);
  $("panels").replaceChildren(...Object.entries(PANELS).map(([name, words]) => panel(name, words, answer)));
  $("told").textContent = `Mask: ${(100 * answer.covered).toFixed(1)} % of the lungs. Drawn in ${answer.milliseconds} ms.`;
  $("record").textContent = answer.record;
  showRecipe(answer);
});

// The stage stays while its pictures change: the slider keeps its place and the focus.
function showStage(answer) {
  const known = $("stage").querySelector(".compared");
  if (!known) {
    $("stage").replaceChildren(beforeAfter(answer));
    return;
  }
  const [before] = known.querySelectorAll(".stack > img");
  before.src = answer.image;
  for (const image of known.querySelectorAll(".after img")) {
    const layer = [...image.classList].find((name) => name !== "layer") || "altered";
    image.src = answer[layer];
  }
}

async function showBare() {
  const bare = await ask(`/api/subject/${state.subject}`);
  $("stage").replaceChildren(figure(picture(bare.image, `Radiograph ${bare.name}`, bare), bare.name));
  $("panels").replaceChildren();
  $("told").textContent = "";
  $("record").textContent = "";
}

function panel(name, words, answer) {
  const base = name === "alpha" || name === "image" ? answer[name] : answer.altered;
  const stack = make("div", { className: "stack" }, make("img", { src: base, alt: words }));
  if (name === "mask" || name === "outline") stack.append(make("img", { src: answer[name], alt: "", className: name }));
  return figure(stack, words);
}

const showNine = latest(async () => {
  const cards = [];
  for (let variant = 0; variant < 9; variant += 1) {
    const answer = await drawn(state.mixture, variant);
    showRecipe(answer);
    const words = shown(answer.drawn) || answer.rival;
    cards.push(figure(picture(answer.altered, `Draw ${variant}: ${words}`, answer), `${variant}: ${words}`));
    put($("nine"), cards, variant);
  }
  trouble(null);
});

// Show cards one by one as they come; those of before stay until they are replaced.
function put(place, cards, index) {
  const before = place.children[index];
  if (before) before.replaceWith(cards[index]);
  else place.append(cards[index]);
}

const showRivals = latest(async () => {
  const suffix = $("in-lung").checked ? state.start.in_lung : "";
  const cards = [await rivalCard(state.mixture, "ours", "the recipe chosen here", "")];
  put($("rivals"), cards, 0);
  for (const rival of state.start.rivals) {
    const settings = structuredClone(state.mixture);
    setKind(settings, rival.name + suffix);
    cards.push(await rivalCard(settings, rival.words, rival.source, (rival.name + suffix).replaceAll("_", "-")));
    put($("rivals"), cards, cards.length - 1);
  }
  trouble(null);
});

async function rivalCard(settings, words, source, preset) {
  const captions = [make("b", { textContent: words }), make("span", { textContent: source })];
  if (preset) captions.push(make("code", { textContent: `--preset ${preset}` }));
  try {
    const answer = await drawn(settings);
    if (answer.second) captions.push(make("span", { textContent: `second image: ${answer.second}` }));
    return figure(picture(answer.altered, `${words}: radiograph with opacity`, answer), ...captions);
  } catch (error) {
    captions.push(make("span", { textContent: error.message, className: "reason" }));
    return figure(make("div", { className: "stack" }), ...captions);
  }
}

const SHOW = { one: showOne, nine: showNine, rivals: showRivals, version: () => {} };
const refresh = () => SHOW[state.view]();

function showSettings() {
  const alone = state.view === "one";
  const settings = alone ? state.one : state.mixture;
  showControls(state.start.controls, settings, { alone, changed: refresh });
  showWeights(state.start.kinds, state.mixture, refresh);
}

function takePreset() {
  const preset = state.start.presets[$("preset").value];
  state.mixture = structuredClone(preset);
  state.one = single(preset, $("kind").value, state.start.controls);
}

function takeKind() {
  setKind(state.one, $("kind").value);
  $("kind-words").textContent = state.start.kinds.find((kind) => kind.name === $("kind").value).words;
}

function chooseView(name) {
  state.view = name;
  document.body.dataset.view = name;
  for (const tab of TABS) {
    $(`tab-${tab}`).setAttribute("aria-selected", String(tab === name));
    $(`tab-${tab}`).tabIndex = tab === name ? 0 : -1;
    $(`view-${tab}`).hidden = tab !== name;
  }
  trouble(null);
  showSettings();
  refresh();
}

function moveTab(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const there = TABS.filter((tab) => !$(`tab-${tab}`).hidden);
  const next = there[(there.indexOf(state.view) + step + there.length) % there.length];
  chooseView(next);
  $(`tab-${next}`).focus();
}

const search = latest(async () => {
  const found = await ask(`/api/subjects?text=${encodeURIComponent($("search").value)}`);
  options($("subject"), found.map(({ place, name, label }) => [place, label ? `${name} (${label})` : name]));
  const kept = found.some(({ place }) => place === state.subject);
  if (!found.length || kept) {
    $("subject").value = kept ? state.subject : "";
    return;
  }
  state.subject = found[0].place;
  refresh();
});

// Draw on the image of a version's study.
async function drawOn(name) {
  $("search").value = name;
  state.subject = -1;
  await search();
  chooseView("one");
  $("tab-one").focus();
}

function save() {
  const name = $("preset-name").value.replace(/[^A-Za-z0-9_-]/g, "-") || "recipe";
  const link = make("a", { download: `${name}.toml`, href: URL.createObjectURL(new Blob([$("recipe").textContent])) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // some browsers read it only later
  $("saved").textContent = `Saved as ${name}.toml. Give its path as --preset to artasyn-synth build.`;
}

async function copy() {
  await navigator.clipboard.writeText($("recipe").textContent);
  $("saved").textContent = "Copied.";
}

function listen() {
  const on = (id, event, action) => $(id).addEventListener(event, action);
  for (const tab of TABS) on(`tab-${tab}`, "click", () => chooseView(tab));
  on("tabs", "keydown", moveTab);
  on("search", "input", search);
  on("subject", "change", () => { state.subject = Number($("subject").value); refresh(); });
  on("seed", "input", refresh);
  on("next-seed", "click", () => { $("seed").value = seed() + 1; refresh(); });
  on("preset", "change", () => { takePreset(); showSettings(); refresh(); });
  on("kind", "change", () => { takeKind(); refresh(); });
  on("in-lung", "change", refresh);
  on("copy", "click", () => copy().catch(() => { $("saved").textContent = "The browser forbids copying: select the text."; }));
  on("save", "click", save);
  for (const box of document.querySelectorAll("#layers input")) {
    const apply = () => document.body.classList.toggle(`show-${box.id.slice(6)}`, box.checked);
    box.addEventListener("change", apply);
    apply();
  }
}

async function begin() {
  state.start = await ask("/api/start");
  const { start } = state;
  $("title").textContent = start.title;
  document.title = `${start.title} - artasyn explore`;
  $("search-row").hidden = start.subjects < 2;
  options($("preset"), Object.keys(start.presets).map((name) => [name, name]));
  showKinds(start.kinds, start.kinds[0].name);
  const weights = Object.entries(start.presets[$("preset").value].kinds).filter(([name]) => start.kinds.some((k) => k.name === name));
  if (weights.length) $("kind").value = weights.sort((a, b) => b[1] - a[1])[0][0];
  takePreset();
  takeKind();
  listen();
  await search();
  if (start.version) await startVersion(start, drawOn);
  $("tab-version").hidden = !start.version;
  chooseView(start.version ? "version" : "one");
}

begin().catch(trouble);
