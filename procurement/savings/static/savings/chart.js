// A bar for each material of a round: the rate by the median, and a line from the first to the third quartile.
import { init } from "../vendor/echarts/echarts.js";

const SERIES = { bar: "#4a8bdc", loss: "#c9644f", band: "#68737e" };

const host = document.getElementById("savings");
const { bars, texts } = JSON.parse(document.getElementById("savings-bars").textContent);

function band(params, api) {
  const [low, high] = [api.coord([api.value(0), api.value(1)]), api.coord([api.value(0), api.value(2)])];
  const style = { stroke: SERIES.band, lineWidth: 2 };
  const across = (point) => ({
    type: "line", shape: { x1: point[0] - 6, y1: point[1], x2: point[0] + 6, y2: point[1] }, style,
  });
  const along = { type: "line", shape: { x1: low[0], y1: low[1], x2: high[0], y2: high[1] }, style };
  return { type: "group", children: [along, across(low), across(high)] };
}

function option() {
  const ink = getComputedStyle(host).color;
  const names = bars.map((bar) => bar.name);
  return {
    animation: false,
    textStyle: { color: ink, fontFamily: getComputedStyle(host).fontFamily },
    grid: { left: 64, right: 24, top: 40, bottom: 64 },
    tooltip: { trigger: "axis" },
    legend: { textStyle: { color: ink } },
    xAxis: { type: "category", data: names, axisLabel: { color: ink, interval: 0, rotate: names.length > 8 ? 40 : 0 } },
    yAxis: { type: "value", name: texts.axis, nameTextStyle: { color: ink, align: "left" }, axisLabel: { color: ink } },
    series: [
      {
        name: texts.axis,
        type: "bar",
        barMaxWidth: 48,
        data: bars.map(({ rates }) => ({
          value: rates[1], itemStyle: { color: rates[1] < 0 ? SERIES.loss : SERIES.bar },
        })),
      },
      {
        name: texts.band,
        type: "custom",
        renderItem: band,
        encode: { x: 0, y: [1, 2] },
        itemStyle: { color: SERIES.band },
        data: bars.map(({ rates }, place) => [place, rates[0], rates[2]]),
      },
    ],
  };
}

const chart = init(host, null, { renderer: "canvas" });
chart.on("finished", () => { host.dataset.drawn = bars.length; });
chart.setOption(option());
new ResizeObserver(() => chart.resize()).observe(host);
new MutationObserver(() => chart.setOption(option())).observe(document.documentElement, { attributeFilter: ["class"] });
