// The colours and the type of the page, as a chart can use them: tokens resolved for where the chart stands.
const TOKENS = {
  ink: "--foreground",
  quiet: "--muted-foreground",
  line: "--border",
  ground: "--card",
  popover: "--popover",
  wash: "--muted",
  heat: "--plot-heat",
};
export const TONES = ["leaf", "honey", "sky", "plum", "tomato", "clay", "quiet"];

const canvas = document.createElement("canvas");
canvas.width = canvas.height = 1;
const brush = canvas.getContext("2d", { willReadFrequently: true });

// The browser knows oklch and light-dark; the chart knows red, green and blue.
function resolve(probe, token) {
  probe.style.color = `var(${token})`;
  brush.clearRect(0, 0, 1, 1);
  brush.fillStyle = getComputedStyle(probe).color;
  brush.fillRect(0, 0, 1, 1);
  return [...brush.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

export const write = ([r, g, b], alpha = 1) => (alpha === 1 ? `rgb(${r},${g},${b})` : `rgba(${r},${g},${b},${alpha})`);
export const mix = (from, to, share) => from.map((part, place) => Math.round(part + (to[place] - part) * share));

// WCAG 2.2: relative luminance, by which ink on a coloured cell is chosen.
function luminance(colour) {
  const [r, g, b] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function inkOn(colour) {
  const light = luminance(colour);
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "rgb(15,25,20)" : "rgb(255,255,255)";
}

export function readTheme(element) {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const colours = Object.fromEntries(Object.entries(TOKENS).map(([name, token]) => [name, resolve(probe, token)]));
  const tones = Object.fromEntries(TONES.map((name) => [name, resolve(probe, `--plot-${name}`)]));
  probe.remove();
  return { ...colours, tones, font: getComputedStyle(element).fontFamily, still: matchMedia("(prefers-reduced-motion: reduce)").matches };
}
