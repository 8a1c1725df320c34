// The strip: what stands below what, as wide as it is large. It zooms to whatever is chosen in it.
const strip = { box: document.getElementById("strip"), top: 0, cursor: 0, width: 0 };
const ROW = 24;
const ROWS = 9;

strip.span = () => (strip.top ? nodes[strip.top].size : nodes.length);
strip.rows = () => {
  let deepest = 0;
  for (let id = strip.top; id < strip.top + strip.span(); id += 1) deepest = Math.max(deepest, nodes[id].row);
  return Math.min(deepest - nodes[strip.top].row + 1, ROWS);
};

strip.draw = () => {
  const width = Math.max(strip.box.clientWidth, 300);
  const unit = width / strip.span();
  const first = nodes[strip.top].row;
  const height = strip.rows() * ROW;
  const below = [];
  const over = [];
  const thin = new Map();
  const flush = (row, [begun, end]) => below.push(strip.rect("m", begun, row, end - begun));
  for (let id = strip.top; id < strip.top + strip.span(); id += 1) {
    const node = nodes[id];
    const row = node.row - first;
    const left = (id - strip.top) * unit;
    const size = id === strip.top ? width : node.size * unit;
    if (row < ROWS && size < 1.6 && !node.kinds) {
      const held = thin.get(row);
      if (held && left - held[1] > unit / 2) flush(row, held);
      thin.set(row, held && left - held[1] <= unit / 2 ? [held[0], left + size] : [left, left + size]);
    } else if (row < ROWS) (node.kinds ? over : below).push(...strip.cell(node, left, row, size));
  }
  for (const [row, held] of thin) flush(row, held);
  const label = "Each component once, as wide as what hangs below it. Arrow keys move, Enter zooms, Escape zooms out.";
  const svg = draw("svg", { class: "strip", width, height, viewBox: `0 0 ${width} ${height}`, tabindex: 0,
    role: "application", "aria-label": label, "aria-describedby": "strip-told" }, ...below, ...over, ...strip.outline(unit));
  strip.width = width;
  strip.listen(svg);
  const focused = strip.box.contains(document.activeElement) && document.activeElement.tagName === "svg";
  strip.figure.replaceChildren(svg);
  if (focused) svg.focus();
  strip.crumbs();
};

strip.rect = (name, left, row, width) => (
  draw("rect", { class: name, x: left.toFixed(1), y: row * ROW, width: Math.max(width, 0.3).toFixed(1), height: ROW }));

strip.cell = (node, left, row, size) => {
  const marked = kindsOf(node);
  const way = !node.id ? " root" : node.depth < 0 ? " loose" : node.leads ? " leads" : "";
  const wide = marked.length ? Math.max(size, 3) : size;
  const rect = strip.rect(`c${way}${marked.length ? ` k${marked[0].number}` : ""}`, left, row, wide);
  if (size < 40) return [rect];
  const words = marked.map((kind) => `${kind.glyph} `).join("") + nameOf(node);
  const room = Math.max(Math.floor((size - 10) / 6.8), 1);
  const text = draw("text", { x: 4, y: ROW - 8 }, words.length > room ? `${words.slice(0, room - 1)}…` : words);
  return [rect, draw("svg", { x: left.toFixed(1), y: row * ROW, width: (wide - 2).toFixed(1), height: ROW }, text)];
};

strip.outline = (unit) => {
  const node = nodes[strip.cursor];
  const row = node.row - nodes[strip.top].row;
  if (node.id < strip.top || node.id >= strip.top + strip.span() || row >= ROWS) return [];
  const size = node.id === strip.top ? strip.span() : node.size;
  return [strip.rect("cursor", (node.id - strip.top) * unit, row, Math.max(size * unit, 3))];
};

strip.told = (id) => {
  const node = nodes[id];
  const marked = kindsOf(node).map((kind) => `${kind.glyph} ${kind.word}`).join(", ");
  strip.note.textContent = [titleOf(node), marked, node.brings ? `brings ${node.brings.toLocaleString("en")}` : "",
    node.leads ? `leads to ${node.leads} marked` : ""].filter(Boolean).join(" · ");
};

// The node at a place: the one in this row among those before the place's own.
strip.hit = (event) => {
  const frame = strip.figure.firstChild.getBoundingClientRect();
  const row = nodes[strip.top].row + Math.floor((event.clientY - frame.top) / ROW);
  let id = strip.top + Math.floor(((event.clientX - frame.left) / frame.width) * strip.span());
  if (id < strip.top || id >= strip.top + strip.span()) return -1;
  while (id > 0 && nodes[id].row > row) id = nodes[id].way < 0 ? 0 : nodes[id].way;
  return nodes[id].row === row ? id : -1;
};

strip.listen = (svg) => {
  svg.addEventListener("mousemove", (event) => {
    const id = strip.hit(event);
    svg.classList.toggle("hit", id >= 0);
    if (id >= 0) strip.told(id);
  });
  svg.addEventListener("mouseleave", () => strip.told(strip.cursor));
  svg.addEventListener("click", (event) => {
    const id = strip.hit(event);
    if (id >= 0) strip.zoom(id);
  });
  svg.addEventListener("keydown", (event) => {
    const node = nodes[strip.cursor];
    const next = node.id === 0 ? -1 : node.id + node.size;
    const mates = nodes.filter((each) => each.way === node.way && each.row === node.row);
    const moves = {
      ArrowRight: next > 0 && nodes[next] && nodes[next].row === node.row ? next : -1,
      ArrowLeft: node.id ? mates[Math.max(mates.indexOf(node) - 1, 0)].id : -1,
      ArrowDown: node.size > 1 || !node.id ? node.id + 1 : -1,
      ArrowUp: node.id ? Math.max(node.way, 0) : -1,
    };
    if (event.key in moves) {
      const id = moves[event.key];
      if (id >= 0 && id < nodes.length) strip.moveTo(id);
    } else if (event.key === "Enter") strip.zoom(strip.cursor);
    else if (event.key === "Escape") strip.zoom(strip.top ? Math.max(nodes[strip.top].way, 0) : 0);
    else return;
    event.preventDefault();
  });
};

strip.moveTo = (id) => {
  strip.cursor = id;
  if (id < strip.top || id >= strip.top + strip.span()) strip.top = Math.max(nodes[id].way, 0);
  strip.draw();
  strip.told(id);
};

strip.zoom = (id) => {
  strip.cursor = id;
  // A leaf is shown among its neighbours.
  strip.top = nodes[id].size > 1 || !id ? id : Math.max(nodes[id].way, 0);
  strip.draw();
  strip.told(id);
  choose(id, strip);
};

strip.crumbs = () => {
  const way = [];
  for (let id = strip.top; id > 0; id = nodes[id].way) way.unshift(id);
  const button = (id, word) => make("button", { type: "button", onclick: () => strip.zoom(id) }, make("bdi", {}, word));
  const rest = way.flatMap((id) => [" › ", button(id, nameOf(nodes[id]))]);
  let deeper = 0;
  for (let id = strip.top; id < strip.top + strip.span(); id += 1) deeper += nodes[id].row - nodes[strip.top].row >= ROWS;
  const told = deeper ? ` (${many(deeper, "component")} deeper than these ${ROWS} rows: choose a row to go there)` : "";
  strip.path.replaceChildren(button(0, "whole release"), ...rest, told);
};

strip.start = () => {
  document.getElementById("strip-still").classList.add("still");
  strip.figure = make("div", { class: "figure" });
  strip.note = make("p", { id: "strip-told", class: "told" });
  strip.path = make("nav", { class: "crumbs", "aria-label": "The part shown" });
  strip.box.append(strip.path, strip.figure, strip.note);
  strip.draw();
  strip.told(0);
  new ResizeObserver(() => { if (Math.abs(strip.box.clientWidth - strip.width) > 1) strip.draw(); }).observe(strip.box);
};
