// The chosen component: what it is, what was found, why it is here, what it needs.
const panel = document.getElementById("panel");
const LISTED = 12;

function chooser(id) {
  const node = nodes[id];
  return make("button", { type: "button", class: "ref", onclick: () => { choose(id, panel); } },
    ...glyphs(node), make("bdi", {}, nameOf(node)), node.version ? make("span", { class: "version" }, ` ${node.version}`) : "");
}

function listed(title, ids) {
  if (!ids.length) return [];
  const rest = ids.slice(LISTED);
  const items = (some) => make("ul", { class: "refs" }, ...some.map((id) => make("li", {}, chooser(id))));
  const more = rest.length
    ? make("details", {}, make("summary", {}, `${rest.length.toLocaleString("en")} more`), items(rest.slice(0, 500))) : "";
  return [make("h4", {}, `${title} (${ids.length.toLocaleString("en")})`), items(ids.slice(0, LISTED)), more];
}

function facts(node) {
  const rows = [[node.purl.startsWith("pkg:") ? "package URL" : "reference", node.purl], ["of", raw.words[node.ecosystem]], ["licence", raw.words[node.licence] || "not said"],
    ["scope", raw.words[node.scope]], ["its dependency list is", (raw.words[node.known] || "not said").replaceAll("_", " ")],
    ["seen at", node.places.join("\n")]];
  const list = make("dl", {});
  for (const [word, value] of rows) {
    if (value) list.append(make("dt", {}, word), make("dd", {}, make("bdi", {}, value)));
  }
  return list;
}

function found(node) {
  const marks = raw.marks[node.id] || [];
  return marks.map(([kind, rule, message, effect]) => make("div", { class: `mark k${kind}` },
    make("b", {}, `${kinds[kind].glyph} ${kinds[kind].word}`), " ", rule ? make("code", {}, rule) : "",
    make("p", {}, message), make("small", {}, effect)));
}

function why(node) {
  if (!node.id) return [];
  const way = [node.id];
  while (nodes[way[0]].way >= 0) way.unshift(nodes[way[0]].way);
  if (node.depth < 0) {
    const top = way[0] === node.id ? "" : " It hangs below what is named here:";
    return [make("h4", {}, "Why it is here"), make("p", { class: "bad" }, `? No way from the root leads to it.${top}`),
      way.length > 1 ? make("ol", { class: "way" }, ...way.map((id) => make("li", {}, chooser(id)))) : ""];
  }
  const through = new Set();
  const before = leading([node.id]);
  for (const id of root.onward) if (before.has(id)) through.add(id);
  const told = `${waysWord(waysTo(node.id, 1000, 60000))}, through ${many(through.size, "direct dependency", "direct dependencies")}`;
  return [make("h4", {}, "Why it is here"), make("ol", { class: "way" }, ...way.map((id) => make("li", {}, chooser(id)))),
    make("p", {}, `${told}. `, make("button", { type: "button", onclick: () => only.one(node.id) }, "Show every way"))];
}

function show(id) {
  const node = nodes[id];
  const head = make("h3", {}, ...glyphs(node), make("bdi", {}, nameOf(node)), node.version ? make("span", { class: "version" }, ` ${node.version}`) : "");
  const counts = node.id ? `${node.depth < 0 ? "not reached" : many(node.depth, "step")} from the root, brings ${many(node.brings, "other")}`
    : `needs ${many(node.needs.length, "component")}, brings ${many(node.brings, "component")}`;
  const leads = node.leads ? make("p", { class: "bad" }, `Leads to ${many(node.leads, "marked component")}.`) : "";
  panel.replaceChildren(head, make("p", { class: "note" }, counts), ...found(node), ...why(node), leads, facts(node),
    ...listed("It needs", node.needs), ...listed("It holds", node.holds), ...listed("Needed by", node.before));
  panel.scrollTop = 0;
}

// One component is chosen everywhere at once; `from` has shown it already.
function choose(id, from) {
  tree.chosen = id;
  show(id);
  if (from !== strip) {
    strip.cursor = id;
    if (id < strip.top || id >= strip.top + strip.span()) strip.top = 0;
    strip.draw();
    strip.told(id);
  }
  if (from !== tree) tree.draw();
}
