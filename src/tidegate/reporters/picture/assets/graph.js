// The graph as data, and what can be asked of it. Foreign text only ever becomes text nodes and attributes.
const raw = JSON.parse(document.getElementById("data").textContent);
const nodes = raw.nodes.map((row, id) => {
  const node = { id, before: [] };
  raw.fields.forEach((field, place) => { node[field] = row[place]; });
  node.onward = node.needs.concat(node.holds);
  return node;
});
for (const node of nodes) for (const id of node.onward) nodes[id].before.push(node.id);
const root = nodes[0];
const tops = nodes.filter((node) => node.id && node.way < 0);
const kinds = raw.kinds.map(([word, glyph], number) => ({ word, glyph, number }));
const has = (node, kind) => Boolean(node.kinds & (1 << kind.number));
const kindsOf = (node) => kinds.filter((kind) => has(node, kind));
const nameOf = (node) => node.name || (node.id ? "(no name)" : "(the document names no root)");
const titleOf = (node) => (node.version ? `${nameOf(node)} ${node.version}` : nameOf(node));
const many = (count, one, more) => `${count.toLocaleString("en")} ${count === 1 ? one : more || `${one}s`}`;

const SVG = "http://www.w3.org/2000/svg";
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}
function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
const glyphs = (node) => kindsOf(node).map((kind) => (
  make("b", { class: `glyph k${kind.number}`, title: kind.word }, kind.glyph)));

// Everything that leads to one of these, and they themselves: how many steps it is from the nearest.
function leading(targets) {
  const steps = new Map(targets.map((id) => [id, 0]));
  for (const id of steps.keys()) {
    for (const before of nodes[id].before) if (!steps.has(before)) steps.set(before, steps.get(id) + 1);
  }
  return steps;
}

// How many ways lead from the root to a component without a circle, at most `most`; `whole` says that these are all.
function waysTo(target, most, steps) {
  let count = 0;
  let left = steps;
  const on = new Set([target]);
  const open = (id) => nodes[id].before.filter((each) => nodes[each].depth >= 0).sort((a, b) => nodes[b].depth - nodes[a].depth);
  const work = [[target, target ? open(target) : []]];
  while (work.length && count < most && left > 0) {
    const [here, rest] = work[work.length - 1];
    if (!rest.length) { on.delete(here); work.pop(); continue; }
    const next = rest.pop();
    left -= 1;
    if (next === 0) count += 1;
    else if (!on.has(next)) { on.add(next); work.push([next, open(next)]); }
  }
  return { count, whole: !work.length };
}
const waysWord = ({ count, whole }) => (whole ? many(count, "way") : `more than ${many(count, "way")}`);
