// The sliders: they change a copy of the recipe's table [opacities], a nested object, by dotted paths.

import { $, make, options } from "/page.js";

const get = (settings, path) => path.split(".").reduce((table, key) => table[key], settings);

function set(settings, path, value) {
  const keys = path.split(".");
  const last = keys.pop();
  keys.reduce((table, key) => table[key], settings)[last] = value;
}

const middle = ([low, high]) => (low + high) / 2;
const neat = (value) => String(Math.round(value * 1000) / 1000);

// A copy of a preset in which every range is one value, and one kind is drawn alone.
export function single(settings, kind, controls) {
  const one = structuredClone(settings);
  for (const control of controls) {
    const value = get(one, control.path);
    if (Array.isArray(value)) set(one, control.path, [middle(value), middle(value)]);
  }
  setKind(one, kind);
  return one;
}

export function setKind(settings, kind) {
  settings.kinds = { [kind]: 1 };
  settings.composition = [1];
}

// Sliders for all controls: one each where `alone`, else two for a range. `changed` is called after every change.
export function showControls(controls, settings, { alone, changed }) {
    $("controls").replaceChildren(
    ...[...grouped(controls)].map(([name, members]) =>
      make("fieldset", {}, make("legend", { textContent: name }),
        ...members.map((control) => row(control, settings, alone, changed)))));
}

function grouped(controls) {
  const groups = new Map();
  for (const control of controls) groups.set(control.group, [...(groups.get(control.group) || []), control]);
  return groups;
}

function row(control, settings, alone, changed) {
  const value = get(settings, control.path);
  if (typeof value === "boolean") return tick(control, settings, changed);
  if (!Array.isArray(value)) {
    return slider(control.words, control, value, (number) => {
      set(settings, control.path, number);
      changed();
    }).row;
  }
  if (alone) {
    return slider(control.words, control, value[0], (number) => {
      set(settings, control.path, [number, number]);
      changed();
    }).row;
  }
  return range(control, settings, changed);
}

function range(control, settings, changed) {
  const [low, high] = get(settings, control.path);
  const keep = (first) => {
    if (from.input.valueAsNumber > to.input.valueAsNumber) (first ? to : from).show(first ? from.input.value : to.input.value);
    set(settings, control.path, [from.input.valueAsNumber, to.input.valueAsNumber]);
    changed();
  };
  const from = slider(`${control.words}: lowest`, control, low, () => keep(true), "from");
  const to = slider(`${control.words}: highest`, control, high, () => keep(false), "to");
  return make("div", { className: "pair", role: "group", "aria-label": control.words },
    make("span", { textContent: control.words, className: "words" }), from.row, to.row);
}

// A slider with its value beside it; `short` is shown in place of the words, which a screen reader still says.
function slider(words, control, value, changed, short = "") {
  const input = make("input", { type: "range", min: control.low, max: control.high, step: control.step, value });
  const shown = make("span", { className: "value", textContent: neat(value) });
  const show = (given) => {
    input.value = given;
    shown.textContent = neat(Number(given));
  };
  input.addEventListener("input", () => {
    shown.textContent = neat(input.valueAsNumber);
    changed(input.valueAsNumber);
  });
  input.setAttribute("aria-label", words);
  const text = make("span", { textContent: short || words });
  return { input, show, row: make("label", { className: "slider" }, text, shown, input) };
}

function tick(control, settings, changed) {
  const input = make("input", { type: "checkbox", checked: get(settings, control.path) });
  input.addEventListener("change", () => {
    set(settings, control.path, input.checked);
    changed();
  });
  return make("label", { className: "tick" }, input, ` ${control.words}`);
}

// One slider for each kind: its weight in the mixture.
export function showWeights(kinds, settings, changed) {
  const sliders = kinds.map((kind) =>
    slider(kind.name.replaceAll("_", " "), { low: 0, high: 1, step: 0.01 }, settings.kinds[kind.name] || 0, (weight) => {
      settings.kinds[kind.name] = weight;
      if (weight === 0) delete settings.kinds[kind.name];
      changed();
    }).row);
  $("weights").replaceChildren(...sliders);
}

export function showKinds(kinds, chosen) {
  options($("kind"), kinds.map((kind) => [kind.name, kind.name.replaceAll("_", " ")]), chosen);
}
