// What is painted for each run, closed hour, due date and line of the chart.
import { graphic } from "../../vendor/echarts/echarts.js";
import { FROZEN, LATE, OUTSOURCED } from "./model.js";

const LEAST_TEXT_PX = 11;
const LEAST_MARK_PX = 5;
const LEAST_LABEL_PX = 16;
const LEAST_LABEL_WIDTH_PX = 56;

// A pattern of slanting lines, for what colour alone must not say.
export function hatch(colour, gap = 6) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = gap;
  const pen = canvas.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.4;
  for (const shift of [-gap, 0, gap]) {
    pen.moveTo(shift, gap);
    pen.lineTo(shift + gap, 0);
  }
  pen.stroke();
  return { image: canvas, repeat: "repeat" };
}

const clipped = (shape, area) => graphic.clipRectByRect(shape, area);
const heightOf = (api) => Math.abs(api.size([0, 1])[1]);

// A run: [start, end, line, place in runs, start of work].
export function bar({ runs, look }) {
  return (params, api) => {
    const run = runs[api.value(3)];
    const [left, middle] = api.coord([api.value(0), api.value(2)]);
    const [right] = api.coord([api.value(1), api.value(2)]);
    const line = heightOf(api);
    const height = Math.max(1, line * 0.76);
    const area = params.coordSys;
    const whole = { x: left, y: middle - height / 2, width: Math.max(1, right - left), height };
    const shape = clipped(whole, area);
    if (!shape) return null;
    const late = run.flags & LATE;
    const paint = look.paints[run.colour];
    const small = line < LEAST_MARK_PX;
    const edge = late ? look.late : small ? null : paint.edge;
    const rect = {
      type: "rect",
      name: "bar",
      shape,
      style: { fill: paint.fill, stroke: edge, lineWidth: late && line >= LEAST_TEXT_PX ? 2 : 1 },
    };
    if (small) return rect;
    rect.emphasis = { style: { stroke: look.focus, lineWidth: 2 } };
    return { type: "group", children: [rect, ...details(run, whole, api, { look, area, paint, line })] };
  };
}

function details(run, whole, api, { look, area, paint, line }) {
  const found = [];
  const over = (shape, style) => {
    const left = clipped(shape, area);
    if (left) found.push({ type: "rect", silent: true, shape: left, style });
  };
  const [work] = api.coord([api.value(4), api.value(2)]);
  if (work - whole.x > 1) over({ ...whole, width: work - whole.x }, { fill: look.setup });
  if (run.flags & OUTSOURCED) over(whole, { fill: paint.hatch });
  if (run.flags & FROZEN) {
    const thick = Math.max(2, whole.height * 0.22);
    over({ ...whole, y: whole.y + whole.height - thick, height: thick }, { fill: look.frozen });
  }
  if (run.flags & LATE) {
    const wide = Math.min(7, whole.width);
    const tip = whole.x + whole.width;
    if (tip > area.x && tip <= area.x + area.width) {
      found.push({
        type: "polygon",
        silent: true,
        shape: {
          points: [[tip - wide, whole.y], [tip, whole.y], [tip, whole.y + Math.min(wide, whole.height)]],
        },
        style: { fill: look.late },
      });
    }
  }
  const seen = clipped(whole, area);
  if (line >= LEAST_LABEL_PX && seen && seen.width > LEAST_LABEL_WIDTH_PX) {
    found.push({
      type: "text",
      silent: true,
      style: {
        text: look.label(run), font: `11px ${look.font}`, fill: paint.ink, stroke: paint.fill, lineWidth: 3,
        x: seen.x + 5, y: seen.y + seen.height / 2, verticalAlign: "middle", width: seen.width - 10,
        overflow: "truncate",
      },
    });
  }
  return found;
}

// Closed hours of lines that work by one calendar: [from, to, first line, last line, place in blocks].
export function closed({ blocks, calendars, look }) {
  return (params, api) => {
    const block = blocks[api.value(4)];
    const area = params.coordSys;
    const half = heightOf(api) / 2;
    const [origin, top] = api.coord([api.value(0), block.start]);
    const [, bottom] = api.coord([api.value(0), block.end - 1]);
    const minute = (api.coord([api.value(1), 0])[0] - origin) / api.value(5);
    const upper = Math.max(area.y, top - half);
    const lower = Math.min(area.y + area.height, bottom + half);
    const path = calendars[block.calendar]
      .map(([start, end]) => [
        Math.max(area.x, origin + start * minute),
        Math.min(area.x + area.width, origin + end * minute),
      ])
      .filter(([start, end]) => end - start > 0.2)
      .map(([start, end]) => `M${start} ${upper}H${end}V${lower}H${start}Z`)
      .join("");
    if (!path || lower <= upper) return null;
    return { type: "path", silent: true, shape: { pathData: path }, style: { fill: look.closed } };
  };
}

// Time of one machine that is taken otherwise: [start, end, line, 0 downtime or 1 booked].
export function taken({ look }) {
  return (params, api) => {
    const [left, middle] = api.coord([api.value(0), api.value(2)]);
    const [right] = api.coord([api.value(1), api.value(2)]);
    const height = heightOf(api) * 0.9;
    const shape = clipped({ x: left, y: middle - height / 2, width: right - left, height }, params.coordSys);
    const fill = api.value(3) ? look.booked : look.downtime;
    return shape && { type: "rect", silent: true, shape, style: { fill } };
  };
}

// When an order line is due, on the line where it is finished: [due, finish, line, late].
export function due({ look }) {
  return (params, api) => {
    const line = heightOf(api);
    if (line < LEAST_MARK_PX + 2) return null;
    const area = params.coordSys;
    const [x, middle] = api.coord([api.value(0), api.value(2)]);
    const [finish] = api.coord([api.value(1), api.value(2)]);
    const top = middle - line / 2;
    const late = api.value(3);
    const colour = late ? look.late : look.due;
    const children = [];
    if (x >= area.x && x <= area.x + area.width) {
      children.push(
        { type: "line", shape: { x1: x, y1: top, x2: x, y2: top + line }, style: { stroke: colour, lineWidth: 1 } },
        { type: "polygon", shape: { points: [[x - 4, top], [x + 4, top], [x, top + 6]] }, style: { fill: colour } },
      );
    }
    const from = Math.max(x, area.x);
    const to = Math.min(finish, area.x + area.width);
    if (late && to > from) {
      const style = { stroke: look.late, lineWidth: 1, lineDash: [3, 3] };
      children.push({ type: "line", shape: { x1: from, y1: top + 1, x2: to, y2: top + 1 }, style });
    }
    return children.length ? { type: "group", silent: true, children } : null;
  };
}

// The headings of firms and the machines' codes, in the margin: [left edge, place in lines].
export function heading({ lines, look, margin }) {
  return (params, api) => {
    const line = lines[api.value(1)];
    const area = params.coordSys;
    const height = heightOf(api);
    const middle = api.coord([api.value(0), api.value(1)])[1];
    if (middle < area.y - 1 || middle > area.y + area.height + 1) return null;
    const edge = area.x - 8;
    const isHeading = line.firm !== undefined;
    const children = [];
    if (isHeading) {
      const band = { x: area.x - margin, y: middle - height / 2, width: area.width + margin, height };
      const fence = { x: area.x - margin, y: area.y, width: area.width + margin, height: area.height };
      const shape = clipped(band, fence);
      if (shape) children.push({ type: "rect", shape, style: { fill: look.heading } });
    }
    if (height >= LEAST_TEXT_PX || line.gap * height >= LEAST_TEXT_PX - 1) {
      const text = isHeading && height >= LEAST_TEXT_PX ? `${line.firm[0]} ${line.firm[1]}` : line.code ?? line.firm[0];
      const font = `11px ${look.font}`;
      const style = isHeading
        ? { x: area.x - margin + 4, fill: look.ink, font: `600 12px ${look.font}` }
        : { x: edge, align: "right", width: margin - 12, overflow: "truncate", fill: look.quiet, font };
      children.push({ type: "text", style: { ...style, text, y: middle, verticalAlign: "middle" } });
    }
    return children.length ? { type: "group", silent: true, children } : null;
  };
}
