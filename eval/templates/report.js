"use strict";
(() => {
  const images = document.getElementById("images");
  if (!images) return;
  for (const layer of ["prediction", "truth"]) {
    const box = document.getElementById(`show-${layer}`);
    const apply = () => images.classList.toggle(`hide-${layer}`, !box.checked);
    box.addEventListener("change", apply);
    apply();
  }
  const heat = document.getElementById("heat");
  const warm = () => images.style.setProperty("--heat", heat.value / 100);
  heat.addEventListener("input", warm);
  warm();
  for (const radiograph of images.querySelectorAll(".radiograph")) {
    const bare = (on) => () => radiograph.classList.toggle("bare", on);
    radiograph.addEventListener("pointerdown", bare(true));
    for (const end of ["pointerup", "pointerleave", "pointercancel"]) radiograph.addEventListener(end, bare(false));
    radiograph.addEventListener("keydown", (event) => { if (event.key === "b") radiograph.classList.add("bare"); });
    radiograph.addEventListener("keyup", bare(false));
    radiograph.addEventListener("contextmenu", (event) => event.preventDefault());
  }
})();
