// Turns the sources of this folder into what the browser gets, in src/regulars/design/static/design/dist.
// The style sheet is written last: its time tells `make` that everything before it is there too.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { buildSync } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const source = join(here, "..", "src", "regulars");
const dist = join(source, "design", "static", "design", "dist");

const BASECOAT_PARTS = ["basecoat", "tabs", "dropdown-menu", "popover"];

// A manifest of hashed names would look for the maps that these comments name, and they are not shipped.
const withoutMap = (text) => text.replace(/^\s*(\/\/|\/\*)# sourceMappingURL=.*$/gm, "");
const read = (...path) => readFileSync(join(...path), "utf8");
const compressed = (name) => /\.(css|js)$/.test(name);

// Beside each file, the same compressed as well as can be: the server sends what the browser takes.
function write(name, text) {
  const written = withoutMap(text);
  if (compressed(name)) {
    writeFileSync(join(dist, `${name}.gz`), gzipSync(written, { level: 9 }));
    writeFileSync(join(dist, `${name}.br`), brotliCompressSync(written));
  }
  writeFileSync(join(dist, name), written);
}

function templates(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".html"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /[\\/]templates[\\/]/.test(path))
    .sort();
}

function iconNames() {
  const names = new Set(read(here, "icons.txt").split("\n").map((line) => line.split("#")[0].trim()));
  for (const path of templates(source)) {
    for (const [, name] of read(path).matchAll(/(?:{%\s*(?:icon|notice)\s+|icon_name=)"([^"]+)"/g)) names.add(name);
  }
  names.delete("");
  return [...names].sort();
}

function icons() {
  const drawn = {};
  for (const name of iconNames()) {
    let svg;
    try {
      svg = read(modules, "lucide-static", "icons", `${name}.svg`);
    } catch {
      throw new Error(`There is no lucide icon “${name}”; correct the template or icons.txt.`);
    }
    drawn[name] = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, "");
  }
  return JSON.stringify(drawn, null, 1);
}

// Of ECharts only what our charts use; its licences stay at the foot of the file.
function charts() {
  const { outputFiles } = buildSync({
    absWorkingDir: here,
    entryPoints: ["charts/main.js"],
    bundle: true,
    minify: true,
    write: false,
    target: "es2022",
    legalComments: "eof",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
  });
  return outputFiles[0].text;
}

function styleSheet() {
  const cli = join(modules, "@tailwindcss", "cli", "dist", "index.mjs");
  const target = join(dist, "tailwind.tmp");
  const done = spawnSync(process.execPath, [cli, "--input", "css/regulars.css", "--output", target, "--minify"], {
    cwd: here,
    encoding: "utf8",
  });
  if (done.status !== 0) throw new Error(done.stderr || done.stdout);
  write("regulars.css", readFileSync(target, "utf8"));
  rmSync(target);
}

try {
  mkdirSync(dist, { recursive: true });
  write("icons.json", icons());
  write("htmx.js", read(modules, "htmx.org", "dist", "htmx.min.js"));
  write(
    "basecoat.js",
    BASECOAT_PARTS.map((part) => read(modules, "basecoat-css", "dist", "js", `${part}.min.js`)).join(";\n"),
  );
  for (const name of readdirSync(join(here, "js"))) write(name, read(here, "js", name));
  write("charts.js", charts());
  styleSheet();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
