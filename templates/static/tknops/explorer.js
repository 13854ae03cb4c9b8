"use strict";
// The explorer: its chart, suggestions of filter values, and the menu of a cell; links work without.
const tkUnit = {
  money: (d, v) => tkMoney(d, v),
  price: (d, v) => tkMoney(d, v, 4),
  percent: (_d, v) => tkPercent(v),
  count: (_d, v) => (v === null ? "—" : v.toLocaleString("en")),
};
const tkAxis = {
  money: tkShort,
  price: (d, v) => `${d.symbol}${v.toLocaleString("en", { maximumSignificantDigits: 3 })}`,
  percent: (_d, v) => `${v} %`,
  count: (_d, v) => tkShort({ symbol: "" }, v),
};

tkDraw.explored = (d, c) => {
  const said = (v) => tkUnit[d.unit](d, v ?? null);
  const flat = d.shape === "bars";
  const value = { type: "value", axisLabel: { color: c.soft, hideOverlap: true, formatter: (v) => tkAxis[d.unit](d, v) }, splitLine: { lineStyle: { color: c.line } } };
  const labels = { ...c.category(d.labels), inverse: flat };
  if (flat) { labels.axisLabel = { color: c.ink, width: c.narrow ? 90 : 220, overflow: "truncate", interval: d.labels.length > 15 ? "auto" : 0 }; }
  const stack = d.adds && d.series.length > 1 ? "all" : undefined;
  return {
    grid: { top: d.series.length > 1 ? 44 : 12, left: 12, right: flat ? 28 : 12, bottom: 12, containLabel: true },
    legend: d.series.length > 1 ? { type: "scroll", top: 4 } : undefined,
    xAxis: flat ? value : labels, yAxis: flat ? labels : value,
    tooltip: { trigger: "axis", axisPointer: { type: d.shape === "line" ? "line" : "shadow" }, formatter: (parts) => tkTip(parts[0].axisValue, parts.map((p) => [p.marker + tkEscape(p.seriesName), said(p.value)])) },
    series: d.series.map((s, i) => ({
      name: s.name, type: d.shape === "line" ? "line" : "bar", stack: d.shape === "line" ? undefined : stack, barMaxWidth: flat ? 22 : 48, connectNulls: false,
      symbol: ["circle", "rect", "triangle", "diamond"][i % 4], symbolSize: 7, lineStyle: { width: 2, type: i % 2 ? "dashed" : "solid" },
      itemStyle: { color: tkSeries[i % 8], decal: d.shape === "line" ? undefined : tkDecal(i % 4) }, data: s.values.map(tkNumber),
    })),
  };
};

function tkSuggest(form) {
  const [of, value, list] = [form.querySelector("[name=filter]"), form.querySelector("[name=value]"), form.querySelector("datalist")];
  let last = 0;
  const ask = async () => {
    if (!of.value) { return; }
    const mine = ++last;
    const query = new URLSearchParams({ filter: of.value, value: value.value });
    ["period", "from", "to"].forEach((name) => { const field = form.querySelector(`[name=${name}]`); if (field.value) { query.set(name, field.value); } });
    const answer = await fetch(`${form.dataset.values}?${query}`);
    if (!answer.ok || mine !== last) { return; }
    const { values } = await answer.json();
    list.replaceChildren(...values.map((one) => { const option = new Option(`${one.label} · ${one.money}`, one.key); option.label = `${one.label} · ${one.money}`; return option; }));
  };
  let wait;
  of.addEventListener("change", () => { value.value = ""; ask(); value.focus(); });
  value.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(ask, 200); });
  form.querySelectorAll("[data-bound]").forEach((field) => field.addEventListener("input", () => { form.querySelector("[name=period]").value = "range"; }));
  form.querySelectorAll("[data-pick]").forEach((field) => { if (field !== of) { field.addEventListener("change", () => { if (field.value !== "range") { form.requestSubmit(); } }); } });
}

function tkCellMenu(template) {
  let menu;
  const close = () => { if (menu) { menu.remove(); menu = undefined; } };
  document.querySelectorAll("[data-table=explorer] td a[href*='/explorer/cell?']").forEach((link) => link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    close();
    menu = document.createElement("nav");
    menu.className = "tk-menu";
    menu.setAttribute("aria-label", "Split this figure");
    const query = link.href.split("?")[1];
    const events = document.createElement("a");
    events.href = link.href;
    events.textContent = "Events of this figure";
    menu.append(events, template.content.cloneNode(true));
    menu.querySelectorAll("a:not(:first-child)").forEach((choice) => { choice.href = `${template.dataset.explorer}?${query}&rows=${encodeURIComponent(choice.getAttribute("href"))}`; });
    const [at, page] = [link.getBoundingClientRect(), document.querySelector(".tk")];
    page.append(menu);
    menu.style.top = `${at.bottom + window.scrollY + 4}px`;
    menu.style.left = `${Math.max(8, Math.min(at.left + window.scrollX, document.documentElement.clientWidth - menu.offsetWidth - 8))}px`;
    const base = menu.offsetParent && menu.offsetParent !== document.body ? menu.offsetParent.getBoundingClientRect() : undefined;
    if (base) {
      menu.style.top = `${at.bottom - base.top + menu.offsetParent.scrollTop + 4}px`;
      menu.style.left = `${Math.max(8, Math.min(at.left - base.left, base.width - menu.offsetWidth - 8))}px`;
    }
    events.focus();
  }));
  document.addEventListener("click", (event) => { if (menu && !menu.contains(event.target) && !event.target.closest("[data-table=explorer] td a")) { close(); } });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") { close(); } });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".tk-ask").forEach(tkSuggest);
  document.querySelectorAll("#tk-drill").forEach(tkCellMenu);
});
