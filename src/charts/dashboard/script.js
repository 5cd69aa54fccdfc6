"use strict";
// The page's one script. It reads the data beside it, draws, and speaks to nobody but a host that shows the
// page as an app. Text is only ever set as text.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const DAY = 86400000;
  const first = Date.parse(data.start + "T00:00:00Z");
  const count = Math.round((Date.parse(data.end + "T00:00:00Z") - first) / DAY) + 1;
  const SVG = "http://www.w3.org/2000/svg";
  const HEIGHT = 152, LEFT = 46, RIGHT = 6, TOP = 8, BOTTOM = 20;
  const dayFormat = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
  const fullFormat = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const UNITS = { "Cel": "°C", "K": "°C", "/min": "/min", "mm[Hg]": "mmHg", "mL/kg/min": "ml/kg/min", "1": "", "{score}": "", "[MET]": "MET" };

  const element = (name, attributes, text) => {
    const made = document.createElement(name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const drawn = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const dateOf = place => new Date(first + place * DAY);
  const number = (value, decimals) =>
    value.toLocaleString(undefined, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const clock = seconds => {
    const minutes = Math.round(Math.abs(seconds) / 60);
    return (seconds < 0 ? "−" : "") + Math.floor(minutes / 60) + ":" + String(minutes % 60).padStart(2, "0");
  };
  const unitOf = metric => metric.unit === "s" ? "h" : UNITS[metric.unit] ?? metric.unit;
  const bare = (metric, value) => metric.unit === "s" ? clock(value) : number(value, metric.decimals);
  const shown = (metric, value) => (bare(metric, value) + " " + unitOf(metric)).trim();
  const average = values => values.reduce((sum, value) => sum + value, 0) / values.length;

  // Round steps, for durations of the clock's kind.
  const stepOf = (metric, span) => {
    const least = span / 4;
    if (metric.unit === "s") return [300, 600, 900, 1800, 3600, 7200, 14400, 28800].find(step => step >= least) ?? 86400;
    const power = Math.pow(10, Math.floor(Math.log10(least)));
    return [1, 2, 5, 10].map(part => part * power).find(step => step >= least);
  };

  const scaleOf = (metric, from) => {
    const all = [];
    for (let place = from; place < count; place++)
      for (const list of [metric.values, metric.low, metric.high]) if (list[place] !== null) all.push(list[place]);
    let low = Math.min(...all), high = Math.max(...all);
    if (metric.bars) low = Math.min(0, Math.min(...metric.values.slice(from).filter(value => value !== null)));
    if (high === low) { high += 1; if (!metric.bars) low -= 1; }
    const step = stepOf(metric, high - low);
    low = Math.floor(low / step) * step;
    high = Math.ceil(high / step) * step;
    return { low, high, step };
  };

  // Stretches of days on which there is something, each as [first, last].
  const stretches = (list, from) => {
    const found = [];
    for (let place = from; place < count; place++) {
      if (list[place] === null) continue;
      const last = found[found.length - 1];
      if (last && last[1] === place - 1) last[1] = place; else found.push([place, place]);
    }
    return found;
  };

  function chart(metric, days, width, summary, id) {
    const from = count - days;
    const { low, high, step } = scaleOf(metric, from);
    const wide = width - LEFT - RIGHT, tall = HEIGHT - TOP - BOTTOM, each = wide / days;
    const x = place => LEFT + (place - from + .5) * each;
    const y = value => TOP + (high - Math.min(high, Math.max(low, value))) / (high - low) * tall;
    const at = (place, value) => x(place).toFixed(1) + "," + y(value).toFixed(1);
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-labelledby": id });
    svg.append(drawn("title", { id }, summary));
    for (let value = low; value <= high + step / 2; value += step) {
      svg.append(drawn("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }));
      const decimals = Math.max(0, Math.min(metric.decimals, -Math.floor(Math.log10(step))));
      const label = metric.unit === "s" ? clock(value) : number(value, decimals);
      svg.append(drawn("text", { x: LEFT - 5, y: y(value) + 4, "text-anchor": "end" }, label));
    }
    const labels = Math.max(2, Math.min(6, Math.floor(wide / 80)));
    for (let label = 0; label < labels; label++) {
      const place = from + Math.round((days - 1) * label / (labels - 1));
      const anchor = label === 0 ? "start" : label === labels - 1 ? "end" : "middle";
      svg.append(drawn("text", { x: label === 0 ? LEFT : label === labels - 1 ? width - RIGHT : x(place), y: HEIGHT - 5, "text-anchor": anchor },
        dayFormat.format(dateOf(place))));
    }
    // A year of bars is a grey wall.
    const bars = metric.bars && days <= 120;
    const middles = [];
    for (const [start, end] of stretches(metric.median, from)) {
      const upper = [], lower = [], middle = [];
      for (let place = start; place <= end; place++) {
        upper.push(at(place, metric.high[place]));
        lower.unshift(at(place, metric.low[place]));
        middle.push(at(place, metric.median[place]));
      }
      svg.append(drawn("polygon", { class: "band", points: upper.concat(lower).join(" ") }));
      middles.push(drawn("polyline", { class: "middle", points: middle.join(" ") }));
    }
    if (bars) {
      for (let place = from; place < count; place++) {
        if (metric.values[place] === null) continue;
        const top = y(metric.values[place]);
        svg.append(drawn("rect", { class: "bar", x: (x(place) - each * .35).toFixed(1), y: top.toFixed(1),
          width: Math.max(each * .7, .8).toFixed(1), height: Math.max(y(Math.max(0, low)) - top, .5).toFixed(1) }));
      }
    } else {
      for (const [start, end] of stretches(metric.values, from)) {
        const points = [];
        for (let place = start; place <= end; place++) points.push(at(place, metric.values[place]));
        if (points.length > 1) svg.append(drawn("polyline", { class: "line", points: points.join(" ") }));
        if (points.length === 1 || days <= 31)
          for (let place = start; place <= end; place++)
            svg.append(drawn("circle", { class: "dot", cx: x(place), cy: y(metric.values[place]), r: 2.2 }));
      }
    }
    // What is usual stays visible in front of bars.
    svg.append(...middles);
    for (const place of metric.unusual) {
      if (place >= from) svg.append(drawn("circle", { class: "odd", cx: x(place), cy: y(metric.values[place]), r: 4 }));
    }
    for (let place = from; place < count; place++) {
      if (metric.values[place] === null) continue;
      const hit = drawn("rect", { class: "hit", x: x(place) - each / 2, y: TOP, width: each, height: tall });
      const odd = metric.unusual.includes(place) ? ", unusual" : "";
      hit.append(drawn("title", {}, `${fullFormat.format(dateOf(place))}: ${shown(metric, metric.values[place])}${odd} (${metric.sources[metric.from[place]]})`));
      svg.append(hit);
    }
    return svg;
  }

  function summaryOf(metric, days) {
    const from = count - days;
    const values = metric.values.slice(from).filter(value => value !== null);
    if (!values.length) return `${metric.title}: no value in the last ${days} days`;
    const odd = metric.unusual.filter(place => place >= from);
    const named = odd.slice(-3).map(place => dayFormat.format(dateOf(place))).join(", ");
    return `${metric.title}, last ${days} days: mean ${shown(metric, average(values))}, from ${bare(metric, Math.min(...values))} to ` +
      `${bare(metric, Math.max(...values))}, ${values.length} days with a value, ` +
      (odd.length ? `${odd.length} unusual, last on ${named}` : "none unusual");
  }

  function tableOf(metric, days) {
    const table = element("table");
    table.append(element("caption", {}, `${metric.title}${unitOf(metric) ? ", " + unitOf(metric) : ""}, newest first. ${metric.about}`));
    const head = element("tr");
    for (const title of ["Date", "Value", "Usual", "Source"]) head.append(element("th", { scope: "col" }, title));
    const top = element("thead"), body = element("tbody");
    top.append(head);
    for (let place = count - 1; place >= count - days; place--) {
      const row = element("tr"), value = metric.values[place], odd = metric.unusual.includes(place);
      row.append(element("th", { scope: "row" }, fullFormat.format(dateOf(place))));
      row.append(element("td", { class: odd ? "number unusual" : "number" }, value === null ? "none" : bare(metric, value) + (odd ? " unusual" : "")));
      row.append(element("td", { class: "number" }, metric.low[place] === null ? "–" : `${bare(metric, metric.low[place])} to ${bare(metric, metric.high[place])}`));
      row.append(element("td", {}, metric.from[place] === null ? "–" : metric.sources[metric.from[place]]));
      body.append(row);
    }
    table.append(top, body);
    return table;
  }

  // One card a metric, made once; drawing fills it again.
  const cards = [];
  const sections = document.getElementById("sections");
  for (const section of data.sections) {
    const part = element("section"), grid = element("div", { class: "cards" });
    part.append(element("h2", {}, section.title), grid);
    for (const metric of section.metrics) {
      const card = element("article", { class: "card" }), head = element("div", { class: "head" });
      const now = element("span", { class: "now" }), line = element("p"), box = element("div");
      const details = element("details"), scroll = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": metric.title + " as a table" });
      head.append(element("h3", {}, metric.title), now);
      details.append(element("summary", {}, "Show as a table"), scroll);
      card.append(head, line, box, details);
      grid.append(card);
      const one = { metric, now, line, box, details, scroll, id: "chart" + cards.length };
      details.addEventListener("toggle", () => fill(one));
      cards.push(one);
    }
    sections.append(part);
  }
  if (!cards.length) sections.append(element("p", { class: "empty" }, "There is no data in the last year. Connect a provider and sync."));
  for (const note of data.notes) document.getElementById("notes").append(element("p", {}, note));

  let days = 30;
  const fill = one => one.scroll.replaceChildren(...(one.details.open ? [tableOf(one.metric, days)] : []));

  function draw() {
    document.getElementById("span").textContent =
      `${fullFormat.format(dateOf(count - days))} to ${fullFormat.format(dateOf(count - 1))} (${data.zone})`;
    for (const one of cards) {
      const { metric } = one, from = count - days, last = metric.values.findLastIndex(value => value !== null);
      const late = count - 1 - last;
      one.now.textContent = shown(metric, metric.values[last]);
      const usual = metric.low[last] === null ? "" : ` · usual ${bare(metric, metric.low[last])} to ${shown(metric, metric.high[last])}`;
      const when = late === 0 ? "today" : late === 1 ? "yesterday" : fullFormat.format(dateOf(last));
      one.line.textContent = `${when}${usual} · ${metric.sources[metric.from[last]]}`;
      const width = Math.max(240, Math.round(one.box.clientWidth));
      const summary = summaryOf(metric, days);
      one.box.replaceChildren(last < from ? element("p", { class: "empty" }, summary) : chart(metric, days, width, summary, one.id));
      fill(one);
    }
  }

  const radios = document.querySelectorAll("input[name=range]");
  for (const radio of radios) {
    if (Number(radio.value) > count) radio.disabled = true;
    radio.addEventListener("change", () => {
      days = Math.min(count, Number(radio.value));
      draw();
      document.getElementById("said").textContent = `Showing the last ${days} days.`;
    });
  }
  days = Math.min(count, 30);
  let lastWidth = 0;
  new ResizeObserver(() => {
    if (document.body.clientWidth !== lastWidth) { lastWidth = document.body.clientWidth; draw(); }
  }).observe(document.body);
  draw();

  // Shown by a host as an app: its theme is taken over, and it is told how tall the page is.
  if (window.parent !== window) {
    let next = 0;
    const waiting = new Map();
    const send = message => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
    const ask = (method, params) => new Promise((done, failed) => {
      waiting.set(++next, { done, failed });
      send({ id: next, method, params });
    });
    const dress = context => {
      const root = document.documentElement, given = context?.styles?.variables ?? {};
      if (context?.theme === "dark" || context?.theme === "light") root.dataset.theme = context.theme;
      // Both or none: one of them alone could make text unreadable.
      if (given["--color-text-primary"] && given["--color-background-primary"]) {
        root.style.setProperty("--text", given["--color-text-primary"]);
        root.style.setProperty("--soft", given["--color-text-primary"]);
        root.style.setProperty("--back", given["--color-background-primary"]);
        root.style.setProperty("--card", given["--color-background-primary"]);
      }
      if (given["--font-sans"]) root.style.setProperty("--font-sans", given["--font-sans"]);
    };
    window.addEventListener("message", event => {
      const message = event.data;
      if (event.source !== window.parent || message?.jsonrpc !== "2.0") return;
      if (message.id !== undefined && !message.method) {
        const one = waiting.get(message.id);
        waiting.delete(message.id);
        if (one) message.error ? one.failed(message.error) : one.done(message.result);
      } else if (message.method === "ui/notifications/host-context-changed") {
        dress(message.params);
      } else if (message.method === "ui/resource-teardown" || message.method === "ping") {
        send({ id: message.id, result: {} });
      }
    });
    ask("ui/initialize", { protocolVersion: "2026-01-26", appInfo: { name: "vitals-dashboard", version: "1" }, appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] } })
      .then(result => {
        dress(result?.hostContext);
        send({ method: "ui/notifications/initialized", params: {} });
        new ResizeObserver(() => send({ method: "ui/notifications/size-changed",
          params: { width: document.documentElement.scrollWidth, height: document.documentElement.scrollHeight } })).observe(document.body);
      })
      .catch(() => {});
  }
})();
