// What scripts add to pages that work without them: "/" for the box, suggestions, filters that apply at once, and
// recent searches, which stay in the reader's own browser.
"use strict";

(() => {
  const box = document.getElementById("q");
  const byId = (id, where = document) => where.getElementById(id);

  function announce(text) {
    const place = byId("announced");
    if (place) place.textContent = text;
  }

  // Recent searches. A browser may refuse to store anything: then there are none.

  const RECENT = "searchapp.recent";
  const RECENT_KEPT = 10;

  function recent() {
    try {
      const kept = JSON.parse(localStorage.getItem(RECENT) || "[]");
      return Array.isArray(kept) ? kept.filter((words) => typeof words === "string") : [];
    } catch {
      return [];
    }
  }

  function keepRecent(searches) {
    try {
      if (searches.length) localStorage.setItem(RECENT, JSON.stringify(searches));
      else localStorage.removeItem(RECENT);
    } catch {
      // Nothing is lost but a convenience.
    }
  }

  function remember(words) {
    if (words) keepRecent([words, ...recent().filter((other) => other !== words)].slice(0, RECENT_KEPT));
  }

  function listRecent(section) {
    const list = section.querySelector("ul");
    list.replaceChildren(
      ...recent().map((words) => {
        const link = document.createElement("a");
        const address = new URL(box.form.action);
        for (const [name, value] of new FormData(box.form)) if (name !== "q") address.searchParams.append(name, value);
        address.searchParams.set("q", words);
        link.href = address.href;
        link.textContent = words;
        link.dir = "auto";
        const item = document.createElement("li");
        item.append(link);
        return item;
      }),
    );
    section.hidden = !list.children.length;
  }

  // Suggestions: a combobox whose list is shown under the box (WAI-ARIA Authoring Practices, "list autocomplete").

  function suggestUnder(input) {
    const list = document.createElement("ul");
    list.id = "suggestions";
    list.className = "suggestions";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    input.after(list);
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": list.id,
    })) input.setAttribute(name, value);
    let active = -1;
    let asking = null;
    let timer = 0;

    function close() {
      clearTimeout(timer);
      if (asking) asking.abort();
      list.hidden = true;
      point(-1);
      input.setAttribute("aria-expanded", "false");
    }

    function point(to) {
      if (list.children[active]) list.children[active].setAttribute("aria-selected", "false");
      active = to;
      const option = list.children[active];
      if (option) {
        option.setAttribute("aria-selected", "true");
        option.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", option.id);
      } else input.removeAttribute("aria-activedescendant");
    }

    function open(words, label) {
      point(-1);
      list.setAttribute("aria-label", label);
      list.replaceChildren(
        ...words.map((text, number) => {
          const option = document.createElement("li");
          option.id = `suggestion-${number}`;
          option.dir = "auto";
          option.textContent = text;
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          return option;
        }),
      );
      list.hidden = !words.length;
      input.setAttribute("aria-expanded", String(words.length > 0));
    }

    function take(option) {
      input.value = option.textContent;
      close();
      input.form.requestSubmit();
    }

    async function ask() {
      const words = input.value.trim();
      if (asking) asking.abort();
      if (!words) {
        open(recent(), input.dataset.recent);
        return;
      }
      asking = new AbortController();
      try {
        const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(words)}`, { signal: asking.signal });
        const completions = answer.ok ? (await answer.json())[1] : [];
        if (document.activeElement === input) open(completions.filter((text) => text !== words), input.dataset.suggestions);
      } catch {
        // Without an answer there are no suggestions; the box works as before.
      }
    }

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 120);
    });
    input.addEventListener("blur", close);
    input.addEventListener("click", () => {
      if (!input.value && list.hidden) ask();
    });
    input.form.addEventListener("submit", close);
    input.addEventListener("keydown", (event) => {
      const count = list.hidden ? 0 : list.children.length;
      if (event.isComposing) return;
      if (event.key === "ArrowDown" && !count) ask();
      else if (event.key === "ArrowDown") point(active + 1 < count ? active + 1 : -1);
      else if (event.key === "ArrowUp" && count) point(active < 0 ? count - 1 : active - 1);
      else if (event.key === "Enter" && count && active >= 0) take(list.children[active]);
      else if (event.key === "Escape" && count) close();
      else return;
      event.preventDefault();
    });
    // The box keeps the focus while the pointer is down on the list.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) take(option);
    });
  }

  // Filters that apply at once: the parts of the results page that depend on them are fetched and put in place.

  const REGIONS = ["summary", "facets", "content"];
  let applying = null;
  let shown = location.pathname + location.search;

  function replaceRegions(fresh) {
    const opened = [...document.querySelectorAll("details[data-key][open]")].map((folded) => folded.dataset.key);
    const filtersOpen = document.querySelector("#facets > details").open;
    for (const id of REGIONS) byId(id).replaceWith(byId(id, fresh));
    for (const folded of document.querySelectorAll("details[data-key]")) folded.open = opened.includes(folded.dataset.key);
    document.querySelector("#facets > details").open = filtersOpen;
    document.querySelector(".foot").replaceWith(fresh.querySelector(".foot"));
    for (const hidden of box.form.querySelectorAll("input[type=hidden]")) hidden.remove();
    box.form.append(...fresh.querySelectorAll("form.box input[type=hidden]"));
    document.title = fresh.title;
  }

  function focusAfter(find) {
    const count = byId("count");
    count.tabIndex = -1;
    (find() || count).focus({ preventScroll: true });
    announce("");
    announce(count.textContent);
  }

  async function apply(address, { push, find }) {
    if (applying) applying.abort();
    const mine = (applying = new AbortController());
    byId("content").setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { signal: mine.signal });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || !REGIONS.every((id) => byId(id, fresh))) throw new Error("not a page of results");
      if (push) history.pushState(null, "", address);
      replaceRegions(fresh);
      shown = location.pathname + location.search;
      focusAfter(find);
    } catch {
      if (!mine.signal.aborted) location.assign(address);
    }
  }

  function samePlace(key) {
    return () => key && document.querySelector(`a[data-instant="${CSS.escape(key)}"]`);
  }

  function applyRange(form) {
    const values = [...new FormData(form)].filter(([, value]) => value);
    const typed = values.filter(([name]) => name === "from" || name === "to");
    // A year that is still being typed is a date already: 0002, 0020, 0202.
    if (typed.some(([, date]) => date < "1000")) return;
    const address = new URL(form.action);
    for (const [name, value] of values) address.searchParams.append(name, value);
    const id = document.activeElement.id;
    apply(address.href, { push: true, find: () => id && byId(id) });
  }

  function setUpInstant() {
    let timer = 0;
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-instant]");
      const plain = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
      if (!link || !plain) return;
      event.preventDefault();
      // In a drawing a link's href is an object of its own kind.
      apply(new URL(link.getAttribute("href"), location.href).href, { push: true, find: samePlace(link.dataset.instant) });
    });
    document.addEventListener("change", (event) => {
      const form = event.target.closest("form[data-instant]");
      clearTimeout(timer);
      if (form) timer = setTimeout(() => applyRange(form), 700);
    });
    window.addEventListener("popstate", () => {
      // A link to a place on the page, such as to its content, changes the address too, but not what it shows.
      if (location.pathname + location.search !== shown) apply(location.href, { push: false, find: () => null });
    });
  }

  // The bars and points of a chart are one stop of the tab key; the arrow keys lead from one to the next.
  document.addEventListener("keydown", (event) => {
    const link = event.target.closest(".roving a");
    if (!link || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const links = [...link.closest(".roving").querySelectorAll("a")];
    const onwards = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = onwards === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const at = links.indexOf(link);
    const to = { [onwards]: at + 1, [back]: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (links[to]) links[to].focus();
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || !box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  // Copying a text of the page; where the browser does not let pages copy, the button stays hidden.
  for (const button of navigator.clipboard ? document.querySelectorAll("button[data-copy]") : []) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(byId(button.dataset.copy).textContent.replace(/\s+/g, " ").trim());
        announce(button.dataset.copied);
        button.textContent = button.dataset.copied;
      } catch {
        getSelection().selectAllChildren(byId(button.dataset.copy));
      }
    });
  }

  if (box) suggestUnder(box);
  if (byId("count")) {
    remember(box.value.trim());
    setUpInstant();
  }
  const section = byId("recent");
  if (section) {
    listRecent(section);
    section.querySelector("button").addEventListener("click", () => {
      keepRecent([]);
      listRecent(section);
      box.focus();
    });
  }
})();
