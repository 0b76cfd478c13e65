"use strict";
// Without this script everything is there to read; it only hides what a filter leaves out.
const form = document.querySelector("form.filter");
form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
function apply() {
  const wanted = Object.fromEntries(new FormData(form));
  const text = wanted.text.trim().toLowerCase();
  const narrow = wanted.fate || wanted.level || text;
  let shown = 0;
  for (const chart of document.querySelectorAll("details.chart")) {
    let inside = 0;
    for (const row of chart.querySelectorAll("tbody tr")) {
      const fits = (!wanted.fate || row.dataset.fate === wanted.fate)
        && (!wanted.level || row.dataset.level === wanted.level)
        && (!text || row.textContent.toLowerCase().includes(text));
      row.hidden = !fits;
      inside += fits;
    }
    for (const part of chart.querySelectorAll(".scroll")) part.hidden = !part.querySelector("tbody tr:not([hidden])");
    chart.hidden = Boolean(wanted.chart && chart.dataset.chart !== wanted.chart) || Boolean(narrow && !inside);
    if (!chart.hidden) { shown += inside; if (narrow || wanted.chart) chart.open = true; }
  }
  form.querySelector("output").textContent = shown + " rows";
}
form.addEventListener("input", apply);
