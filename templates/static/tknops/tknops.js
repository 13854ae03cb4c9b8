"use strict";
// Charts from the JSON beside them; the same figures stand in the table below.
const number = (text) => (text === null ? null : Number(text));
const axisMoney = { type: "value", axisLabel: { formatter: (v) => v.toLocaleString("en") } };

const draw = {
  monthly: (d) => ({
    legend: { top: 0 }, tooltip: { trigger: "axis" },
    xAxis: { type: "category", data: d.months },
    yAxis: [axisMoney, { type: "value", axisLabel: { formatter: "{value} %" }, splitLine: { show: false } }],
    series: [
      { name: "Revenue", type: "bar", data: d.revenue.map(number) },
      { name: "AI cost", type: "bar", data: d.cost.map(number) },
      { name: "AI margin %", type: "line", yAxisIndex: 1, data: d.margin_pct.map(number) },
    ],
  }),
  scatter: (d) => {
    const points = d.points.map((p) => ({ name: p.name, value: [number(p.revenue), number(p.cost)] }));
    const top = Math.max(1, ...points.map((p) => p.value[0]));
    const line = (share, name) => ({
      name, type: "line", symbol: "none", lineStyle: { type: "dashed" }, data: [[1, share], [top, top * share]],
    });
    return {
      legend: { top: 0 }, tooltip: { formatter: (p) => (p.name ? `${p.name}: revenue ${p.value[0]}, AI cost ${p.value[1]}` : "") },
      xAxis: { type: "log", name: "Revenue", nameLocation: "middle", nameGap: 28 },
      yAxis: { type: "log", name: "AI cost" },
      series: [
        { name: "Customers", type: "scatter", symbolSize: 10, data: points.filter((p) => p.value[0] > 0 && p.value[1] > 0) },
        line(1, "Break-even"), line(0.4, "60 % margin"),
      ],
    };
  },
  stacked: (d) => ({
    legend: { type: "scroll", top: 0 }, tooltip: { trigger: "axis" },
    xAxis: { type: "category", data: d.months }, yAxis: axisMoney,
    series: d.series.map((s) => ({ name: s.name, type: "bar", stack: "cost", data: s.values.map(number) })),
  }),
  bars: (d) => ({
    legend: { top: 0 }, tooltip: { trigger: "axis" },
    xAxis: { type: "category", data: d.labels }, yAxis: axisMoney,
    series: Object.entries(d.series).map(([name, values]) => ({ name, type: "bar", data: values.map(number) })),
  }),
};

document.addEventListener("DOMContentLoaded", () => {
  const data = document.getElementById("tk-chart-data");
  if (data) {
    const found = JSON.parse(data.textContent);
    const chart = echarts.init(document.getElementById("tk-chart"), null, { renderer: "svg" });
    chart.setOption({ animation: false, grid: { top: 40, left: 70, right: 70, bottom: 40 }, ...draw[found.kind](found) });
    window.addEventListener("resize", () => chart.resize());
  }
  document.querySelectorAll("[data-submit]").forEach((field) => field.addEventListener("change", () => field.form.submit()));
  document.querySelectorAll("[data-copy]").forEach((button) => button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "✓ Copied";
    } catch {
      getSelection().selectAllChildren(text);
    }
  }));
  document.querySelectorAll("[data-waiting]").forEach((status) => {
    const ask = async () => {
      const answer = await (await fetch(status.dataset.waiting)).json();
      if (answer.received) { status.textContent = "✓ The first event has arrived."; } else { setTimeout(ask, 2000); }
    };
    ask();
  });
});
