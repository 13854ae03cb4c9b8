"use strict";
// Behaviour of the pages; all of them work without it, bar the charts, whose figures are in tables.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".tk").forEach((page) => page.classList.add("tk-js"));
  // The skin copies a file's name into a text field of its own widget, which these have not.
  document.querySelectorAll(".tk input[type=file]").forEach((field) => { field.hasChangeListener = true; });
  document.querySelectorAll("[data-chart]").forEach(tkChart);
  // A statement runs from old to new: start at the new end.
  document.querySelectorAll("[data-table=statement]").forEach((table) => { table.parentElement.scrollLeft = table.scrollWidth; });
  document.querySelectorAll(".tk-filters").forEach((form) => {
    const submit = () => {
      form.querySelectorAll("select, input").forEach((field) => { if (!field.value && field.name !== "month") { field.disabled = true; } });
      form.requestSubmit();
    };
    form.querySelectorAll("[data-submit]").forEach((field) => field.addEventListener("change", submit));
    form.querySelectorAll("input[type=search]").forEach((field) => field.addEventListener("search", () => { if (!field.value) { submit(); } }));
  });
  document.querySelectorAll("[data-copy]").forEach((button) => button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "✓ Copied";
    } catch {
      getSelection().selectAllChildren(text);
    }
  }));
  document.querySelectorAll("[data-ticks]").forEach((button) => {
    const boxes = [...document.querySelectorAll(`input[type=checkbox][form="${button.dataset.ticks}"]`)];
    const label = () => { button.textContent = boxes.every((box) => box.checked) ? "Tick none" : "Tick all"; };
    button.addEventListener("click", () => {
      const ticked = !boxes.every((box) => box.checked);
      boxes.forEach((box) => { box.checked = ticked; });
      label();
    });
    boxes.forEach((box) => box.addEventListener("change", label));
    label();
  });
  document.querySelectorAll("[data-waiting]").forEach((status) => {
    const ask = async () => {
      const answer = await (await fetch(status.dataset.waiting)).json();
      if (answer.received) { status.textContent = "✓ The first event has arrived."; } else { setTimeout(ask, 2000); }
    };
    ask();
  });
});
