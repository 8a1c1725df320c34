// Finding one package, and showing only the ways to it or to what is marked.
const only = { told: document.getElementById("told"), bar: document.getElementById("filters") };

only.show = (targets, words, kind) => {
  tree.show({ steps: leading(targets), targets: new Set(targets) });
  only.told.textContent = words;
  only.mark(kind);
};
only.one = (id) => {
  const reached = nodes[id].depth >= 0;
  const words = reached ? `Only ways to ${titleOf(nodes[id])}: ${waysWord(waysTo(id, 1000, 60000))}, the shortest first.` : `No way from the root leads to ${titleOf(nodes[id])}.`;
  tree.chosen = id;
  only.show([id], words, null);
  choose(id, null);
  const hit = tree.items.find((item) => item.id === id);
  if (hit) tree.reveal(hit);
};
only.kind = (kind) => {
  const targets = nodes.filter((node) => has(node, kind)).map((node) => node.id);
  only.show(targets, `Only ways to what is ${kind.word}: ${many(targets.length, "component")}.`, kind);
};
only.nothing = () => {
  tree.show(null);
  only.told.textContent = "The whole graph. +7 brings seven others, !2 leads to two that are marked, ↺ stands before itself already.";
  only.mark(null);
};
only.mark = (kind) => {
  for (const button of only.bar.children) {
    const whole = button.dataset.kind === "";
    button.setAttribute("aria-pressed", String(kind ? button.dataset.kind === String(kind.number) : whole && !tree.only));
  }
};
only.start = () => {
  only.bar.append(make("button", { type: "button", "data-kind": "", onclick: only.nothing }, "whole graph"));
  for (const kind of kinds) {
    const count = nodes.filter((node) => has(node, kind)).length;
    if (count) {
      only.bar.append(make("button", { type: "button", "data-kind": kind.number, onclick: () => only.kind(kind) },
        make("span", { class: `glyph k${kind.number}` }, kind.glyph), ` ${kind.word} (${count.toLocaleString("en")})`));
    }
  }
};

const finder = { input: document.getElementById("find"), list: document.getElementById("hits"), hits: [], at: -1 };
const SHOWN = 12;

finder.look = () => {
  const word = finder.input.value.trim().toLowerCase();
  const rank = (node) => {
    const name = nameOf(node).toLowerCase();
    if (name === word || `${name} ${node.version}` === word || `${name}@${node.version}` === word) return 0;
    return name.startsWith(word) ? 1 : name.includes(word) ? 2 : node.purl.toLowerCase().includes(word) ? 3 : 4;
  };
  const ranked = word ? nodes.map((node) => [rank(node), node]).filter(([place]) => place < 4) : [];
  ranked.sort(([a, first], [b, second]) => a - b || nameOf(first).length - nameOf(second).length
    || nameOf(first).localeCompare(nameOf(second)) || second.version.localeCompare(first.version, "en", { numeric: true }) || first.id - second.id);
  finder.hits = ranked.map(([, node]) => node.id);
  finder.at = finder.hits.length ? 0 : -1;
  finder.draw(word);
  if (!word && tree.only) only.nothing();
};
finder.draw = (word) => {
  const options = finder.hits.slice(0, SHOWN).map((id, place) => {
    const node = nodes[id];
    const option = make("li", { role: "option", id: `hit${place}`, "aria-selected": String(place === finder.at) },
      ...glyphs(node), make("bdi", {}, nameOf(node)), make("span", { class: "version" }, ` ${node.version}`),
      make("small", {}, ` ${raw.words[node.ecosystem]}`));
    option.addEventListener("mousedown", (event) => { event.preventDefault(); finder.take(place); });
    return option;
  });
  const rest = finder.hits.length - options.length;
  if (rest > 0) options.push(make("li", { class: "note", role: "presentation" }, `and ${rest.toLocaleString("en")} more: type further`));
  if (word && !finder.hits.length) options.push(make("li", { class: "note", role: "presentation" }, "nothing is called so"));
  finder.list.replaceChildren(...options);
  finder.list.hidden = !word;
  finder.input.setAttribute("aria-expanded", String(Boolean(word)));
  if (finder.at >= 0) finder.input.setAttribute("aria-activedescendant", `hit${finder.at}`);
  else finder.input.removeAttribute("aria-activedescendant");
};
finder.close = () => {
  finder.list.hidden = true;
  finder.input.setAttribute("aria-expanded", "false");
};
finder.take = (place) => {
  if (place < 0 || place >= finder.hits.length) return;
  const id = finder.hits[place];
  finder.input.value = nameOf(nodes[id]);
  finder.close();
  only.one(id);
};
finder.start = () => {
  finder.input.addEventListener("input", finder.look);
  finder.input.addEventListener("blur", finder.close);
  finder.input.addEventListener("keydown", (event) => {
    const last = Math.min(finder.hits.length, SHOWN) - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      finder.at = Math.max(0, Math.min(last, finder.at + (event.key === "ArrowDown" ? 1 : -1)));
      finder.draw("shown");
    } else if (event.key === "Enter") finder.take(finder.list.hidden ? -1 : finder.at);
    else if (event.key === "Escape") { finder.input.value = ""; finder.close(); only.nothing(); }
    else return;
    event.preventDefault();
  });
};
