// Small helpers: elements made with text alone (names of others cannot become markup), requests, pictures.

export const $ = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && !name.startsWith("aria")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function options(select, pairs, chosen) {
  select.replaceChildren(...pairs.map(([value, text]) => make("option", { value, textContent: text })));
  if (chosen !== undefined) select.value = chosen;
}

export async function ask(path, body) {
  const request = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new Error("The command has ended: start artasyn-synth explore again.");
  }
  const value = answer.headers.get("content-type") === "application/json" ? await answer.json() : {};
  if (!answer.ok) throw new Error(value.error || `The page was answered with ${answer.status}.`);
  return value;
}

export function trouble(error) {
  $("trouble").hidden = !error;
  $("trouble").textContent = error ? error.message : "";
}

// Run one task at a time; of those asked for meanwhile the last one alone is run, so that a slider never lags behind.
export function latest(task) {
  let running = false;
  let next = null;
  return async function run(...given) {
    if (running) {
      next = given;
      return;
    }
    running = true;
    try {
      await task(...given);
    } catch (error) {
      trouble(error);
    }
    running = false;
    if (next !== null) {
      const again = next;
      next = null;
      run(...again);
    }
  };
}

const LAYERS = ["lungs", "reference_lungs", "mask", "outline"];

// A picture with its layers; sources are URLs by name.
export function picture(base, alt, sources, boxes = [], size = 0) {
  const stack = make("div", { className: "stack" }, make("img", { src: base, alt, loading: "lazy" }));
  for (const name of LAYERS) {
    if (sources[name]) stack.append(make("img", { src: sources[name], alt: "", className: `layer ${name}`, loading: "lazy" }));
  }
  if (boxes.length) stack.append(drawnBoxes(boxes, size));
  return stack;
}

function drawnBoxes(boxes, size) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("class", "layer boxes");
  for (const [x, y, width, height, finding] of boxes) {
    const box = document.createElementNS(space, "rect");
    for (const [name, value] of Object.entries({ x, y, width, height })) box.setAttribute(name, value);
    svg.append(box);
    if (finding) {
      const words = document.createElementNS(space, "text");
      words.setAttribute("x", x + 2);
      words.setAttribute("y", Math.max(y - 3, size / 24));
      words.setAttribute("font-size", size / 24);
      words.textContent = finding;
      svg.append(words);
    }
  }
  return svg;
}

// Two images in one place, and a slider that moves the border between them.
export function beforeAfter(sources, boxes = [], size = 0) {
  const stack = picture(sources.image, "Radiograph as it is", {});
  const after = picture(sources.altered, "Radiograph with the opacity", sources, boxes, size);
  after.classList.add("after");
  stack.append(after);
  const slider = make("input", { type: "range", min: 0, max: 100, value: 50, step: 1, className: "split" });
  slider.setAttribute("aria-label", "Share of the picture shown without the opacity, in percent");
  const move = () => stack.style.setProperty("--split", `${slider.value}%`);
  slider.addEventListener("input", move);
  move();
  stack.append(slider);
  return make("figure", { className: "compared" }, stack,
    make("figcaption", {}, make("span", { textContent: "before" }), make("span", { textContent: "after" })));
}

export function figure(stack, ...captions) {
  return make("figure", { className: "card" }, stack, make("figcaption", {}, ...captions));
}

export const shown = (drawn) =>
  drawn.map(([name, severity]) => (severity === null ? name : `${name.replaceAll("_", " ")}, severity ${severity.toFixed(2)}`)).join("; ");
