// Draws every chart of a page from the data that stands beside it. The table behind each holds the same; where this
// script does not run, the table is what is shown.
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

import { drawOptions } from "./options.js";
import { readTheme } from "./theme.js";
import { sayAt } from "./tip.js";

use([LineChart, BarChart, HeatmapChart, GridComponent, TooltipComponent, MarkLineComponent, AriaComponent, SVGRenderer]);

const charts = new Map();

function begin(figure) {
  if (charts.has(figure)) return;
  const canvas = figure.querySelector("[data-plot-canvas]");
  const data = figure.querySelector('script[type="application/json"]');
  if (!canvas || !data) return;
  const spec = JSON.parse(data.textContent);
  const table = figure.querySelector("details[data-plot-table]");
  if (table) table.open = false;
  figure.dataset.ready = "";
  // What has rows is as high as they need.
  const rows = spec.kind === "heat" ? spec.series.length : spec.lying ? spec.labels.length : 0;
  if (rows) canvas.style.height = `${Math.max(8, rows * 2 + 3)}rem`;
  const chart = init(canvas, null, { renderer: "svg" });
  const place = { canvas, spec, chart, said: figure.querySelector("[data-plot-said]"), column: -1, row: 0 };
  charts.set(figure, place);
  draw(place);
  let width = canvas.clientWidth;
  new ResizeObserver(() => {
    if (!canvas.isConnected) return forget(figure);
    if (canvas.clientWidth === width || !canvas.clientWidth) return;
    width = canvas.clientWidth;
    chart.resize();
    draw(place);
  }).observe(canvas);
  canvas.addEventListener("keydown", (event) => step(place, event));
  canvas.addEventListener("blur", () => hide(place));
  if (spec.kind === "heat") chart.on("click", ({ data: cell }) => follow(spec.series[cell.at.row].points[cell.at.column]));
}

function draw({ canvas, spec, chart }) {
  chart.setOption(drawOptions(spec, readTheme(canvas), canvas.clientWidth), { notMerge: true });
}

function forget(figure) {
  charts.get(figure)?.chart.dispose();
  charts.delete(figure);
}

// --- By the keyboard: arrows go from value to value, Enter follows one, Escape lets go ---------------------
const STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

function step(place, event) {
  const { spec } = place;
  const heat = spec.kind === "heat";
  const last = { column: spec.labels.length - 1, row: heat ? spec.series.length - 1 : 0 };
  if (event.key === "Escape") return hide(place);
  if (event.key === "Enter" && place.column >= 0 && heat) return follow(spec.series[place.row].points[place.column]);
  const by = STEPS[event.key];
  if (by && (heat || by[0])) {
    place.column = place.column < 0 ? (by[0] < 0 ? last.column : 0) : Math.min(last.column, Math.max(0, place.column + by[0]));
    place.row = Math.min(last.row, Math.max(0, place.row + by[1]));
  } else if (event.key === "Home") place.column = 0;
  else if (event.key === "End") place.column = last.column;
  else return;
  event.preventDefault();
  point(place);
}

function point({ chart, spec, column, row, said }) {
  const heat = spec.kind === "heat";
  const dataIndex = heat ? row * spec.labels.length + column : column;
  // An interval stands before its line: any of them has the same places.
  chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex });
  said.textContent = sayAt(spec, column, heat ? row : undefined);
}

function hide(place) {
  place.column = -1;
  place.chart.dispatchAction({ type: "hideTip" });
  place.said.textContent = "";
}

function follow(point) {
  if (point.href) window.location.assign(point.href);
}

// --- When the page, its colours or its parts change ---------------------------------------------------------
const beginAll = (root) => root.querySelectorAll("[data-plot]").forEach(begin);
const drawAll = () => charts.forEach(draw);

beginAll(document);
document.body.addEventListener("htmx:load", (event) => {
  for (const figure of charts.keys()) if (!figure.isConnected) forget(figure);
  beginAll(event.target);
});
new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["class"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
matchMedia("(prefers-reduced-motion: reduce)").addEventListener("change", drawAll);
