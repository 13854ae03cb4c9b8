"use strict";
// Asks how far a job is; shows the page anew once it has ended.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-job]").forEach((section) => {
    const ask = async () => {
      const found = await (await fetch(section.dataset.job)).json();
      if (!found.open) { window.location.reload(); return; }
      const count = (n) => n.toLocaleString("en");
      section.querySelector("[data-job-state]").textContent = found.state;
      section.querySelector("[data-job-count]").textContent =
        found.percent === null ? `${count(found.progress)} rows so far` : `${found.percent} %`;
      if (found.percent !== null) { section.querySelector("[data-job-bar]").value = found.percent; }
      setTimeout(ask, 1000);
    };
    setTimeout(ask, 1000);
  });
});
