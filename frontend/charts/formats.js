// Numbers along an axis, in the page's language. What a reader is told of a value comes written from the server.
const language = document.documentElement.lang || "en";

function number(options) {
  const format = new Intl.NumberFormat(language, options);
  return (value) => format.format(value);
}

export function axisFormat(scale, largest) {
  const compact = Math.abs(largest) >= 10_000 ? { notation: "compact", maximumFractionDigits: 1 } : { maximumFractionDigits: 2 };
  if (scale.kind === "share") return number({ style: "percent", maximumFractionDigits: Math.abs(largest) < 0.05 ? 1 : 0 });
  if (scale.kind === "money") {
    return number({ ...compact, style: "currency", currency: scale.currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: 0 });
  }
  return number(compact);
}
