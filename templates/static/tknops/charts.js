"use strict";
// Options of each chart from the JSON beside it; colours come from the page, so that both themes fit.
const tkNumber = (text) => (text === null || text === undefined ? null : Number(text));
const tkMoney = (d, value, digits = 2) =>
  value === null ? "—" : `${value < 0 ? "−" : ""}${d.symbol}${Math.abs(value).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
const tkShort = (d, value) => {
  const size = Math.abs(value);
  const [unit, letter] = size >= 1e6 ? [1e6, "m"] : size >= 1e3 ? [1e3, "k"] : [1, ""];
  return `${value < 0 ? "−" : ""}${d.symbol}${(size / unit).toLocaleString("en", { maximumFractionDigits: 1 })}${letter}`;
};
const tkPercent = (value) => (value === null ? "—" : `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(1)} %`);
const tkEscape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const tkSeries = ["#4f46e5", "#d97706", "#0d9488", "#be185d", "#64748b", "#7c3aed", "#65a30d", "#0284c7"];
// Beside colour, bars of a group differ by pattern.
const tkDecal = (index) => (index ? { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 2 + index], rotation: index * 0.6, color: "rgba(255,255,255,.25)" } : undefined);

const tkDraw = {
  monthly: (d, c) => ({
    legend: { top: 4, data: ["Revenue", "Cost of revenue", "AI margin %"] },
    xAxis: c.category(d.labels),
    yAxis: [c.money(d), { type: "value", axisLabel: { formatter: "{value} %", color: c.soft }, splitLine: { show: false }, max: 100, min: (v) => Math.min(0, Math.floor(v.min / 25) * 25) }],
    tooltip: { trigger: "axis", formatter: (parts) => tkTip(parts[0].axisValue, parts.map((p) => [p.marker + p.seriesName, p.seriesIndex === 2 ? tkPercent(tkNumber(p.value)) : tkMoney(d, tkNumber(p.value))])) },
    series: [
      { name: "Revenue", type: "bar", barGap: "10%", itemStyle: { color: c.revenue, borderRadius: [2, 2, 0, 0] }, data: d.revenue.map(tkNumber) },
      { name: "Cost of revenue", type: "bar", itemStyle: { color: c.cost, borderRadius: [2, 2, 0, 0], decal: tkDecal(1) }, data: d.cost.map(tkNumber) },
      { name: "AI margin %", type: "line", yAxisIndex: 1, symbol: "circle", symbolSize: 6, lineStyle: { width: 2 }, itemStyle: { color: c.margin }, 
        data: d.margin_pct.map((v, i) => (i === d.labels.length - 1 && !c.narrow ? { value: tkNumber(v), label: { show: true } } : tkNumber(v))),
        label: { show: false, formatter: (p) => tkPercent(p.value), color: c.ink, position: "top", fontWeight: 600, backgroundColor: c.card, padding: [2, 4], borderRadius: 3 } },
    ],
  }),
  scatter: (d, c) => {
    const points = d.points.map((p) => ({ ...p, value: [tkNumber(p.revenue), tkNumber(p.cost)] }));
    const all = points.flatMap((p) => p.value);
    const low = 10 ** Math.floor(Math.log10(Math.min(1, ...all.filter((v) => v > 0)) || 1));
    const high = 10 ** Math.ceil(Math.log10(Math.max(10, ...all)));
    const right = 10 ** Math.ceil(Math.log10(Math.max(10, ...points.map((p) => p.value[0]))));
    const left = 10 ** Math.floor(Math.log10(Math.min(...points.map((p) => p.value[0]), right)));
    const under = (p) => p.value[1] > p.value[0];
    const line = (share, name, dash) => ({
      name, type: "line", symbol: "none", silent: true, lineStyle: { type: dash, color: c.soft, width: 1.5 }, itemStyle: { color: c.soft },
      endLabel: { show: true, formatter: name, color: c.soft, distance: -4, align: "right", offset: [0, -10] }, data: [[left, left * share], [right, right * share]],
    });
    return {
      legend: { top: 4, data: ["Keeps money", "Under water"] },
      grid: { top: 40, left: 34, right: 24, bottom: 36, containLabel: true },
      tooltip: { formatter: (p) => (p.data.name ? tkTip(p.data.name, [["Revenue", tkMoney(d, p.value[0])], ["Cost of revenue", tkMoney(d, p.value[1])], ["AI margin %", tkPercent(tkNumber(p.data.margin_pct))]]) : "") },
      xAxis: { type: "log", min: left, max: right, name: `Revenue (${d.currency}, log scale)`, nameLocation: "middle", nameGap: 30, nameTextStyle: { color: c.soft }, axisLabel: { color: c.soft, formatter: (v) => tkShort(d, v) }, splitLine: { lineStyle: { color: c.line } } },
      yAxis: { type: "log", min: low, max: high, name: `Cost of revenue (${d.currency}, log scale)`, nameLocation: "middle", nameGap: 48, nameTextStyle: { color: c.soft }, axisLabel: { color: c.soft, formatter: (v) => tkShort(d, v) }, splitLine: { lineStyle: { color: c.line } } },
      series: [
        { name: "Keeps money", type: "scatter", symbolSize: 9, itemStyle: { color: tkSeries[0], opacity: 0.65 }, data: points.filter((p) => !under(p)) },
        { name: "Under water", type: "scatter", symbol: "triangle", symbolRotate: 180, symbolSize: 12, itemStyle: { color: c.bad }, data: points.filter(under),
          label: { show: true, formatter: (p) => p.data.name, position: c.narrow ? "top" : "left", color: c.ink, fontSize: 11 }, labelLayout: { hideOverlap: true, moveOverlap: "shiftY" } },
        line(1, "break-even", "solid"), line(1 - d.target / 100, `${d.target} % margin`, "dashed"),
      ],
    };
  },
  stacked: (d, c) => ({
    legend: { type: "scroll", top: 4 },
    xAxis: c.category(d.labels), yAxis: c.money(d),
    tooltip: { trigger: "axis", formatter: (parts) => tkTip(parts[0].axisValue, parts.filter((p) => p.value !== null && p.value !== undefined).reverse().map((p) => [p.marker + tkEscape(p.seriesName), tkMoney(d, p.value)])) },
    series: d.series.map((s, i) => ({
      name: s.name, type: "bar", stack: "cost", barMaxWidth: 48, itemStyle: { color: tkSeries[i % 8], decal: tkDecal(i % 4) }, data: s.values.map(tkNumber),
      markLine: i ? undefined : { symbol: "none", silent: true, lineStyle: { color: c.ink, type: "dashed" }, label: { formatter: (p) => p.name, color: c.ink, position: "insideEndTop", rotate: 0, distance: 4, align: "right" }, data: d.marks.map((m) => ({ name: m.text, xAxis: m.at })) },
    })),
  }),
  bars: (d, c) => ({
    legend: { type: "scroll", top: 4 }, xAxis: c.category(d.labels), yAxis: c.money(d),
    tooltip: { trigger: "axis", formatter: (parts) => tkTip(parts[0].axisValue, parts.map((p) => [p.marker + tkEscape(p.seriesName), tkMoney(d, p.value ?? null)])) },
    series: d.series.map((s, i) => ({ name: s.name, type: "bar", barMaxWidth: 36, itemStyle: { color: tkSeries[i % 8], borderRadius: [2, 2, 0, 0], decal: tkDecal(i % 4) }, data: s.values.map(tkNumber) })),
  }),
  ranges: (d, c) => {
    const rows = d.rows.map((r) => ({ name: r.name, p10: tkNumber(r.p10), p50: tkNumber(r.p50), p90: tkNumber(r.p90), price: tkNumber(r.per_account) }));
    const small = Math.min(...rows.flatMap((r) => [r.p10, r.price]).filter((v) => v > 0));
    const floor = 10 ** Math.floor(Math.log10(small));
    const at = (v) => Math.max(v, floor);
    return {
      legend: { top: 4 },
      grid: { top: c.narrow ? 64 : 36, left: 12, right: 32, bottom: 32, containLabel: true },
      tooltip: { formatter: (p) => { const r = rows[p.dataIndex]; return tkTip(r.name, [["P10 cost", tkMoney(d, r.p10)], ["P50 cost", tkMoney(d, r.p50)], ["P90 cost", tkMoney(d, r.p90)], ["Revenue per account", tkMoney(d, r.price)]]); } },
      xAxis: { type: "log", min: floor, name: `${d.currency} per account and period, log scale`, nameLocation: "middle", nameGap: 28, nameTextStyle: { color: c.soft }, axisLabel: { color: c.soft, formatter: (v) => tkShort(d, v) }, splitLine: { lineStyle: { color: c.line } } },
      yAxis: { type: "category", inverse: true, data: rows.map((r) => r.name), axisLabel: { color: c.ink }, axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } } },
      series: [
        { name: "P10 to P90 of cost", type: "custom", itemStyle: { color: c.cost }, encode: { x: [1, 2], y: 0 }, data: rows.map((r, i) => [i, at(r.p10), at(r.p90)]),
          renderItem: (_p, api) => { const a = api.coord([api.value(1), api.value(0)]); const b = api.coord([api.value(2), api.value(0)]); return { type: "rect", shape: { x: a[0], y: a[1] - 8, width: Math.max(2, b[0] - a[0]), height: 16, r: 3 }, style: { fill: c.cost, opacity: 0.45 } }; } },
        { name: "P50 cost", type: "scatter", symbol: "rect", symbolSize: [3, 22], itemStyle: { color: c.cost }, data: rows.map((r, i) => [at(r.p50), i]) },
        { name: "Revenue per account", type: "scatter", symbol: "diamond", symbolSize: 14, itemStyle: { color: tkSeries[0] }, data: rows.map((r, i) => [at(r.price), i]), label: { show: true, position: "top", color: c.ink, formatter: (p) => tkMoney(d, rows[p.dataIndex].price) } },
      ],
    };
  },
  histogram: (d, c) => {
    const width = tkNumber(d.width), price = tkNumber(d.price);
    const at = (v) => v / width - 0.5;
    return {
      grid: { top: 40, left: 12, right: 24, bottom: 32, containLabel: true },
      xAxis: [
        { type: "category", data: d.lows.map(tkNumber), axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.soft, hideOverlap: true, formatter: (v) => `≥ ${tkShort(d, Number(v))}` }, name: "AI cost per account", nameLocation: "middle", nameGap: 28, nameTextStyle: { color: c.soft } },
        { type: "value", min: -0.5, max: d.lows.length - 0.5, show: false },
      ],
      yAxis: { type: "value", minInterval: 1, name: "accounts", nameTextStyle: { color: c.soft }, axisLabel: { color: c.soft }, splitLine: { lineStyle: { color: c.line } } },
      tooltip: { trigger: "item", formatter: (p) => (p.seriesIndex ? tkTip("Pays on average", [["per account", tkMoney(d, price)]]) : tkTip(d.labels[p.dataIndex], [["accounts", d.counts[p.dataIndex]]])) },
      series: [
        { name: "Accounts", type: "bar", barCategoryGap: "8%", data: d.counts.map((v, i) => ({ value: v, itemStyle: price !== null && tkNumber(d.lows[i]) >= price ? { color: c.bad, decal: tkDecal(1) } : { color: c.cost } })) },
        ...(price === null ? [] : [{ name: "Pays on average", type: "line", xAxisIndex: 1, symbol: "none", data: [], markLine: { symbol: "none", lineStyle: { color: c.ink, width: 2 }, label: { formatter: `pays ${tkMoney(d, price)}`, color: c.ink, fontWeight: 600 }, data: [{ xAxis: at(price) }] } }]),
      ],
    };
  },
  curve: (d, c) => {
    const points = d.points.map(([x, y]) => [tkNumber(x), tkNumber(y)]);
    const price = tkNumber(d.price);
    const right = Math.max(points.at(-1)[0], price || 0) * 1.05;
    return {
      grid: { top: 40, left: 12, right: 32, bottom: 32, containLabel: true },
      xAxis: { type: "value", min: 0, max: right, name: `Price per account (${d.currency})`, nameLocation: "middle", nameGap: 28, nameTextStyle: { color: c.soft }, axisLabel: { color: c.soft, hideOverlap: true, showMaxLabel: false, formatter: (v) => tkShort(d, v) }, splitLine: { lineStyle: { color: c.line } } },
      yAxis: { type: "value", min: 0, max: 100, axisLabel: { color: c.soft, formatter: "{value} %" }, splitLine: { lineStyle: { color: c.line } } },
      tooltip: { trigger: "axis", formatter: (parts) => tkTip(tkMoney(d, parts[0].value[0]), [["covers", tkPercent(parts[0].value[1])]]) },
      series: [{ name: "Covered", type: "line", step: "end", symbol: "circle", symbolSize: 5, lineStyle: { width: 2, color: c.accent }, itemStyle: { color: c.accent }, data: [[0, 0], ...points, [right, points.at(-1)[1]]],
        markLine: price === null ? undefined : { symbol: "none", lineStyle: { color: c.ink, type: "dashed" }, label: { formatter: `pays ${tkMoney(d, price)}`, color: c.ink, fontWeight: 600 }, data: [{ xAxis: price }] } }],
    };
  },
  waterfall: (d, c) => {
    const ends = [tkNumber(d.from.value), tkNumber(d.to.value)];
    const lows = d.steps.map((s) => tkNumber(s.low));
    const sizes = d.steps.map((s) => tkNumber(s.size));
    const names = [d.from.name, ...d.steps.map((s) => s.name), d.to.name];
    // The axis starts near the lower end where both are far from zero: the steps are the matter.
    const least = Math.min(...ends, ...lows);
    const spread = Math.max(...ends, ...lows.map((l, i) => l + sizes[i])) - least;
    const from = least > 2 * spread ? Math.floor((least - spread * 0.6) / 10 ** Math.floor(Math.log10(spread || 1))) * 10 ** Math.floor(Math.log10(spread || 1)) : undefined;
    // Thousands of money tell nothing apart where all lies within one of them.
    const short = (v) => (spread < 1e3 ? tkMoney(d, v, spread < 5 ? 2 : 0) : tkShort(d, v));
    const signed = (v) => `${v > 0 ? "+" : ""}${tkShort(d, Math.abs(v) < 1e4 ? Math.round(v) : v)}`;
    return {
      grid: { top: 28, left: 12, right: 12, bottom: 8, containLabel: true },
      xAxis: { ...c.category(names), axisLabel: c.narrow ? { color: c.soft, interval: 0, rotate: 60, fontSize: 10 } : { color: c.soft, interval: 0, width: 84, overflow: "break", lineHeight: 14 } },
      yAxis: { ...c.money(d), axisLabel: { color: c.soft, formatter: short }, min: from, name: from === undefined ? "" : "axis does not start at 0", nameTextStyle: { color: c.soft, align: "left" } },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (parts) => { const i = parts[0].dataIndex; const step = d.steps[i - 1]; return tkTip(names[i], [step ? [d.words[0], tkMoney(d, tkNumber(step.amount))] : [d.words[1], tkMoney(d, i ? ends[1] : ends[0])]]); } },
      series: [
        { type: "bar", stack: "w", silent: true, itemStyle: { color: "transparent" }, data: [0, ...lows, 0] },
        { type: "bar", stack: "w", barMaxWidth: 56, data: [
          { value: ends[0], itemStyle: { color: c.revenue }, label: { formatter: short(ends[0]) } },
          ...d.steps.map((s, i) => ({ value: sizes[i], itemStyle: tkNumber(s.amount) < 0 ? { color: c.bad, decal: tkDecal(1) } : { color: "#0d9488" }, label: { formatter: signed(tkNumber(s.amount)) } })),
          { value: ends[1], itemStyle: { color: c.revenue }, label: { formatter: short(ends[1]) } },
        ], label: { show: !c.narrow, position: "top", color: c.ink, fontSize: 11 } },
      ],
    };
  },
};

const tkTip = (title, rows) =>
  `<strong>${tkEscape(title)}</strong><table>${rows.map(([name, value]) => `<tr><td>${name}</td><td style="text-align:right;padding-left:1rem">${value}</td></tr>`).join("")}</table>`;

function tkColours(root, narrow) {
  const style = getComputedStyle(root);
  const take = (name) => style.getPropertyValue(`--${name}`).trim();
  const c = Object.fromEntries(["ink", "soft", "line", "card", "revenue", "cost", "margin", "bad", "accent"].map((name) => [name, take(name)]));
  c.font = style.fontFamily;
  c.narrow = narrow;
  c.category = (labels) => ({ type: "category", data: labels, axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.soft, hideOverlap: true } });
  c.money = (d) => ({ type: "value", axisLabel: { color: c.soft, formatter: (v) => tkShort(d, v) }, splitLine: { lineStyle: { color: c.line } } });
  return c;
}

function tkChart(place) {
  const d = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  const chart = echarts.init(place, null, { renderer: "svg" });
  const paint = () => {
    const c = tkColours(place, place.clientWidth < 600);
    const made = tkDraw[d.kind](d, c);
    chart.setOption({
      animation: false, aria: { enabled: true, label: { enabled: false } }, textStyle: { fontFamily: c.font, color: c.ink },
      grid: { top: 44, left: 12, right: 12, bottom: 12, containLabel: true }, ...made,
      legend: made.legend && { textStyle: { color: c.ink }, itemWidth: 14, itemHeight: 10, itemGap: 18, pageTextStyle: { color: c.ink }, ...made.legend },
      tooltip: { backgroundColor: c.card, borderColor: c.line, textStyle: { color: c.ink, fontSize: 12 }, confine: true, ...made.tooltip },
    }, true);
  };
  chart.on("click", (point) => { if (point.data && point.data.link) { window.location.assign(point.data.link); } });
  new ResizeObserver(() => { chart.resize(); paint(); }).observe(place);
  new MutationObserver(paint).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
}
