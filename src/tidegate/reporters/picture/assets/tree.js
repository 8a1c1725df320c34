// The tree: from the root on the left to what it needs on the right, opened by hand. `only` leaves out what leads to
// none of its targets. A component stands wherever something needs it; where that would be a circle, it is not opened.
const tree = { box: document.getElementById("tree"), only: null, chosen: 0, focus: null, items: [] };
const PAGE = 30;
const MOST = 1200;
const GAP = 28;
const TALL = 28;
const NOWHERE = -1;

tree.item = (id, parent, last) => ({ id, parent, level: parent ? parent.level + 1 : 0, open: false, page: PAGE, last });

tree.onward = (item) => {
  const held = item.id === NOWHERE ? tops.map((node) => node.id) : nodes[item.id].onward.slice();
  if (item.id === 0 && tops.length) held.push(NOWHERE);
  if (!tree.only) return held;
  const steps = (id) => (id === NOWHERE ? Infinity : tree.only.steps.get(id));
  const lead = held.filter((id) => (id === NOWHERE ? tops.some((node) => tree.only.steps.has(node.id)) : tree.only.steps.has(id)));
  return lead.sort((a, b) => steps(a) - steps(b) || 0);
};
tree.circle = (item) => {
  for (let each = item.parent; each; each = each.parent) if (each.id === item.id) return true;
  return false;
};
tree.opens = (item) => !item.more && !tree.circle(item) && tree.onward(item).length > 0;
tree.goal = (id) => Boolean(tree.only && tree.only.targets.has(id));

tree.below = (item) => {
  if (!item.open) return [];
  const ids = tree.onward(item);
  item.known = item.known || new Map();
  const shown = ids.slice(0, item.page).map((id) => {
    if (!item.known.has(id)) item.known.set(id, tree.item(id, item));
    return item.known.get(id);
  });
  if (ids.length > item.page) shown.push({ more: ids.length - item.page, parent: item, level: item.level + 1 });
  return shown;
};

// Opens what there is as long as no more than this many are shown: the shortest ways to the targets first, and without
// targets level by level.
tree.unfold = (most, page) => {
  tree.top = tree.item(0, null);
  const far = (item) => item.level + (tree.only && item.id >= 0 ? tree.only.steps.get(item.id) : 0);
  const left = [tree.top];
  let count = 1;
  while (left.length) {
    left.sort((a, b) => far(b) - far(a) || b.order - a.order);
    const item = left.pop();
    if (item.more || !tree.opens(item) || (tree.goal(item.id) && item.id)) continue;
    if (item !== tree.top) item.page = page;
    const below = Math.min(tree.onward(item).length, item.page);
    if (count + below > most && item !== tree.top) continue;
    item.open = true;
    tree.below(item).forEach((each, number) => { each.order = count + number; left.push(each); });
    count += below;
  }
};

tree.draw = () => {
  const items = [];
  const wires = [];
  let row = 0;
  let deepest = 0;
  const place = (item) => {
    item.row = row;
    deepest = Math.max(deepest, item.level);
    items.push(item);
    const below = items.length < MOST ? tree.below(item) : [];
    below.forEach((each, number) => {
      if (number) row += 1;
      place(each);
      wires.push([item, each]);
    });
  };
  place(tree.top);
  tree.items = items;
  tree.measure(deepest);
  const width = tree.left(deepest) + tree.wide[deepest] + 8;
  const height = (row + 1) * TALL + 40;
  const svg = draw("svg", { class: "wires", width, height, "aria-hidden": "true" }, 
    // What leads to a target lies above the rest.
    ...wires.sort(([, a], [, b]) => tree.goal(a.id) - tree.goal(b.id)).map(tree.wire));
  const heads = Array.from({ length: deepest + 1 }, (_, level) => tree.head(level));
  const canvas = make("div", { class: "canvas", role: "presentation" }, svg, ...heads, ...items.map(tree.element));
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const { scrollLeft, scrollTop } = tree.box;
  const focused = tree.box.contains(document.activeElement);
  tree.box.replaceChildren(canvas);
  tree.box.scrollTo(scrollLeft, scrollTop);
  if (!items.includes(tree.focus)) tree.focus = items.find((item) => item.id === tree.chosen) || tree.top;
  tree.focus.element.tabIndex = 0;
  if (focused) tree.focus.element.focus({ preventScroll: true });
};

// Each column is as wide as what stands in it, within bounds.
tree.measure = (deepest) => {
  tree.wide = new Array(deepest + 2).fill(150);
  for (const item of tree.items) {
    if (item.id >= 0) {
      const node = nodes[item.id];
      const room = 84 + 7.2 * nameOf(node).length + 6.6 * Math.min(node.version.length, 10) + 14 * kindsOf(node).length;
      tree.wide[item.level] = Math.max(tree.wide[item.level], Math.min(Math.round(room), 276));
    } else if (item.id === NOWHERE) tree.wide[item.level] = 260;
  }
  tree.lefts = [8];
  for (const wide of tree.wide) tree.lefts.push(tree.lefts[tree.lefts.length - 1] + wide + GAP);
};
tree.left = (level) => tree.lefts[level];
tree.above = (row) => 34 + row * TALL;

tree.head = (level) => {
  const word = level === 0 ? "the release" : level === 1 ? "direct" : `${level} steps away`;
  const head = make("div", { class: "head", "aria-hidden": "true" }, word);
  head.style.left = `${tree.left(level)}px`;
  return head;
};

tree.wire = ([from, to]) => {
  const x = tree.left(from.level) + tree.wide[from.level];
  const y = tree.above(from.row) + 12;
  const end = tree.above(to.row) + 12;
  const middle = x + GAP / 2;
  const bend = Math.min(8, Math.abs(end - y) / 2);
  const part = to.id > 0 && from.id >= 0 && nodes[from.id].holds.includes(to.id);
  const line = end === y ? `M${x} ${y}H${x + GAP}`
    : `M${x} ${y}H${middle - bend}Q${middle} ${y} ${middle} ${y + bend}V${end - bend}Q${middle} ${end} ${middle + bend} ${end}H${x + GAP}`;
  const goal = to.id > 0 && tree.goal(to.id);
  return draw("path", { d: line, class: `${part ? "part" : ""}${to.id === NOWHERE ? " loose" : ""}${goal ? " goal" : ""}` });
};

tree.element = (item) => {
  const element = item.more ? tree.moreElement(item) : tree.nodeElement(item);
  element.style.left = `${tree.left(item.level)}px`;
  element.style.width = `${tree.wide[item.level]}px`;
  element.style.top = `${tree.above(item.row)}px`;
  element.tabIndex = -1;
  element.addEventListener("keydown", (event) => tree.key(event, item));
  element.addEventListener("focus", () => {
    if (tree.focus && tree.focus.element) tree.focus.element.tabIndex = -1;
    tree.focus = item;
    element.tabIndex = 0;
  });
  item.element = element;
  return element;
};

tree.moreElement = (item) => make("div", { class: "item more", role: "treeitem", "aria-level": item.level + 1,
  onclick: () => tree.turnPage(item) }, `… ${item.more.toLocaleString("en")} more`);

tree.nodeElement = (item) => {
  if (item.id === NOWHERE) {
    return make("div", { class: "item nowhere", role: "treeitem", "aria-level": item.level + 1, "aria-expanded": String(item.open),
      onclick: () => tree.toggle(item) }, make("span", { class: "name" }, `? no way leads to ${many(tops.length, "component")}`),
    make("span", { class: "turn" }, item.open ? "▾" : "▸"));
  }
  const node = nodes[item.id];
  const circle = tree.circle(item);
  const opens = tree.opens(item);
  const first = kindsOf(node)[0];
  const part = item.parent && item.parent.id >= 0 && nodes[item.parent.id].holds.includes(item.id);
  const classes = ["item", first ? `k${first.number}` : node.leads ? "leads" : "", node.id === tree.chosen ? "chosen" : "",
    tree.goal(item.id) ? "goal" : "", circle ? "circle" : "", item.id ? "" : "root"];
  const says = [titleOf(node), ...kindsOf(node).map((kind) => kind.word), part ? "a part of the one before" : "",
    node.brings ? `brings ${node.brings}` : "", node.leads ? `leads to ${node.leads} marked` : "",
    circle ? "a circle: it stands before itself" : ""].filter(Boolean).join(", ");
  return make("div", { class: classes.filter(Boolean).join(" "), role: "treeitem", "aria-level": item.level + 1,
    "aria-expanded": opens ? String(item.open) : null, "aria-selected": String(node.id === tree.chosen),
    "aria-label": says, title: says, onclick: () => tree.click(item) },
  ...glyphs(node), make("span", { class: "name" }, make("bdi", {}, nameOf(node))),
  node.version ? make("span", { class: "version" }, node.version) : "",
  make("span", { class: "gap" }),
  node.leads && !item.open ? make("span", { class: "down" }, `!${node.leads}`) : "",
  node.brings && item.id ? make("span", { class: "brings" }, `+${node.brings}`) : "",
  make("span", { class: "turn" }, circle ? "↺" : opens ? (item.open ? "▾" : "▸") : ""));
};

tree.toggle = (item) => {
  item.open = !item.open && (item.id === NOWHERE || tree.opens(item));
  tree.focus = item;
  tree.draw();
  tree.reveal(item);
};
tree.turnPage = (item) => {
  const before = item.parent.page;
  item.parent.page += 50;
  tree.focus = null;
  tree.draw();
  tree.focus = tree.items.filter((each) => each.parent === item.parent)[before] || tree.top;
  tree.focus.element.focus({ preventScroll: true });
};
tree.click = (item) => {
  const again = tree.chosen === item.id;
  tree.focus = item;
  if (tree.opens(item) && (again || !item.open)) item.open = !item.open;
  choose(item.id, tree);
  tree.draw();
  tree.reveal(item);
};

// Its own box in sight, and as much of its children as there is room for.
tree.reveal = (item) => {
  const box = tree.box;
  const left = tree.left(item.level);
  const right = tree.left(item.level + 1) + (item.open ? tree.wide[item.level + 1] : 0) + 8;
  const above = tree.above(item.row);
  let x = box.scrollLeft;
  if (right > x + box.clientWidth) x = right - box.clientWidth;
  if (left - 8 < x) x = left - 8;
  let y = box.scrollTop;
  if (above - 40 < y) y = above - 40;
  if (above + TALL > y + box.clientHeight) y = above + TALL - box.clientHeight;
  box.scrollTo(x, y);
};

tree.key = (event, item) => {
  const place = tree.items.indexOf(item);
  const go = (to) => {
    if (!to || to === item) return;
    to.element.focus({ preventScroll: true });
    tree.reveal(to);
  };
  if (event.key === "ArrowDown") go(tree.items[place + 1]);
  else if (event.key === "ArrowUp") go(tree.items[place - 1]);
  else if (event.key === "Home") go(tree.items[0]);
  else if (event.key === "End") go(tree.items[tree.items.length - 1]);
  else if (event.key === "ArrowLeft") { if (item.open) tree.toggle(item); else go(item.parent); }
  else if (event.key === "ArrowRight") {
    if (item.open) go(tree.items[place + 1]);
    else if (item.id === NOWHERE || (!item.more && tree.opens(item))) tree.toggle(item);
  } else if (event.key === "Enter" || event.key === " ") {
    if (item.more) tree.turnPage(item);
    else if (item.id === NOWHERE) tree.toggle(item);
    else { choose(item.id, tree); tree.draw(); }
  } else return;
  event.preventDefault();
};

tree.show = (only) => {
  tree.only = only;
  tree.focus = null;
  if (only) tree.unfold(250, 12);
  else if (nodes.length <= 45) tree.unfold(90, PAGE);
  else {
    tree.unfold(0, PAGE);
    const first = tree.below(tree.top)[0];
    if (first && first.id === NOWHERE) first.open = true;
    else if (first && tree.opens(first)) { first.open = true; first.page = 8; }
  }
  tree.box.scrollTo(0, 0);
  tree.draw();
};
