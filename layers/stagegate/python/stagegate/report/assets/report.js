"use strict";
// Shows who can use what. Text of others goes into the page as text (textContent) and never as markup: the page's
// policy refuses anything else (require-trusted-types-for). How `data` is laid out says report/page_data.py.
(() => {
  const ROWS = 100; // of a table before "Show more"
  const FEW = 8; // accounts of a stage that have a column each without being asked
  const KEYS = ["q", "account", "role", "only", "order"];
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const textOf = (number) => (number < 0 ? "" : data.strings[number]);
  const accountOf = (number) => data.accounts[number];

  const MARKS = {
    "read": ["R", ""],
    "read and write": ["RW", "write"],
    "deploy": ["D", "deploy"],
    "register": ["REG", "write"],
    "see": ["S", ""],
    "see and deploy": ["SD", "deploy"],
  };

  // ---- what there is -------------------------------------------------------------------------------------------

  const models = data.models.map(([name, kind, start, status, version, audience, outcome, recorded, grants, findings, events, more]) => ({
    name, version, recorded, findings, events, more,
    kind: textOf(kind).replace(/^model-/, "").replaceAll("-", " "),
    arn: textOf(start) + name,
    status: textOf(status),
    outcome: textOf(outcome),
    audience: audience < 0 ? null : textOf(audience),
    grants: grants.map(([stage, set, can, surface, through, since, approval, by, roles, outside]) => ({
      stage: textOf(stage), accounts: data.sets[set], can: textOf(can), surface: textOf(surface), through: textOf(through),
      since, approval: textOf(approval), by: textOf(by), roles: textOf(roles) ? textOf(roles).split(", ") : [],
      outside: outside < 0 ? [] : data.sets[outside],
    })),
  }));
  const byArn = new Map(models.map((model) => [model.arn, model]));
  for (const model of models) {
    const said = [model.arn, model.kind, model.status, model.audience ?? "", ...model.findings.map(([code]) => textOf(code))];
    model.words = [...said, ...model.grants.map((grant) => grant.by)].join(" ").toLowerCase();
  }

  // ---- making elements -----------------------------------------------------------------------------------------

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "onclick") element.addEventListener("click", value);
      else if (value !== null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }
  const hidden = (text) => make("span", { class: "hidden" }, text);
  const day = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
  const time = (seconds) => make("time", { datetime: new Date(seconds * 1000).toISOString() }, day(seconds));
  const many = (count, what) => `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;

  const OUTSIDE = ", which the rules don't give it any more";

  function pill(can, isOutside = false) {
    const [mark, look] = MARKS[can] ?? [can, ""];
    const said = can + (isOutside ? OUTSIDE : "");
    const shown = make("span", { "aria-hidden": "true" }, isOutside ? `${mark} !` : mark);
    return make("span", { class: `pill ${isOutside ? "out" : look}`, title: said }, shown, hidden(said));
  }
  const pills = (grants, isOutside) => [...new Set(grants.map((grant) => grant.can))].map((can) => pill(can, isOutside));

  // ---- choosing ------------------------------------------------------------------------------------------------

  const state = { q: "", account: "", role: "", only: "", order: "name" };

  function chosen() {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const role = state.role.split("/").pop();
    const found = [];
    for (const model of models) {
      if (!words.every((word) => model.words.includes(word))) continue;
      let grants = model.grants;
      if (state.account) grants = grants.filter((grant) => grant.accounts.some((each) => accountOf(each).startsWith(state.account)));
      if (role) grants = grants.filter((grant) => !grant.roles.length || grant.roles.includes(role));
      if ((state.account || role) && !grants.length) continue;
      if (state.only === "open" && !model.grants.length) continue;
      if (state.only === "closed" && model.grants.length) continue;
      if (state.only === "findings" && !model.findings.length) continue;
      if (state.only === "outside" && !model.grants.some((grant) => grant.outside.length)) continue;
      found.push({ model, grants });
    }
    const compare = state.order === "recorded"
      ? (one, other) => other.model.recorded - one.model.recorded
      : (one, other) => (one.model.name < other.model.name ? -1 : one.model.name > other.model.name ? 1 : 0);
    return found.sort(compare);
  }

  // ---- the matrix ----------------------------------------------------------------------------------------------

  /** The stages of a group of rows, in the order of the rules, with all accounts that the rules or the rows have there. */
  function stagesOf(audience, rows) {
    const ruled = data.audiences.find(([name]) => (name < 0 ? null : textOf(name)) === audience);
    const stages = new Map((ruled ? ruled[1] : []).map(([stage, set]) => [textOf(stage), new Set(data.sets[set])]));
    for (const { grants } of rows) {
      for (const grant of grants) {
        if (!stages.has(grant.stage)) stages.set(grant.stage, new Set());
        const accounts = stages.get(grant.stage);
        for (const each of grant.accounts) accounts.add(each);
      }
    }
    return [...stages].map(([name, accounts]) => ({
      name,
      accounts: [...accounts].filter((each) => accountOf(each).startsWith(state.account)).sort((a, b) => (accountOf(a) < accountOf(b) ? -1 : 1)),
    })).filter((stage) => stage.accounts.length);
  }

  function modelLink(model) {
    return make("a", { class: "model", href: `#m=${encodeURIComponent(model.arn)}` }, make("bdi", {}, model.name));
  }

  function cells(row, stage, isOpen) {
    const grants = row.grants.filter((grant) => grant.stage === stage.name);
    if (!isOpen) {
      const reached = new Set(grants.flatMap((grant) => grant.accounts));
      const count = stage.accounts.filter((each) => reached.has(each)).length;
      if (!count) return [make("td", { class: "first" }, none())];
      const all = count === stage.accounts.length ? "all" : `${count} of ${stage.accounts.length}`;
      const shown = pills(grants, grants.some((grant) => grant.outside.length));
      return [make("td", { class: "first" }, ...shown, make("span", { class: "sub" }, all))];
    }
    return stage.accounts.map((account, index) => {
      const here = grants.filter((grant) => grant.accounts.includes(account));
      const shown = here.length ? pills(here, here.some((grant) => grant.outside.includes(account))) : [none()];
      return make("td", { class: index ? null : "first" }, ...shown);
    });
  }
  const none = () => make("span", { class: "dot" }, make("span", { "aria-hidden": "true" }, "·"), hidden("no access"));

  const opened = new Map(); // stages whose accounts have columns, or not, because somebody said so

  function matrix(audience, rows, most) {
    const stages = stagesOf(audience, rows);
    const isOpen = (stage) => opened.get(`${audience} ${stage.name}`) ?? stage.accounts.length <= FEW;
    const head = make("tr", {}, make("th", { scope: "col", rowspan: 2 }, "Model"), make("th", { scope: "col", rowspan: 2 }, "Status"));
    const ids = make("tr", { class: stages.some((stage) => isOpen(stage) && stage.accounts.length > 2) ? "many" : "" });
    for (const stage of stages) {
      const open = isOpen(stage);
      const toggle = make("button", {
        type: "button", class: "plainly", "aria-expanded": String(open), "data-stage": stage.name,
        onclick: () => {
          opened.set(`${audience} ${stage.name}`, !open);
          const box = toggle.closest(".group");
          fill(box, audience, rows, most);
          [...box.querySelectorAll("button[data-stage]")].find((each) => each.dataset.stage === stage.name)?.focus();
        },
      }, `${open ? "▾" : "▸"} ${stage.name}`, hidden(`: ${open ? "hide" : "show"} accounts`));
      head.append(make("th", { scope: open ? "colgroup" : "col", colspan: open ? stage.accounts.length : 1, class: "first" }, toggle));
      if (open) stage.accounts.forEach((account, index) => ids.append(make("th", { scope: "col", class: index ? "id" : "id first" }, accountOf(account))));
      else ids.append(make("th", { scope: "col", class: "first" }, many(stage.accounts.length, "account")));
    }
    const body = make("tbody");
    for (const row of rows.slice(0, most)) {
      const { model } = row;
      const blocks = model.findings.some((finding) => finding[1]);
      const found = model.findings.length ? make("span", { class: `badge ${blocks ? "block" : "warn"}` }, many(model.findings.length, "finding")) : null;
      const title = make("th", { scope: "row" }, modelLink(model), make("span", { class: "kind" }, model.kind));
      body.append(make("tr", {}, title, make("td", {}, model.status, " ", found), ...stages.flatMap((stage) => cells(row, stage, isOpen(stage)))));
    }
    return make("table", { class: "matrix" }, make("caption", { class: "hidden" }, `Who can use the models ${namedFor(audience)}`), make("thead", {}, head, ids), body);
  }

  const namedFor = (audience) => (audience === null ? "of no audience" : audience ? `of audience ${audience}` : "of everybody");
  const titleOf = (audience) => (audience === null ? "No audience" : audience || (data.audiences.length > 1 ? "Everybody" : "All models"));

  /** Fill a group that is open with its first rows, and a button for more. */
  function fill(box, audience, rows, most) {
    const table = make("div", { class: "wide", role: "region", tabindex: "0", "aria-label": `Models ${namedFor(audience)}` }, matrix(audience, rows, most));
    const next = rows.length > most ? make("p", { class: "next" }, make("button", {
      type: "button",
      onclick: () => {
        fill(box, audience, rows, most + ROWS);
        box.querySelectorAll("tbody tr")[most]?.querySelector("a")?.focus();
      },
    }, `Show ${Math.min(ROWS, rows.length - most)} more of ${(rows.length - most).toLocaleString("en")}`)) : null;
    box.querySelectorAll(":scope > :not(summary)").forEach((each) => each.remove());
    box.append(table, ...(next ? [next] : []));
  }

  function show() {
    const found = chosen();
    const groups = new Map();
    for (const row of found) {
      if (!groups.has(row.model.audience)) groups.set(row.model.audience, []);
      groups.get(row.model.audience).push(row);
    }
    byId("result").textContent = found.length === models.length ? many(models.length, "model") : `${found.length.toLocaleString("en")} of ${many(models.length, "model")}`;
    const isFew = groups.size === 1 || (found.length <= ROWS && found.length < models.length);
    const boxes = [...groups].sort(([one], [other]) => (titleOf(one) < titleOf(other) ? -1 : 1)).map(([audience, rows]) => {
      const open = rows.filter((row) => row.model.grants.length).length;
      const box = make("details", { class: "group" }, make("summary", {}, titleOf(audience), make("span", { class: "count" }, `${many(rows.length, "model")}, ${open.toLocaleString("en")} open`)));
      let isFilled = false;
      const fillOnce = () => {
        if (!isFilled) fill(box, audience, rows, ROWS);
        isFilled = true;
      };
      box.addEventListener("toggle", () => box.open && fillOnce());
      if (isFew) {
        box.open = true;
        fillOnce();
      }
      return box;
    });
    byId("groups").replaceChildren(...boxes);
  }

  // ---- one model -----------------------------------------------------------------------------------------------

  function table(titles, rows, label) {
    return make("div", { class: "wide", role: "region", tabindex: "0", "aria-label": label }, make("table", {},
      make("thead", {}, make("tr", {}, ...titles.map((title) => make("th", { scope: "col" }, title)))), make("tbody", {}, ...rows)));
  }

  function accountList(accounts) {
    const ids = accounts.map(accountOf);
    if (ids.length <= 6) return make("code", {}, ids.join(", "));
    return make("details", {}, make("summary", {}, many(ids.length, "account")), make("code", {}, ids.join(", ")));
  }

  function grantRow(grant) {
    return make("tr", {},
      make("td", {}, grant.stage),
      make("td", {}, accountList(grant.accounts), grant.roles.length ? make("div", { class: "muted" }, grant.roles.join(", ")) : make("div", { class: "muted" }, "any role that the account lets")),
      make("td", {}, pill(grant.can, grant.outside.length > 0)),
      make("td", {}, grant.surface, make("div", { class: "muted" }, make("code", {}, grant.through))),
      make("td", {}, time(grant.since)),
      make("td", {}, grant.by || make("span", { class: "muted" }, "no approval asked")));
  }

  function eventItem([at, what, title, by, lines, changes]) {
    const said = lines.length ? make("ul", {}, ...lines.map((line) => make("li", {}, make("bdi", {}, textOf(line))))) : null;
    return make("li", { class: changes ? "changed" : null }, time(at), make("b", {}, textOf(title)),
      make("span", { class: "kind" }, textOf(what)), textOf(by) ? make("span", { class: "by" }, textOf(by)) : null, said);
  }

  function detail(model) {
    const facts = [["ARN", make("code", {}, model.arn)], ["Status", model.status + (model.version < 0 ? "" : `, version ${model.version}`)],
      ["For", titleOf(model.audience)], ["Last recorded", model.recorded < 0 ? "never" : `${day(model.recorded)} UTC: ${model.outcome}`]];
    const findings = model.findings.map(([code, blocks, said]) => make("li", {}, make("span", { class: `badge ${blocks ? "block" : "warn"}` }, blocks ? "blocks" : "warns"), " ", make("b", {}, textOf(code)), make("p", {}, make("bdi", {}, textOf(said)))));
    return [
      make("button", { type: "button", class: "close", onclick: () => byId("detail").close() }, "Close"),
      make("h2", { id: "detail-title" }, make("bdi", {}, model.name), " ", make("span", { class: "kind" }, model.kind)),
      make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
      ...(findings.length ? [make("h3", {}, "Findings"), make("ul", { class: "plain" }, ...findings)] : []),
      make("h3", {}, "Access"),
      model.grants.length ? table(["Stage", "Accounts and roles", "Can", "Through", "Since (UTC)", "Approved by"], model.grants.map(grantRow), "Access") : make("p", { class: "none" }, "Nobody has access."),
      make("h3", {}, "Timeline"),
      model.events.length ? make("ol", { class: "timeline" }, ...model.events.map(eventItem)) : make("p", { class: "none" }, "Nothing is shown here."),
      ...(model.more ? [make("p", { class: "more" }, `${many(model.more, "earlier event")}: stagegate history, or the JSON beside this page.`)] : []),
    ];
  }

  // ---- the address says what is shown, so that it can be sent to somebody -----------------------------------------

  function address() {
    const said = new URLSearchParams();
    for (const key of KEYS) if (state[key] && !(key === "order" && state[key] === "name")) said.set(key, state[key]);
    return `#${said}`;
  }

  function follow() {
    const said = new URLSearchParams(location.hash.slice(1));
    const model = byArn.get(said.get("m"));
    const dialog = byId("detail");
    if (model) {
      byId("detail-body").replaceChildren(...detail(model));
      if (!dialog.open) dialog.showModal();
      dialog.scrollTop = 0;
      return;
    }
    if (dialog.open) dialog.close();
    if (!KEYS.some((key) => said.has(key))) return;
    for (const key of KEYS) byId(key).value = state[key] = said.get(key) ?? (key === "order" ? "name" : "");
    show();
  }

  let waiting = 0;
  function changed() {
    for (const key of KEYS) state[key] = byId(key).value.trim();
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      history.replaceState(null, "", address());
      show();
    }, 80);
  }

  const form = byId("filter");
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(changed));
  byId("detail").addEventListener("close", () => history.replaceState(null, "", address()));
  byId("detail").addEventListener("click", (event) => event.target === byId("detail") && byId("detail").close());
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => document.querySelectorAll("main details:not(.group)").forEach((each) => { each.open = true; }));
  addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
    if (event.key === "/" && !isTyping && !byId("detail").open && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      byId("q").focus();
    }
  });

  const roles = new Set(models.flatMap((model) => model.grants.flatMap((grant) => grant.roles)));
  byId("accounts").append(...[...data.accounts].sort().map((id) => make("option", { value: id })));
  byId("roles").append(...[...roles].sort().map((name) => make("option", { value: name })));
  const used = new Set(models.flatMap((model) => model.grants.map((grant) => grant.can)));
  const legend = [...used].sort().map((can) => make("span", {}, make("span", { class: `pill ${MARKS[can]?.[1] ?? ""}` }, MARKS[can]?.[0] ?? can), ` ${can}`));
  if (models.some((model) => model.grants.some((grant) => grant.outside.length))) {
    legend.push(make("span", {}, make("span", { class: "pill out" }, "R !"), ` open${OUTSIDE.replace("it", "the account")}`));
  }
  byId("legend").append(...legend);
  byId("legend").hidden = !used.size;
  form.hidden = false;
  show();
  follow();
})();
