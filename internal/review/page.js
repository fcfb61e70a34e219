"use strict";
// The page reads without this: it filters, folds all at once, and opens what a link leads to in browsers that do not.
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const changes = [...document.querySelectorAll(".change")];
  const chips = [...form.querySelectorAll(".chip")];
  const environment = document.getElementById("environment");
  const shown = document.getElementById("shown");
  const within = new Map(changes.map((change) => [change, change.dataset.in === "*" ? null : new Set(change.dataset.in.split(" "))]));

  const filter = () => {
    const classes = new Set(chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.class));
    let visible = 0;
    for (const change of changes) {
      const set = within.get(change);
      change.hidden = !classes.has(change.dataset.class) || (environment.value !== "" && set !== null && !set.has(environment.value));
      if (!change.hidden) visible++;
    }
    for (const part of document.querySelectorAll(".plane, .group")) {
      part.hidden = !part.querySelector(".change:not([hidden])");
    }
    shown.textContent = visible === changes.length ? "" : visible + " of " + changes.length + " changes are shown";
  };
  const fold = (open) => {
    for (const change of changes) if (!change.hidden) change.querySelector("details").open = open;
  };
  const follow = () => {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { return; }
    const target = document.getElementById(id);
    const change = target && target.closest(".change");
    if (!change) return;
    if (change.hidden) {
      environment.value = "";
      for (const chip of chips) chip.setAttribute("aria-pressed", "true");
      filter();
    }
    change.querySelector("details").open = true;
    target.scrollIntoView();
  };

  for (const chip of chips) {
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      filter();
    });
  }
  environment.addEventListener("change", filter);
  document.getElementById("open").addEventListener("click", () => fold(true));
  document.getElementById("close").addEventListener("click", () => fold(false));
  window.addEventListener("hashchange", follow);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
  follow();
})();
