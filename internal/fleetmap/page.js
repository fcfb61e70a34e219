"use strict";
// The page reads without this: it hides the environments that nobody asks for.
(() => {
  const form = document.getElementById("filter");
  const find = document.getElementById("find");
  const choices = [...form.querySelectorAll("select")];
  const shown = document.getElementById("shown");
  const rows = [...document.querySelectorAll("#list tbody tr")];
  const drawn = new Map([...document.querySelectorAll("[data-name]")].map((each) => [each.dataset.name, each]));
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let visible = 0;
    for (const row of rows) {
      const asked = words.every((word) => texts.get(row).includes(word)) &&
        choices.every((choice) => choice.value === "" || row.dataset[choice.dataset.by] === choice.value);
      row.hidden = !asked;
      drawn.get(row.id)?.classList.toggle("unasked", !asked);
      if (asked) visible++;
    }
    shown.textContent = visible === rows.length ? "" : visible + " of " + rows.length + " environments";
  };

  find.addEventListener("input", filter);
  for (const choice of choices) choice.addEventListener("change", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  const elsewhere = () => !/^(INPUT|SELECT)$/.test(document.activeElement.tagName);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && elsewhere()) event.preventDefault(); // some browsers have a search of their own there
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === "/" && elsewhere()) find.focus();
    if (event.key === "Escape" && document.activeElement === find) {
      find.value = "";
      filter();
    }
  });
  form.hidden = false;
  filter();
})();
