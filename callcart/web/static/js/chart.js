// Charts: <div data-chart="ID"> drawn from the JSON of <script type="application/json" id="ID"> (an ECharts option as data).
// Colours follow the theme; tooltips are drawn on the canvas, since our policy forbids style attributes.
import {getInstanceByDom, init} from "../vendor/echarts.js";

const reader = new Intl.NumberFormat(document.documentElement.lang || "en");

function themed(option) {
  const style = getComputedStyle(document.body);
  const probe = document.createElement("span");
  document.body.append(probe);
  const colour = (name) => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
  const text = colour("--tblr-secondary-color");
  const line = colour("--tblr-border-color");
  const palette = [1, 2, 3, 4, 5, 6].map((place) => colour(`--cc-chart-${place}`));
  const axis = (own = {}) => ({
    ...own,
    axisLine: {lineStyle: {color: line}, ...own.axisLine},
    axisLabel: {color: text, ...own.axisLabel},
    splitLine: {lineStyle: {color: line, opacity: 0.6}, ...own.splitLine},
    axisTick: {show: false, ...own.axisTick},
  });
  const all = (value) => (Array.isArray(value) ? value.map(axis) : value ? axis(value) : undefined);
  const tooltip = {trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("--tblr-bg-surface"), borderColor: line,
    textStyle: {color: colour("--tblr-body-color"), fontSize: 12}, valueFormatter: (value) => (typeof value === "number" ? reader.format(value) : value), ...option.tooltip};
  probe.remove();
  return {
    color: palette,
    textStyle: {fontFamily: style.fontFamily, color: text},
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250,
    aria: {enabled: true, decal: {show: false}},
    grid: {left: 8, right: 8, top: 28, bottom: 4, containLabel: true},
    ...option,
    tooltip,
    legend: option.legend && {itemWidth: 12, itemHeight: 8, right: 0, top: 0, bottom: "auto", left: "auto", ...option.legend, textStyle: {color: text}},
    xAxis: all(option.xAxis),
    yAxis: all(option.yAxis),
  };
}

const resized = new ResizeObserver((entries) => entries.forEach((entry) => getInstanceByDom(entry.target)?.resize()));

/** Draw (or redraw) every chart under an element. */
export function draw(scope = document) {
  for (const element of scope.querySelectorAll("[data-chart]")) {
    const option = JSON.parse(document.getElementById(element.dataset.chart).textContent);
    const chart = getInstanceByDom(element) ?? init(element);
    chart.setOption(themed(option), true);
    resized.observe(element);
    if (!element.dataset.linked) {
      element.dataset.linked = "1";
      chart.on("click", (point) => { const href = point.data?.href; if (href?.startsWith("/")) location.assign(href); });
    }
  }
}

document.addEventListener("callcart:theme", () => draw());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
draw();
