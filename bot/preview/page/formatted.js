// A text with its entities, as nodes: never as markup, so nothing in it can run.
import { say } from "./words.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre" };
const FOLDED_ABOVE = 180;

export function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name in node && !name.startsWith("aria")) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function formatted(text, entities, onCommand) {
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const whole = make("div", { className: "words" });
  fill(whole, text, sorted, 0, text.length, onCommand);
  return whole;
}

// Entities may cross one another; whatever reaches past its parent is cut there and goes on outside.
function fill(parent, text, entities, from, to, onCommand) {
  let at = from;
  let queue = entities.filter((one) => one.offset < to && one.offset + one.length > from);
  while (queue.length) {
    const [first, ...rest] = queue;
    const start = Math.max(first.offset, at);
    const end = Math.min(first.offset + first.length, to);
    if (start > at) parent.append(text.slice(at, start));
    if (end > start) {
      const node = wrap(first, text.slice(start, end), onCommand);
      fill(node.inside, text, rest, start, end, onCommand);
      parent.append(node.outside);
      at = end;
      const isBlock = first.type.endsWith("blockquote") || first.type === "pre";
      if (isBlock && at < to && text[at] === "\n") at += 1;
    }
    queue = rest.filter((one) => one.offset + one.length > at);
  }
  if (at < to) parent.append(text.slice(at, to));
}

function wrap(entity, words, onCommand) {
  const node = nodeFor(entity, words, onCommand);
  return node.inside ? node : { outside: node, inside: node };
}

function nodeFor(entity, words, onCommand) {
  switch (entity.type) {
    case "text_link": return link(entity.url);
    case "url": return link(/^[a-z]+:\/\//i.test(words) ? words : `http://${words}`);
    case "bot_command": return make("button", { type: "button", className: "command", onclick: () => onCommand(words) });
    case "spoiler": return spoiler();
    case "blockquote": return make("span", { className: "quote", role: "blockquote" });
    case "expandable_blockquote": return expandable(words);
    default: return make(TAGS[entity.type] ?? "span");
  }
}

function link(address) {
  const isWeb = /^(https?|tg):\/\//i.test(address);
  return make("a", { href: isWeb ? address : undefined, target: "_blank", rel: "noopener noreferrer" });
}

function spoiler() {
  const node = make("button", { type: "button", className: "spoiler", "aria-label": say("hidden") });
  node.onclick = () => { node.classList.add("open"); node.removeAttribute("aria-label"); };
  return node;
}

function expandable(words) {
  const inside = make("span", { className: "inner" });
  const outside = make("span", { className: "quote", role: "blockquote" }, inside);
  if (words.length <= FOLDED_ABOVE && words.split("\n").length <= 3) return { outside, inside };
  outside.classList.add("folded");
  const more = make("button", { type: "button", className: "more", textContent: say("more"), "aria-expanded": "false" });
  more.onclick = () => {
    const isFolded = outside.classList.toggle("folded");
    more.textContent = say(isFolded ? "more" : "less");
    more.setAttribute("aria-expanded", String(!isFolded));
  };
  outside.append(more);
  return { outside, inside };
}
