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
  for (const film of images.querySelectorAll(".film")) {
    const bare = (on) => () => film.classList.toggle("bare", on);
    film.addEventListener("pointerdown", bare(true));
    for (const end of ["pointerup", "pointerleave", "pointercancel"]) film.addEventListener(end, bare(false));
    film.addEventListener("keydown", (event) => { if (event.key === "b") film.classList.add("bare"); });
    film.addEventListener("keyup", bare(false));
    film.addEventListener("contextmenu", (event) => event.preventDefault());
  }
})();
