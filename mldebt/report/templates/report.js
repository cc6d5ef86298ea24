
(() => {
  "use strict";
  const list = document.getElementById("list");
  if (!list) return;
  const form = document.getElementById("filters");
  const status = document.getElementById("status");
  const heads = [...document.querySelectorAll("#head button")];
  const rows = [...list.querySelectorAll("details.finding")];
  const texts = new Map();
  let order = "rank", falling = false;

  const text = row => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  const meets = {
    q: (row, value) => value.toLowerCase().split(/\s+/).every(word => text(row).includes(word)),
    severity: (row, value) => row.dataset.severity === value,
    family: (row, value) => row.dataset.family === value,
    owner: (row, value) => row.dataset.owner.split("\n").includes(value),
    folder: (row, value) => row.dataset.folder.startsWith(value),
    state: (row, value) => row.dataset.state.split(" ").includes(value),
  };
  const chosen = () => Object.keys(meets).map(name => [name, form.elements[name]?.value.trim() ?? ""]).filter(pair => pair[1]);

  const filter = () => {
    const wanted = chosen();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !wanted.every(([name, value]) => meets[name](row, value));
      if (!row.hidden) shown += 1;
    }
    status.textContent = `${shown} of ${rows.length} shown, sorted by ${order}${falling ? ", largest first" : ""}`;
  };

  const sort = () => {
    const head = heads.find(one => one.dataset.key === order);
    const plain = "text" in head.dataset;
    const sign = falling ? -1 : 1;
    const keyed = rows.map((row, index) => {
      const value = row.querySelector(`.c.${order}`).dataset.v;
      return [plain ? value.toLowerCase() : Number(value), index, row];
    });
    keyed.sort((a, b) => (a[0] < b[0] ? -sign : a[0] > b[0] ? sign : a[1] - b[1]));
    list.append(...keyed.map(one => one[2]));
    for (const one of heads) one.setAttribute("aria-pressed", String(one === head));
    filter();
  };

  const remember = () => {
    const told = new URLSearchParams(chosen());
    if (order !== "rank" || falling) told.set("sort", (falling ? "-" : "") + order);
    try {
      history.replaceState(null, "", "#" + told);
    } catch { /* a browser may refuse it for files: the filter works all the same */ }
  };

  const follow = () => {
    let word = location.hash.slice(1);
    try {
      word = decodeURIComponent(word);
    } catch { /* not an escape: as it is */ }
    const row = rows.find(one => one.id && one.id === word);
    if (row) {
      if (row.hidden) {
        form.reset();
        filter();
      }
      row.open = true;
      row.scrollIntoView();
      row.querySelector("summary").focus({ preventScroll: true });
    } else if (location.hash.includes("=")) {
      const told = new URLSearchParams(location.hash.slice(1));
      for (const name of Object.keys(meets)) {
        const field = form.elements[name];
        if (!field) continue;
        field.value = told.get(name) ?? "";
        if (field.selectedIndex === -1) field.value = "";
      }
      const wanted = told.get("sort") ?? "rank";
      if (heads.some(one => one.dataset.key === wanted.replace("-", ""))) {
        order = wanted.replace("-", "");
        falling = wanted.startsWith("-");
      }
      sort();
    }
  };

  for (const head of heads) {
    head.disabled = false;
    head.addEventListener("click", () => {
      falling = head.dataset.key === order ? !falling : !("rising" in head.dataset);
      order = head.dataset.key;
      sort();
      remember();
    });
  }
  const changed = () => {
    filter();
    remember();
  };
  form.addEventListener("input", changed);
  form.addEventListener("reset", () => setTimeout(changed));
  form.addEventListener("submit", event => event.preventDefault());
  const all = open => rows.forEach(row => { if (!row.hidden) row.open = open; });
  document.getElementById("open").addEventListener("click", () => all(true));
  document.getElementById("close").addEventListener("click", () => all(false));
  addEventListener("hashchange", follow);
  form.hidden = false;
  filter();
  follow();
})();
