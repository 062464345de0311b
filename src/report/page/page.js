"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const { columns, cases, ops, rules, outcomes, severities, reasons } = data;
  const MOST = 200;
  const OF = { pass: "passed", lenient: "chosen", strict: "chosen", declined: "uncredited", vacuous: "uncredited" };
  const kinds = {};
  for (const [letter, name] of outcomes) kinds[letter] = { name, kind: OF[name] || "failed" };
  kinds["-"] = { name: "not applicable", kind: "none" };
  kinds["."] = { name: "no result", kind: "none" };
  const places = new Map(cases.ids.map((id, place) => [id, place]));
  const labels = new Map(columns.map((column, place) => [column.label, place]));
  const VERDICTS = { v: "valid", i: "invalid", e: "either" };

  // The state is the part of the address after the hash, so that each view has a permanent link.
  let state = {};
  const read = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const link = (changes) => {
    const all = { ...state, ...changes };
    const text = new URLSearchParams(Object.entries(all).filter(([, value]) => value)).toString();
    return "#" + text.replaceAll("%2F", "/").replaceAll("%40", "@");
  };
  const go = (changes) => { location.hash = link(changes); };

  const element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "onclick") made.addEventListener("click", value);
      else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== undefined && child !== null));
    return made;
  };
  const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

  // Counts.
  const kindAt = (column, place) => kinds[column.cells[place]].kind;
  const tally = (column, list) => {
    const counts = { passed: 0, chosen: 0, failed: 0, uncredited: 0, none: 0 };
    const { cells } = column;
    for (const place of list) counts[kinds[cells[place]].kind] += 1;
    counts.asked = list.length - counts.none;
    return counts;
  };
  const words = ({ passed, chosen, failed, uncredited }) =>
    `${passed} passed, ${chosen} by choice, ${failed} failed${uncredited ? `, ${uncredited} without credit` : ""}`;

  // Filters.
  const picked = () => {
    const wanted = (state.q || "").toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    for (let place = 0; place < cases.ids.length; place += 1) {
      if (state.op && ops[cases.ops[place]] !== state.op) continue;
      if (state.rule && !cases.rules[place].some((rule) => rules[rule][0] === state.rule)) continue;
      if (state.severity && severities[cases.severities[place]][0] !== state.severity) continue;
      if (state.verdict && VERDICTS[cases.verdicts[place]] !== state.verdict) continue;
      if (wanted.length > 0) {
        const text = cases.texts[place];
        if (!wanted.every((word) => text.includes(word))) continue;
      }
      found.push(place);
    }
    return found;
  };
  cases.texts = cases.ids.map((id, place) =>
    `${id} ${cases.titles[place]} ${cases.rules[place].map((rule) => rules[rule][0]).join(" ")}`.toLowerCase());
  const shown = () => columns.map((_, place) => place).filter((place) => state.old || columns[place].newest);

  // The matrix.
  const sorted = (rows, counts) => {
    if (!state.sort) return rows;
    const by = {
      name: (a, b) => columns[a].label.localeCompare(columns[b].label),
      failed: (a, b) => counts.get(b).all.failed - counts.get(a).all.failed,
    };
    const op = ops.indexOf(state.sort);
    const of = (row) => { const cell = counts.get(row).ops[op]; return cell.asked ? cell.failed : -1; };
    return [...rows].sort(by[state.sort] || ((a, b) => of(b) - of(a)));
  };
  const bar = (counts) => {
    const made = element("div", { class: "bar", "aria-hidden": "true" });
    for (const kind of ["passed", "chosen", "uncredited", "failed"]) {
      if (counts[kind]) made.append(element("i", { class: kind, style: `flex:${counts[kind]}` }));
    }
    return made;
  };
  const cell = (column, counts, op) => {
    if (!counts.asked) return element("td", { class: "none", title: "no case applies, or there is no result" }, "–");
    const { passed, chosen, failed, uncredited } = counts;
    const lines = [];
    if (failed) lines.push(element("strong", { class: "failed" }, `${failed} failed`));
    lines.push(failed ? `${passed} passed` : element("strong", { class: "passed" }, `${passed} passed`));
    if (chosen) lines.push(element("span", { class: "chosen" }, `${chosen} by choice`));
    if (uncredited) lines.push(element("span", { class: "uncredited" }, `${uncredited} no credit`));
    const content = lines.flatMap((line, at) => (at ? [element("br"), line] : [line]));
    const place = element("a", {
      href: link({ impl: column.label, op: op || state.op, result: failed ? "failed" : "", case: "" }),
      "aria-label": `${column.label}, ${op || "all operations"}: ${words(counts)}`,
    }, bar(counts), ...content);
    return element("td", { class: failed ? "has-failed" : undefined }, place);
  };
  const matrix = (list) => {
    const lists = ops.map((_, op) => list.filter((place) => cases.ops[place] === op));
    const used = ops.map((_, op) => op).filter((op) => lists[op].length > 0);
    const rows = shown();
    const counts = new Map(rows.map((row) => [row, {
      all: tally(columns[row], list),
      ops: ops.map((_, op) => tally(columns[row], lists[op])),
    }]));
    const heading = (key, text, cases) => element("th", {
      scope: "col",
      "aria-sort": (state.sort || "") === key ? (key === "name" || !key ? "ascending" : "descending") : undefined,
    }, element("button", { onclick: () => go({ sort: key === "name" && state.sort === "name" ? "" : key }),
      title: key === "name" ? "sort by name, or again as before" : "sort by failures" }, ...text,
    cases === undefined ? "" : element("small", {}, String(cases))));
    const broken = (name) => name.split("/").flatMap((part, at) => (at ? ["/", element("wbr"), part] : [part]));
    const head = element("tr", {}, heading("name", ["implementation"]), heading("failed", ["all"], list.length),
      ...used.map((op) => heading(ops[op], broken(ops[op]), lists[op].length)));
    const asked = rows.filter((row) => counts.get(row).all.asked > 0 || columns[row].label === state.impl);
    const without = rows.length - asked.length;
    const body = sorted(asked, counts).map((row) => {
      const column = columns[row];
      const mark = column.note ? " *" : "";
      return element("tr", { class: column.label === state.impl ? "picked" : undefined },
        element("th", { scope: "row" },
          element("a", { href: link({ impl: column.label, result: "failed", case: "" }) }, column.name),
          element("small", {}, `${column.version}${mark} · ${column.language}`)),
        cell(column, counts.get(row).all, ""),
        ...used.map((op) => cell(column, counts.get(row).ops[op], ops[op])));
    });
    const table = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "implementations by operations" },
      element("table", { class: "matrix" }, element("thead", {}, head), element("tbody", {}, ...body)));
    const note = without ? element("p", { class: "faint" }, `${plural(without, "implementation has", "implementations have")} no result of these cases.`) : null;
    return [table, note].filter(Boolean);
  };

  // The list of cases.
  const matches = (place, rows) => {
    const impl = labels.get(state.impl);
    const wanted = state.result;
    if (!wanted) return true;
    const of = impl === undefined ? rows : [impl];
    return of.some((row) => {
      const { name, kind } = kinds[columns[row].cells[place]];
      return kind === wanted || name === wanted;
    });
  };
  const outcome = (column, place) => {
    const { name, kind } = kinds[column.cells[place]];
    return element("span", { class: kind }, name);
  };
  const reason = (column, place) => {
    const found = column.reasons[place];
    return found === undefined ? "" : reasons[found];
  };
  const ruleLinks = (place) => cases.rules[place].flatMap((rule, at) => [at ? " " : "",
    element("a", { href: link({ rule: rules[rule][0], case: "" }), title: rules[rule][3] }, rules[rule][0])]);
  let listed = [];
  let most = MOST;
  const caseList = (list) => {
    const rows = shown();
    const impl = labels.get(state.impl);
    listed = list.filter((place) => matches(place, rows));
    const failing = (place) => rows.reduce((sum, row) => sum + (kindAt(columns[row], place) === "failed" ? 1 : 0), 0);
    const numbers = new Map(listed.map((place) => [place, failing(place)]));
    if (state.order === "failing") listed.sort((a, b) => numbers.get(b) - numbers.get(a) || a - b);
    const lines = listed.slice(0, most).map((place) => {
      const how = impl === undefined
        ? [numbers.get(place) ? element("span", { class: "failed" }, plural(numbers.get(place), "fails", "fail")) : element("span", { class: "passed" }, "none fails")]
        : [outcome(columns[impl], place), element("br"), element("small", {}, reason(columns[impl], place))];
      return element("tr", {},
        element("td", { class: "id" }, element("a", { href: link({ case: cases.ids[place] }) }, cases.ids[place])),
        element("td", {}, cases.titles[place]),
        element("td", {}, ...ruleLinks(place)),
        element("td", {}, severities[cases.severities[place]][0]),
        element("td", {}, ...how));
    });
    const title = impl === undefined ? "" : ` of ${columns[impl].label}`;
    const what = impl === undefined ? "implementations" : "result";
    const head = ["case", "title", "rules", "harm", what];
    const more = listed.length > most
      ? element("button", { class: "plain", onclick: () => { most += 1000; render(false); } }, `Show more of ${listed.length}`)
      : null;
    const note = impl !== undefined && columns[impl].note ? element("p", { class: "faint" }, `* ${columns[impl].note}`) : null;
    return [element("h2", { id: "cases", tabindex: "-1" }, `${plural(listed.length, "case", "cases")}${title}`),
      impl === undefined ? null : element("p", {}, words(tally(columns[impl], list)), " ",
        element("a", { href: link({ result: "" }) }, "show all"), " · ",
        element("a", { href: link({ result: "failed" }) }, "failures only"), " · ",
        element("a", { href: link({ impl: "", result: "" }) }, "all implementations")),
      note,
      element("div", { class: "scroll" }, element("table", { class: "cases" },
        element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))),
        element("tbody", {}, ...lines))),
      more].filter(Boolean);
  };

  // Details are packed, and unpacked when they are needed.
  const unpacked = new Map();
  const unpack = (id) => {
    if (!unpacked.has(id)) unpacked.set(id, load(id));
    return unpacked.get(id);
  };
  const load = async (id) => {
    const packed = byId(id);
    if (!packed) return null;
    const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };
  const details = async (place) => (await unpack(`cases-${Math.floor(place / data.chunk)}`))[place % data.chunk];
  const found = async (row, place) => ((columns[row].found && await unpack(`found-${row}`)) || {})[place];

  // A case.
  const lines = (texts) => element("pre", {}, ...texts.flatMap((text) =>
    [text.trimStart().startsWith("> ") ? element("span", { class: "marked" }, text) : text, "\n"]));
  const results = async (place) => {
    const rows = shown();
    const impl = labels.get(state.impl);
    if (impl !== undefined && !rows.includes(impl)) rows.unshift(impl);
    const groups = new Map();
    for (const row of rows) {
      const { name, kind } = kinds[columns[row].cells[place]];
      if (!groups.has(name)) groups.set(name, { kind, rows: [] });
      groups.get(name).rows.push(row);
    }
    const order = ["failed", "uncredited", "chosen", "passed", "none"];
    const sortedGroups = [...groups].sort(([, a], [, b]) => order.indexOf(a.kind) - order.indexOf(b.kind));
    const made = [];
    for (const [name, group] of sortedGroups) {
      if (group.kind !== "failed") {
        const names = group.rows.map((row) => columns[row].label).join(", ");
        made.push(element("tr", {}, element("th", { scope: "row" }, element("span", { class: group.kind }, name)),
          element("td", {}, group.kind === "none"
            ? element("details", {}, element("summary", {}, plural(group.rows.length, "implementation", "implementations")), names)
            : names)));
        continue;
      }
      for (const row of group.rows) {
        const column = columns[row];
        const more = await found(row, place);
        const content = [element("a", { href: link({ impl: column.label, result: "failed", case: "" }) }, column.label)];
        const why = reason(column, place);
        if (why) content.push(element("p", {}, `known deviation: ${why}`));
        if (more) content.push(lines(more.actual));
        if (more && more.stderr) content.push(element("p", { class: "faint" }, "stderr"), lines([more.stderr]));
        const repeat = more ? more.repeat : column.ask && `${column.ask} --only ${cases.ids[place]}`;
        if (!more) content.push(element("p", { class: "faint" }, `${answered(name, place)} The answer is not kept with the results${repeat ? "; this command shows it:" : "."}`));
        if (more) content.push(element("p", { class: "faint" }, "repeat"));
        if (repeat) content.push(element("pre", {}, repeat));
        made.push(element("tr", {}, element("th", { scope: "row" }, element("span", { class: "failed" }, name)), element("td", {}, ...content)));
      }
    }
    return element("table", { class: "results" }, element("tbody", {}, ...made));
  };
  const answered = (name, place) => {
    if (name !== "wrong-verdict") return "";
    return cases.verdicts[place] === "i" ? "It was accepted." : "It was rejected.";
  };
  let token = 0;
  const showCase = async () => {
    const section = byId("case");
    const place = places.get(state.case);
    const mine = (token += 1);
    if (place === undefined) {
      section.hidden = !state.case;
      section.replaceChildren();
      if (state.case) {
        section.append(element("p", {}, `There is no case ${state.case} on this page.`));
      }
      return;
    }
    const about = await details(place);
    const table = await results(place);
    if (mine !== token) return;
    const terms = [];
    const term = (name, ...content) => terms.push(element("dt", {}, name), element("dd", {}, ...content));
    term("operation", element("a", { href: link({ op: ops[cases.ops[place]], case: "" }) }, ops[cases.ops[place]]));
    term("verdict", VERDICTS[cases.verdicts[place]]);
    term("why", about.why);
    for (const rule of cases.rules[place]) {
      const [id, level, , text] = rules[rule];
      term("rule", element("a", { href: link({ rule: id, case: "" }) }, id), ` (${level}) ${text}`);
    }
    const [harm, meaning] = severities[cases.severities[place]];
    term("harm", `${harm}: ${meaning}`);
    if (about.twin) {
      const twin = places.has(about.twin) ? element("a", { href: link({ case: about.twin }) }, about.twin) : about.twin;
      term("twin", twin, `, which is accepted; the change: ${about.change}`);
    }
    if (about.choice) term("choice", about.choice);
    term("dialects", about.dialects);
    if (about.tags) term("tags", about.tags);
    if (about.bugs) for (const bug of about.bugs) term("bug", bug);
    if (about.input.length) term("input", lines(about.input));
    term("expected", about.expected, about.output ? element("pre", {}, about.output) : null);
    const at = listed.indexOf(place);
    const step = (by, text) => (at >= 0 && listed[at + by] !== undefined
      ? element("a", { href: link({ case: cases.ids[listed[at + by]] }), rel: by < 0 ? "prev" : "next" }, text) : null);
    section.hidden = false;
    section.replaceChildren(
      element("h2", { tabindex: "-1" }, element("a", { class: "id", href: `#case=${cases.ids[place]}` }, cases.ids[place])),
      element("p", {}, cases.titles[place]),
      element("nav", { "aria-label": "cases" }, ...[step(-1, "← previous"), step(1, "next →"), element("a", { href: link({ case: "" }) }, "close")].filter(Boolean)),
      element("dl", {}, ...terms),
      element("h3", {}, "Results"),
      table);
    section.dataset.case = cases.ids[place];
    if (section.getBoundingClientRect().top < 0) section.scrollIntoView({ block: "start" });
    section.querySelector("h2").focus({ preventScroll: true });
  };

  // The controls.
  const option = (value, text) => element("option", { value }, text || value);
  const fill = (name, values, all) => {
    const select = document.forms[0].elements[name];
    select.append(option("", all), ...values.map((value) => (Array.isArray(value) ? option(...value) : option(value))));
    select.addEventListener("change", () => go({ [name]: select.value, case: "" }));
  };
  const controls = () => {
    const form = document.forms[0];
    fill("op", ops, "all operations");
    fill("rule", rules.map(([id]) => id), "all rules");
    fill("severity", severities.map(([name]) => name), "all harms");
    fill("impl", columns.map((column) => column.label), "all implementations");
    fill("result", [["failed", "failed"], ["chosen", "by choice"], ["uncredited", "without credit"],
      ["passed", "passed"], ...outcomes.map(([, name]) => name).filter((name) => !OF[name])], "any result");
    fill("order", [["failing", "most failures first"]], "as in the set");
    let timer;
    form.elements.q.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => history.replaceState(null, "", link({ q: form.elements.q.value, case: "" })) || changed(), 150);
    });
    form.elements.newest.addEventListener("change", () => go({ old: form.elements.newest.checked ? "" : "1" }));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => { event.preventDefault(); location.hash = "#"; });
    if (columns.every((column) => column.newest)) form.elements.newest.closest("label").hidden = true;
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.key === "Escape" && state.case) go({ case: "" });
      if (typing) return;
      if (event.key === "/") { event.preventDefault(); form.elements.q.focus(); }
      const at = listed.indexOf(places.get(state.case));
      const next = event.key === "j" ? listed[at + 1] : event.key === "k" ? listed[at - 1] : undefined;
      if (next !== undefined) go({ case: cases.ids[next] });
    });
  };
  const sync = () => {
    const form = document.forms[0].elements;
    for (const name of ["op", "rule", "severity", "impl", "result", "order"]) form[name].value = state[name] || "";
    if (document.activeElement !== form.q) form.q.value = state.q || "";
    form.newest.checked = !state.old;
  };
  const rule = () => {
    const known = rules.find(([id]) => id === state.rule);
    byId("rule").replaceChildren(...(known ? [element("strong", {}, known[0]), ` (${known[1]}, ${known[2]}) ${known[3]}`] : []));
  };

  const render = (withCase) => {
    const list = picked();
    sync();
    rule();
    byId("matrix").replaceChildren(...matrix(list));
    byId("list").replaceChildren(...caseList(list));
    if (withCase) showCase();
  };
  const changed = () => {
    const before = state;
    state = read();
    const only = (key) => (before[key] || "") !== (state[key] || "");
    const keys = ["q", "op", "rule", "severity", "verdict", "impl", "result", "order", "old", "sort"];
    if (keys.some(only)) { most = MOST; render(true); } else if (only("case")) showCase();
    if (only("impl") && state.impl && !state.case) byId("cases").scrollIntoView({ block: "start" });
  };
  controls();
  state = read();
  render(true);
  window.addEventListener("hashchange", changed);
  document.documentElement.dataset.ready = Math.round(performance.now());
})();
