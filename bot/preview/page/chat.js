// The chat: what it knows, how it is drawn, what a person can do.
import { formatted, make } from "./formatted.js";
import { act, ask, follow } from "./server.js";
import { clockTime, dayName, say, speak } from "./words.js";

const $ = (id) => document.getElementById(id);
const KINDS = { voice: "🎙️", photo: "🖼️", sticker: "🙂", location: "📍", contact: "👤", document: "📄" };
const SPINNER_SECONDS = 30;

const known = { people: new Map(), chats: new Map(), messages: new Map(), presses: new Map(), calls: [], refusals: [], bot: {}, descriptions: {}, offset: 0 };
const view = { person: "ann", chat: null, typing: new Map(), editing: null, replying: null, inline: null, refusalsSeen: 0 };

// --- what is known ---

async function load() {
  const all = await ask("/state");
  known.people = new Map(all.people.map((one) => [one.id, one]));
  known.chats = new Map(all.chats.map((one) => [one.id, one]));
  known.messages = new Map(all.chats.map((chat) => [chat.id, new Map()]));
  for (const message of all.messages) keep(message);
  known.presses = new Map(all.presses.map((press) => [press.id, press]));
  Object.assign(known, { calls: all.calls, refusals: all.refusals, bot: all.bot, offset: all.offset, descriptions: all.descriptions });
  if (!known.chats.has(view.chat)) view.chat = person().id;
  drawAll();
  return all.number;
}

function keep(message) {
  const chat = known.messages.get(message.chat.id) ?? new Map();
  known.messages.set(message.chat.id, chat.set(message.message_id, message));
}

const person = () => [...known.people.values()].find((one) => one.key === view.person) ?? [...known.people.values()][0];
const chat = () => known.chats.get(view.chat);
const isGroup = () => chat()?.kind !== "private";
const messages = () => [...(known.messages.get(view.chat)?.values() ?? [])].sort((a, b) => a.message_id - b.message_id);
const now = () => Date.now() / 1000 + known.offset;

async function take(news) {
  $("subtitle").classList.remove("trouble");
  if (news.lost || news.changes.some((change) => change.kind === "reset")) return load();
  for (const change of news.changes) {
    TAKEN[change.kind]?.(change);
  }
  return undefined;
}

const TAKEN = {
  message(change) {
    keep(change.message);
    if (change.message.from.is_bot) view.typing.delete(change.message.chat.id);
    if (change.message.chat.id === view.chat) { addMessage(change.message); drawReplyKeys(); }
    drawHeader();
    drawChats();
  },
  edited(change) {
    keep(change.message);
    const old = bubbleOf(change.message.message_id);
    if (change.message.chat.id === view.chat && old) replaceKeepingFocus(old, drawMessage(change.message));
  },
  deleted(change) {
    known.messages.get(change.chat_id)?.delete(change.message_id);
    if (change.chat_id === view.chat) drawLog();
  },
  pressed(change) { known.presses.set(change.press.id, change.press); markBusy(); },
  answered(change) {
    known.presses.set(change.press.id, change.press);
    markBusy();
    if (change.press.person_id === person().id) tell(change.press.answer);
  },
  action(change) {
    view.typing.set(change.chat_id, Date.now());
    drawHeader();
    setTimeout(drawHeader, 5100);
  },
  person(change) { known.people.set(change.person.id, change.person); drawHeader(); drawChats(); },
  chat(change) {
    known.chats.set(change.chat.id, change.chat);
    if (!known.messages.has(change.chat.id)) known.messages.set(change.chat.id, new Map());
    drawChats();
  },
  clock(change) { known.offset = change.offset; drawClock(); },
  async profile() { const all = await ask("/state"); known.bot = all.bot; known.descriptions = all.descriptions; drawHeader(); if (!messages().length) drawLog(); },
  inline_answer(change) { if (view.inline !== null && change.inline_query.person_id === person().id) offer(change.inline_query); },
  call(change) { known.calls.push(change.call); drawDrawer(); },
  refusal(change) { known.refusals.push(change.refusal); drawDrawer(); },
};

// --- drawing ---

function drawAll() {
  speak((person().language ?? "en").slice(0, 2));
  $("language").value = person().language ?? "en";
  drawChats(); drawHeader(); drawLog(); drawReplyKeys(); drawClock(); drawDrawer(); setContext(null, null);
}

function avatarClass(one) {
  return one.kind !== "private" ? "avatar g" : one.title === "Boris" ? "avatar b" : "avatar";
}

function drawChats() {
  const listed = [...known.chats.values()].filter((one) => one.moved_to === null);
  $("chats").replaceChildren(...listed.map((one) => {
    const last = [...(known.messages.get(one.id)?.values() ?? [])].at(-1);
    const current = one.id === view.chat;
    return make("button", { type: "button", "aria-current": String(current), onclick: () => go(one) },
      make("span", { className: avatarClass(one), "aria-hidden": "true", textContent: one.title.slice(0, 1) }),
      make("span", { className: "lines" },
        make("span", { className: "name", textContent: one.kind === "private" ? `${say("you_as")} ${one.title}` : one.title }),
        make("span", { className: "last", textContent: last ? summary(last) : one.kind === "private" ? `@${known.bot.username}` : say("group_of") })));
  }));
}

async function go(one) {
  view.chat = one.id;
  if (one.kind === "private") view.person = known.people.get(one.id).key;
  closePopup(); togglePlaces(false); drawAll();
  $("text").focus();
}

function drawHeader() {
  const group = isGroup();
  $("title").textContent = group ? chat().title : known.bot.first_name;
  $("avatar").textContent = (group ? chat().title : known.bot.first_name ?? "").slice(0, 1);
  $("avatar").className = group ? "avatar g" : "avatar";
  const isTyping = Date.now() - (view.typing.get(view.chat) ?? 0) < 5000;
  const voice = group ? `${say("group_of")} · ${say("as")} ${person().first_name}` : `${say("bot")} · ${say("as")} ${person().first_name}`;
  const line = isTyping ? say("typing") : voice;
  if ($("subtitle").textContent !== line) $("subtitle").textContent = line;
  const block = $("block");
  block.hidden = !group && !person().has_started;
  block.textContent = group ? `${say("as")} ${person().key === "ann" ? "Boris" : "Ann"}` : say(person().has_blocked ? "unblock" : "block");
  document.title = `${$("title").textContent}, ${say("preview")}`;
}

function drawLog() {
  const log = $("log");
  log.setAttribute("aria-live", "off");
  const all = messages();
  log.replaceChildren();
  if (!all.length) log.append(welcome());
  let day = "";
  for (const message of all) {
    const name = dayName(message.date);
    if (name !== day) log.append(make("p", { className: "day", textContent: day = name }));
    log.append(drawMessage(message));
  }
  log.dataset.day = day;
  log.scrollTop = log.scrollHeight;
  requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
}

function welcome() {
  if (isGroup()) return make("div", { className: "empty" }, make("h3", { textContent: chat().title }), make("p", { textContent: say("said_in_group") }));
  const language = (person().language ?? "").slice(0, 2);
  const about = known.descriptions[language] ?? known.descriptions[""] ?? say("hello");
  return make("div", { className: "empty" },
    make("h3", { textContent: known.bot.first_name }), make("p", { textContent: about }),
    make("button", { type: "button", className: "primary", textContent: say("start"), onclick: () => send("/start") }));
}

function addMessage(message) {
  const log = $("log");
  if (messages().length === 1) log.replaceChildren();
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 160;
  const day = dayName(message.date);
  if (log.dataset.day !== day) log.append(make("p", { className: "day", textContent: log.dataset.day = day }));
  const node = drawMessage(message);
  log.append(node);
  if (wasAtEnd || message.from.id === person().id) {
    const room = log.clientHeight;
    log.scrollTop = node.offsetHeight > room ? node.offsetTop - log.offsetTop - 12 : log.scrollHeight;
  }
}

const bubbleOf = (number) => $("log").querySelector(`[data-message="${number}"]`);

function drawMessage(message) {
  const service = serviceLine(message);
  if (service) return make("p", { className: "service", "data-message": message.message_id, textContent: service });
  const mine = message.from.id === person().id;
  const bubble = make("div", { className: "bubble" });
  if (isGroup() && !mine) bubble.append(make("p", { className: "sender", textContent: message.from.first_name }));
  if (message.via_bot) bubble.append(make("p", { className: "sender", textContent: `${say("via")} @${message.via_bot.username}` }));
  if (message.reply_to_message) bubble.append(make("p", { className: "quoted", textContent: summary(message.reply_to_message) }));
  bubble.append(...attachments(message));
  const text = message.text ?? message.caption;
  if (text) bubble.append(formatted(text, message.entities ?? message.caption_entities, send));
  bubble.append(foot(message, mine));
  const speaker = mine ? person().first_name : message.from.first_name;
  return make("article", { className: mine ? "message mine" : "message", "data-message": message.message_id, "aria-label": `${speaker}, ${clockTime(message.date)}` }, bubble, keyboard(message));
}

function foot(message, mine) {
  const foot = make("p", { className: "foot" });
  if (mine && message.text && !message.via_bot) foot.append(make("button", { type: "button", textContent: say("edit"), onclick: () => setContext(message, null) }));
  if (!mine && isGroup()) foot.append(make("button", { type: "button", textContent: say("reply"), onclick: () => setContext(null, message) }));
  if (message.edit_date) foot.append(say("edited"));
  foot.append(make("time", { textContent: clockTime(message.date) }));
  return foot;
}

function serviceLine(message) {
  if (message.new_chat_members) return `${message.new_chat_members.map((one) => one.first_name).join(", ")} ${say("joined")}`;
  if (message.left_chat_member) return `${message.left_chat_member.first_name} ${say("left")}`;
  return message.migrate_to_chat_id || message.migrate_from_chat_id ? "supergroup" : "";
}

function attachments(message) {
  const fileAddress = (id) => `/preview/api/files/${encodeURIComponent(id)}`;
  const photo = message.photo?.at(-1);
  if (photo && message.from.is_bot) return [make("img", { className: "picture", src: fileAddress(photo.file_id), alt: message.caption ? "" : say("photo"), width: photo.width, height: photo.height })];
  if (message.document && message.from.is_bot) {
    const name = message.document.file_name;
    return [make("p", { className: "attached words" }, make("span", { className: "file", textContent: "↓", "aria-hidden": "true" }), make("a", { href: fileAddress(message.document.file_id), download: name, textContent: name }))];
  }
  const kind = Object.keys(KINDS).find((one) => message[one]);
  if (!kind) return message.text || message.caption ? [] : [make("p", { textContent: "…" })];
  const pin = message.location;
  const about = pin ? `${say(kind)} ${pin.latitude.toFixed(2)}, ${pin.longitude.toFixed(2)}` : say(kind);
  return [make("p", { className: "attached" }, make("span", { className: "glyph", textContent: KINDS[kind], "aria-hidden": "true" }), make("span", { textContent: about }))];
}

function summary(message) {
  const words = message.text ?? message.caption;
  if (words) return words.replace(/\s+/g, " ").slice(0, 90);
  const kind = Object.keys(KINDS).find((one) => message[one]);
  return kind ? say(kind) : serviceLine(message) || "…";
}

function keyboard(message) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return make("div", { className: "keys" }, ...rows.map((row) => make("div", { className: "line" }, ...row.map((button) => key(message, button)))));
}

function key(message, button) {
  if (button.url) return make("a", { href: button.url, target: "_blank", rel: "noopener noreferrer", textContent: `${button.text} ↗`, onclick: (event) => openLink(event, button.url) });
  const node = make("button", { type: "button", textContent: button.text });
  if (button.callback_data) {
    node.dataset.data = button.callback_data;
    node.setAttribute("aria-busy", String(isSpinning(message.message_id, button.callback_data)));
    node.onclick = () => trying(() => act("/press", { person: view.person, chat: message.chat.id, message: message.message_id, data: button.callback_data }));
  } else if (button.copy_text) {
    node.onclick = async () => { await navigator.clipboard.writeText(button.copy_text.text); toast(say("copied")); };
  } else {
    node.onclick = () => { $("text").value = `@${known.bot.username} ${button.switch_inline_query_current_chat ?? button.switch_inline_query ?? ""}`; typed(); $("text").focus(); };
  }
  return node;
}

function openLink(event, address) {
  const deep = new RegExp(`^https?://t\\.me/${known.bot.username}\\?start=([A-Za-z0-9_-]+)$`, "i").exec(address);
  if (!deep) return;
  event.preventDefault();
  const home = [...known.chats.values()].find((one) => one.id === person().id);
  go(home).then(() => send(`/start ${deep[1]}`));
}

function isSpinning(number, data) {
  return [...known.presses.values()].some((press) => press.chat_id === view.chat && press.message_id === number && press.data === data && press.answered_at === null && now() - press.pressed_at < SPINNER_SECONDS);
}

function markBusy() {
  for (const node of document.querySelectorAll("#log .keys button[data-data]")) {
    const number = Number(node.closest("[data-message]").dataset.message);
    node.setAttribute("aria-busy", String(isSpinning(number, node.dataset.data)));
  }
}

function replaceKeepingFocus(old, fresh) {
  const labels = [...old.querySelectorAll(".keys button, .keys a")];
  const place = labels.indexOf(document.activeElement);
  old.replaceWith(fresh);
  if (place >= 0) ([...fresh.querySelectorAll(".keys button, .keys a")][place] ?? $("log")).focus();
}

function drawReplyKeys() {
  const last = messages().filter((one) => one.from.is_bot && one.reply_markup && !one.reply_markup.inline_keyboard).at(-1);
  const rows = last?.reply_markup.keyboard;
  const used = rows && last.reply_markup.one_time_keyboard && messages().some((one) => one.message_id > last.message_id && !one.from.is_bot);
  $("reply-keys").hidden = !rows || used;
  if (!rows || used) return;
  $("reply-keys").replaceChildren(...rows.map((row) => make("div", { className: "line" }, ...row.map((button) => make("button", {
    type: "button", textContent: button.text,
    onclick: () => button.request_location ? other("location") : button.request_contact ? other("contact") : send(button.text),
  })))));
}

function drawClock() {
  $("time").textContent = `${new Date(now() * 1000).toLocaleDateString(document.documentElement.lang, { day: "numeric", month: "short" })}, ${clockTime(now())}`;
}

function drawDrawer() {
  const fresh = known.refusals.length - view.refusalsSeen;
  const isOpen = !$("drawer").hidden;
  if (isOpen) view.refusalsSeen = known.refusals.length;
  $("badge").hidden = isOpen || fresh <= 0;
  $("badge").textContent = String(fresh);
  $("open-drawer").setAttribute("aria-label", fresh > 0 && !isOpen ? `${say("calls")}: ${fresh}` : say("calls"));
  if (!isOpen) return;
  const spinning = [...known.presses.values()].filter((press) => press.answered_at === null).map((press) => ({ method: "callback_query", description: `${press.data}: ${say("spinning")}`, at: press.pressed_at }));
  const bad = [...known.refusals, ...spinning].slice(-50).reverse();
  $("refusals").replaceChildren(...(bad.length ? bad.map((one) => make("li", { className: "bad" }, make("b", { textContent: one.method }), make("p", { textContent: one.description }))) : [make("li", { textContent: say("no_refusals") })]));
  const calls = known.calls.slice(-60).reverse();
  $("calls").replaceChildren(...(calls.length ? calls.map(callLine) : [make("li", { textContent: say("no_calls") })]));
}

function callLine(call) {
  const title = `${clockTime(call.at)}  ${call.method}`;
  const answer = call.fault ? `${call.answer} (${call.fault})` : call.answer;
  return make("li", { className: call.answer === "ok" ? "" : "bad" }, make("details", {},
    make("summary", {}, make("b", { textContent: title }), ` ${answer}`), make("pre", { textContent: JSON.stringify(call.parameters, null, 1) })));
}

// --- doing ---

async function trying(deed) {
  try { return await deed(); } catch (error) { toast(error.message); return undefined; }
}

async function send(text) {
  if (!text.trim()) return;
  const { editing, replying } = view;
  const done = await trying(() => editing
    ? act("/edit", { person: view.person, chat: view.chat, message: editing.message_id, text })
    : act("/send", { person: view.person, chat: view.chat, text, reply_to: replying?.message_id }));
  if (done === undefined) return;
  if (editing || replying) setContext(null, null);
}

const other = (kind) => trying(() => act("/send-other", { person: view.person, chat: view.chat, kind }));

function setContext(editing, replying) {
  Object.assign(view, { editing, replying });
  const message = editing ?? replying;
  $("context").hidden = !message;
  if (!message) return;
  $("context-text").textContent = `${say(editing ? "editing" : "replying")}: ${summary(message)}`;
  if (editing) { $("text").value = editing.text; grow(); }
  $("text").focus();
}

function toast(words) {
  $("toast").textContent = words;
  $("toast").hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $("toast").hidden = true; }, 4500);
}

function tell(answer) {
  if (!answer.text) return;
  if (!answer.show_alert) { toast(answer.text); return; }
  $("alert-text").textContent = answer.text;
  $("alert").showModal();
}

function grow() {
  const field = $("text");
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, 160)}px`;
}

// --- the menu above the text field: commands, attachments, inline results ---

function popup(opener, label, items) {
  const box = $("popup");
  box.replaceChildren(...items);
  box.setAttribute("aria-label", say(label));
  box.hidden = false;
  for (const id of ["open-commands", "open-attach"]) $(id).setAttribute("aria-expanded", String(id === opener));
}

function closePopup() {
  $("popup").hidden = true;
  view.inline = null;
  for (const id of ["open-commands", "open-attach"]) $(id).setAttribute("aria-expanded", "false");
}

const choice = (title, about, chosen) => make("button", { type: "button", role: "option", "aria-selected": "false", onclick: () => { closePopup(); chosen(); $("text").focus(); } },
  make("strong", { textContent: title }), about ? make("span", { textContent: about }) : null);

async function showCommands(start = "") {
  const { commands } = await ask(`/commands?person=${encodeURIComponent(view.person)}&chat=${view.chat}`);
  const fitting = commands.filter((one) => one.command.startsWith(start));
  if (start && !fitting.length) { closePopup(); return; }
  const items = fitting.map((one) => choice(`/${one.command}`, one.description, () => { $("text").value = ""; send(`/${one.command}`); }));
  popup("open-commands", "commands", items.length ? items : [make("p", { textContent: say("no_commands") })]);
}

function showAttachments() {
  const kinds = Object.keys(KINDS).map((kind) => choice(`${KINDS[kind]} ${say(kind)}`, "", () => other(kind)));
  const inline = choice(`@ ${say("ask_inline")}`, "", () => { $("text").value = `@${known.bot.username} `; typed(); });
  const isIn = chat().bot_status === "member";
  const membership = choice(`${isIn ? "−" : "+"} ${say(isIn ? "remove_bot" : "add_bot")}`, "", () => trying(() => act("/bot-in-group", { person: view.person, chat: view.chat, member: !isIn })));
  popup("open-attach", "attach", isGroup() ? [...kinds, inline, membership] : [...kinds, inline]);
}

async function askInline(query) {
  view.inline = query;
  popup("", "offered", [make("p", { textContent: say("asking") })]);
  await trying(() => act("/inline", { person: view.person, query }));
}

function offer(query) {
  if (query.query !== view.inline) return;
  const items = query.results.map((one) => choice(one.title, one.description, () => {
    $("text").value = ""; grow();
    trying(() => act("/choose", { person: view.person, query: query.id, result: one.id, chat: view.chat }));
  }));
  const button = query.button ? [choice(query.button.text, "", () => { $("text").value = ""; send(`/start ${query.button.start_parameter ?? ""}`.trim()); })] : [];
  popup("", "offered", items.length || button.length ? [...button, ...items] : [make("p", { textContent: say("nothing_offered") })]);
}

function typed() {
  grow();
  const text = $("text").value;
  const inline = new RegExp(`^@${known.bot.username}\\s(.*)$`, "is").exec(text);
  clearTimeout(typed.timer);
  if (inline) typed.timer = setTimeout(() => askInline(inline[1].trim()), 300);
  else if (/^\/\w*$/.test(text)) showCommands(text.slice(1));
  else closePopup();
}

// --- wiring ---

function togglePlaces(open) {
  $("places").classList.toggle("open", open);
  $("open-places").setAttribute("aria-expanded", String(open));
  $("shade").hidden = !open;
  if (open) $("chats").querySelector("button")?.focus();
}

function toggleDrawer(open) {
  $("drawer").hidden = !open;
  $("open-drawer").setAttribute("aria-expanded", String(open));
  drawDrawer();
  (open ? $("close-drawer") : $("open-drawer")).focus();
}

function chooseTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("theme", theme); } catch { /* a private window keeps nothing */ }
}

$("composer").onsubmit = (event) => { event.preventDefault(); const text = $("text").value; $("text").value = ""; grow(); closePopup(); send(text); };
$("text").oninput = typed;
$("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("composer").requestSubmit(); }
  if (event.key === "ArrowUp" && !$("popup").hidden) { event.preventDefault(); [...$("popup").querySelectorAll("button")].at(-1)?.focus(); }
};
$("popup").onkeydown = (event) => {
  const items = [...$("popup").querySelectorAll("button")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) { event.preventDefault(); items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus(); }
};
$("open-commands").onclick = () => $("open-commands").getAttribute("aria-expanded") === "true" ? closePopup() : trying(() => showCommands());
$("open-attach").onclick = () => $("open-attach").getAttribute("aria-expanded") === "true" ? closePopup() : showAttachments();
$("context-cancel").onclick = () => { if (view.editing) $("text").value = ""; grow(); setContext(null, null); };
$("open-places").onclick = () => togglePlaces(true);
$("shade").onclick = () => togglePlaces(false);
$("open-drawer").onclick = () => toggleDrawer($("drawer").hidden);
$("close-drawer").onclick = () => toggleDrawer(false);
$("block").onclick = () => {
  if (isGroup()) { view.person = view.person === "ann" ? "boris" : "ann"; drawAll(); return; }
  trying(() => act("/block", { person: view.person, blocked: !person().has_blocked }));
};
$("language").onchange = async (event) => {
  await trying(() => act("/language", { person: view.person, language: event.target.value }));
  known.people.set(person().id, { ...person(), language: event.target.value });
  drawAll();
};
$("theme").onclick = () => chooseTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
$("reset").onclick = () => trying(() => act("/reset", {}));
for (const button of document.querySelectorAll("[data-forward]")) button.onclick = () => trying(() => act("/clock", { forward: Number(button.dataset.forward) }));
document.addEventListener("click", (event) => {
  const inWords = event.target.closest?.(".words a");
  if (inWords) openLink(event, inWords.href);
  if (!event.target.closest?.("#popup, #composer")) closePopup();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (!$("popup").hidden) { closePopup(); $("text").focus(); } else if (!$("drawer").hidden) toggleDrawer(false); else togglePlaces(false);
});

const wishes = matchMedia("(prefers-color-scheme: dark)");
let stored = null;
try { stored = localStorage.getItem("theme"); } catch { /* a private window keeps nothing */ }
document.documentElement.dataset.theme = stored ?? (wishes.matches ? "dark" : "light");
wishes.onchange = () => { document.documentElement.dataset.theme = wishes.matches ? "dark" : "light"; };

setInterval(() => { drawClock(); markBusy(); }, 5000);
const first = await load();
follow(first, take, () => { $("subtitle").textContent = say("offline"); });
