// From here on the page answers; before, or without script, it is read.
document.getElementById("live").hidden = false;
document.documentElement.classList.add("live");
only.start();
finder.start();
strip.start();
only.nothing();
show(0);
document.querySelectorAll("tr[data-n]").forEach((row) => {
  row.addEventListener("click", () => {
    if (String(document.getSelection())) return;
    only.one(Number(row.dataset.n));
    document.getElementById("graph").scrollIntoView();
  });
});
