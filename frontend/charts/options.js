// From what the server says of a chart to what ECharts draws. Kinds: line, bar, stack, heat, spark.
import { axisFormat } from "./formats.js";
import { inkOn, mix, write } from "./theme.js";
import { buildTip } from "./tip.js";

const HATCH = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4 };
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "roundRect", "pin"];

const values = (spec) => spec.series.flatMap((one) => one.points.flatMap((point) => [point.value, point.low, point.high]));
const known = (numbers) => numbers.filter((value) => value !== null && value !== undefined);

export function drawOptions(spec, theme, width) {
  const shared = {
    animation: !theme.still,
    animationDuration: 350,
    textStyle: { fontFamily: theme.font },
    aria: { enabled: true, label: { enabled: false } },
    tooltip: tooltip(spec, theme),
  };
  if (spec.kind === "heat") return { ...shared, ...heat(spec, theme, width) };
  return { ...shared, ...plane(spec, theme) };
}

function tooltip(spec, theme) {
  return {
    trigger: spec.kind === "heat" ? "item" : "axis",
    confine: true,
    className: "plot-tip",
    transitionDuration: 0,
    backgroundColor: write(theme.popover),
    borderColor: write(theme.line),
    textStyle: { color: write(theme.ink), fontFamily: theme.font, fontSize: 13 },
    axisPointer: { type: spec.kind === "line" || spec.kind === "spark" ? "line" : "shadow", lineStyle: { color: write(theme.quiet), type: "solid" }, shadowStyle: { color: write(theme.wash, 0.7) } },
    formatter: (asked) => {
      const at = Array.isArray(asked) ? asked[0].dataIndex : asked.data.at;
      return spec.kind === "heat" ? buildTip(spec, at.column, at.row) : buildTip(spec, at);
    },
  };
}

const label = (theme) => ({ color: write(theme.quiet), fontSize: 12, fontFamily: theme.font });

// --- Lines and columns over labels -------------------------------------------------------------------
function plane(spec, theme) {
  const spark = spec.kind === "spark";
  const bars = spec.kind === "bar" || spec.kind === "stack";
  const all = known(values(spec));
  const largest = Math.max(0, ...all.map(Math.abs));
  const places = {
    type: "category",
    show: !spark,
    data: spec.labels,
    boundaryGap: bars,
    inverse: spec.lying,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: write(theme.line) } },
    axisLabel: { ...label(theme), hideOverlap: true, interval: spec.lying ? 0 : "auto" },
  };
  const sizes = {
    type: "value",
    show: !spark,
    scale: spark,
    splitNumber: 4,
    minInterval: spec.scale.kind === "count" ? 1 : 0,
    // A share of all ends at all.
    ...(spec.scale.kind === "share" && !spark && largest > 0.75 && largest <= 1 ? { max: 1, interval: 0.25 } : {}),
    axisLabel: { ...label(theme), formatter: axisFormat(spec.scale, largest), hideOverlap: true },
    splitLine: { lineStyle: { color: write(theme.line) } },
  };
  return {
    grid: spark
      ? { left: 3, right: 3, top: 4, bottom: 4, outerBoundsMode: "none" }
      : { left: 2, right: 10, top: 14, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: spec.lying ? sizes : places,
    yAxis: spec.lying ? places : sizes,
    series: spec.series.flatMap((one, place) => (bars ? [column(spec, one, place, theme)] : line(spec, one, place, theme))),
  };
}

function column(spec, one, place, theme) {
  const colour = theme.tones[one.tone];
  return {
    name: one.name,
    type: "bar",
    stack: spec.kind === "stack" ? "all" : undefined,
    barMaxWidth: 44,
    barMinHeight: 2,
    itemStyle: { color: write(colour), borderRadius: spec.kind === "stack" ? 0 : [3, 3, 0, 0] },
    emphasis: { disabled: true },
    data: one.points.map((point) => ({
      value: point.value,
      itemStyle: point.hatched ? { color: write(mix(theme.ground, colour, 0.6)), decal: { ...HATCH, color: write(theme.ground) } } : undefined,
    })),
    markLine: place === 0 ? mark(spec, theme) : undefined,
  };
}

function line(spec, one, place, theme) {
  const colour = theme.tones[one.tone];
  const spark = spec.kind === "spark";
  const points = one.dashed ? joined(spec, one) : one.points;
  const drawn = {
    name: one.name,
    type: "line",
    data: points.map((point) => point.value),
    symbol: SYMBOLS[place % SYMBOLS.length],
    symbolSize: spark ? 5 : 6,
    // A lone point has no line that would show it.
    showSymbol: known(one.points.map((point) => point.value)).length === 1 || (!spark && spec.labels.length <= 16),
    itemStyle: { color: write(colour) },
    lineStyle: { color: write(colour), width: 2, type: one.dashed ? [5, 4] : "solid" },
    areaStyle: spark ? { color: write(colour, 0.12) } : undefined,
    emphasis: { disabled: true },
    z: 3,
    markLine: place === 0 && !spark ? mark(spec, theme) : undefined,
  };
  return one.points.some((point) => point.high !== null && point.high !== undefined) ? [...band(one, points, place, theme), drawn] : [drawn];
}

// What lies ahead begins where the other line ends: to the eye only, the table has no such value.
function joined(spec, one) {
  const first = one.points.findIndex((point) => point.value !== null);
  const before = spec.series.find((other) => other !== one && first > 0 && other.points[first - 1].value !== null);
  if (!before) return one.points;
  const value = before.points[first - 1].value;
  return one.points.map((point, place) => (place === first - 1 ? { value, low: value, high: value } : point));
}

// An interval: an unseen foot with the width of the interval stacked on it.
function band(one, points, place, theme) {
  const shared = { type: "line", stack: `band ${place}`, stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, emphasis: { disabled: true }, z: 1 };
  const has = (point) => point.high !== null && point.high !== undefined;
  return [
    { ...shared, data: points.map((point) => (has(point) ? point.low : null)) },
    { ...shared, data: points.map((point) => (has(point) ? point.high - point.low : null)), areaStyle: { color: write(theme.tones[one.tone], 0.18) } },
  ];
}

function mark(spec, theme) {
  if (!spec.mark) return undefined;
  return {
    silent: true,
    symbol: "none",
    animation: false,
    lineStyle: { color: write(theme.tones.tomato), width: 2, type: [4, 3] },
    label: { formatter: spec.mark.text, position: "insideEndTop", rotate: 0, align: spec.mark.at > spec.labels.length / 2 ? "right" : "left", color: write(theme.ink), fontFamily: theme.font, fontSize: 12, distance: [6, 2] },
    data: [{ xAxis: spec.mark.at }],
  };
}

// --- A grid of cells ---------------------------------------------------------------------------------
function heat(spec, theme, width) {
  const numbers = known(spec.series.flatMap((row) => row.points.map((point) => point.value)));
  const [least, most] = [Math.min(0, ...numbers), Math.max(...numbers, 0)];
  const share = (value) => (most > least ? (value - least) / (most - least) : 0);
  const room = width / Math.max(1, spec.labels.length + 2);
  const wide = room > 40;
  const longest = Math.max(0, ...spec.labels.map((text) => text.length));
  // Words that have no room beside each other lean.
  const lean = longest > 7 && longest * 7 > room ? { rotate: 40, interval: 0, hideOverlap: false } : {};
  return {
    grid: { left: 2, right: 2, top: 2, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: { type: "category", position: "top", data: spec.labels, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { ...label(theme), hideOverlap: true, ...lean } },
    yAxis: { type: "category", inverse: true, data: spec.series.map((row) => row.name), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { ...label(theme), hideOverlap: true } },
    series: [
      {
        type: "heatmap",
        emphasis: { itemStyle: { borderColor: write(theme.ink), borderWidth: 2 } },
        itemStyle: { borderColor: write(theme.ground), borderWidth: 2, borderRadius: 4 },
        data: spec.series.flatMap((row, rowAt) => row.points.map((point, columnAt) => cell(point, columnAt, rowAt, share, theme, wide))),
      },
    ],
  };
}

function cell(point, column, row, share, theme, wide) {
  const empty = point.value === null;
  const colour = point.tone ? mix(theme.ground, theme.tones[point.tone], empty ? 0.1 : 0.2 + 0.55 * share(point.value)) : mix(theme.ground, theme.heat, empty ? 0 : 0.06 + 0.94 * share(point.value));
  return {
    value: [column, row, empty ? "-" : point.value],
    at: { column, row },
    itemStyle: { color: write(colour), decal: point.hatched ? { ...HATCH, color: write(theme.ground, 0.75) } : undefined },
    label: { show: wide && !empty, formatter: point.short || point.text, color: point.hatched ? write(theme.ink) : inkOn(colour), fontSize: 12, fontFamily: theme.font, ...(point.hatched ? { backgroundColor: write(theme.ground, 0.85), padding: [1, 3], borderRadius: 3 } : {}) },
  };
}
