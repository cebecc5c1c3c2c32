// What a chart says of one place: as nodes for the eye, as a sentence for a screen reader. No markup as text.
const node = (tag, name, text) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
};

export function rowsAt(spec, column, row) {
  if (row !== undefined) return [[spec.series[row].points[column], "", spec.series[row].points[column].tone]];
  return spec.series.map((one) => [one.points[column], one.name, one.tone]).filter(([point]) => point.text);
}

export const titleAt = (spec, column, row) => (row === undefined ? spec.labels[column] : `${spec.series[row].name} · ${spec.labels[column]}`);

export function buildTip(spec, column, row) {
  const tip = node("div", "plot-tip-body");
  tip.append(node("strong", "", titleAt(spec, column, row)));
  const list = node("ul", "");
  for (const [point, name, tone] of rowsAt(spec, column, row)) {
    const item = node("li", "");
    if (name && spec.series.length > 1) {
      const swatch = node("i", "");
      swatch.dataset.tone = tone;
      item.append(swatch, node("span", "", name));
    }
    item.append(node("b", "", point.text));
    if (point.note) item.append(node("small", "", point.note));
    list.append(item);
  }
  tip.append(list);
  return tip;
}

export function sayAt(spec, column, row) {
  const said = rowsAt(spec, column, row).map(([point, name]) => [name, point.text, point.note].filter(Boolean).join(" "));
  return `${titleAt(spec, column, row)}: ${said.join("; ")}`;
}
