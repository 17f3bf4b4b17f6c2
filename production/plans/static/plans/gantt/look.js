// Colours of the chart: bars take their product's own colour, the rest follows the desk's theme.
import { hatch } from "./marks.js";

// Fill, edge, and what is readable on it.
const PRODUCT = {
  natural: ["#ead9b0", "#a48f5c", "#3b3220"],
  white: ["#ffffff", "#8492a1", "#25303b"],
  black: ["#3d444c", "#1b1f24", "#ffffff"],
  green: ["#4fa66f", "#2b6b43", "#ffffff"],
  blue: ["#4a8bdc", "#245a9c", "#ffffff"],
  red: ["#c98a83", "#8a4a43", "#2e1210"],
  yellow: ["#e6c94f", "#947c17", "#3a3108"],
  grey: ["#a9b3bd", "#68737e", "#1f272e"],
};
const OTHERS = [
  ["#9a86c9", "#5e4a91", "#ffffff"],
  ["#5fb3b3", "#2f7676", "#0e2b2b"],
  ["#d09a62", "#8a5a27", "#33200c"],
];
const UNKNOWN = ["#c9d1d9", "#7d8894", "#25303b"];

// The colours that stand in the plan, at the head of the legend.
export function legend(list, data) {
  const items = data.colours.map(([code, name], place) => {
    const { fill, edge } = paintOf(code, place, false);
    const item = document.createElement("li");
    const swatch = document.createElement("span");
    swatch.className = "gantt-swatch";
    swatch.style.backgroundColor = fill;
    swatch.style.borderColor = edge;
    item.append(swatch, name);
    return item;
  });
  list.prepend(...items);
}

function paintOf(code, place, dark) {
  const [fill, edge, ink] = code === "" ? UNKNOWN : PRODUCT[code] ?? OTHERS[place % OTHERS.length];
  return { fill, edge: dark ? "#c3ccd5" : edge, ink, hatch: hatch(ink === "#ffffff" ? "#ffffffb0" : "#1f2a35a0") };
}

// `element`: where the desk's colours are read from.
export function lookOf(element, data, texts) {
  const css = getComputedStyle(element);
  const colour = (name) => css.getPropertyValue(`--gantt-${name}`).trim();
  const dark = document.documentElement.classList.contains("dark");
  return {
    ink: colour("ink"),
    quiet: colour("quiet"),
    line: colour("line"),
    panel: colour("panel"),
    heading: colour("heading"),
    closed: colour("closed"),
    late: colour("late"),
    due: colour("due"),
    frozen: colour("frozen"),
    focus: colour("focus"),
    now: colour("now"),
    setup: "#ffffff8c",
    booked: hatch(colour("booked"), 5),
    downtime: hatch(colour("downtime"), 4),
    font: css.fontFamily,
    paints: data.colours.map(([code], place) => paintOf(code, place, dark)),
    label: (run) => labelOf(run, data, texts),
  };
}

function labelOf(run, data, texts) {
  const orders = [...new Set(run.parts.map(([line]) => data.lines[line].order))];
  if (!orders.length) return data.processes[run.process];
  if (orders.length === 1) return orders[0];
  return texts.and_more.replace("%(first)s", orders[0]).replace("%(more)s", orders.length - 1);
}
