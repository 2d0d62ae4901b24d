// What the page itself says, in English and Russian; other languages get English.
const WORDS = {
  en: {
    skip: "Skip to the message field", preview: "Local preview", nothing_leaves: "Nothing leaves this computer",
    chats: "Chats", language: "Language of this person", clock: "Clock", plus10m: "+10 min", plus1h: "+1 h", plus1d: "+1 day",
    theme: "Light / dark", reset: "Start over", menu: "Chats and settings", calls: "Calls and refusals",
    messages: "Messages", keys: "Suggested answers", cancel: "Cancel", commands: "Commands", attach: "Send something else",
    write: "Message", send: "Send", close: "Close", refused: "What Telegram would refuse", last_calls: "Last calls of the bot",
    ok: "OK", block: "Block", unblock: "Unblock", start: "Start", bot: "bot", typing: "typing…", group_of: "Ann, Boris and the bot",
    edited: "edited", edit: "Edit", editing: "Editing", replying: "Reply to", reply: "Reply", more: "Show more", less: "Show less", hidden: "Hidden text, press to show",
    no_commands: "The bot has not named any commands yet.", no_refusals: "Nothing so far.", no_calls: "The bot has not called yet.",
    voice: "Voice message", photo: "Photo", sticker: "Sticker", location: "Location", contact: "Contact", document: "File", dice: "Dice",
    spinning: "still waiting for an answer", offered: "Offered by the bot", nothing_offered: "Nothing offered.", asking: "Asking the bot…",
    hello: "This is where you talk to the bot. Press Start, as everyone does the first time.", said_in_group: "In a group the bot reads only commands, mentions of it, and replies to it.",
    blocked: "You have blocked the bot.", offline: "The local server does not answer. Trying again…", joined: "joined the group", left: "left the group", copied: "Copied", via: "via", today: "Today", as: "as", you_as: "You as", add_bot: "Add the bot", remove_bot: "Remove the bot", ask_inline: "Ask by its name",
  },
  ru: {
    skip: "К полю сообщения", preview: "Проба на месте", nothing_leaves: "Ничего не уходит с этого компьютера",
    chats: "Чаты", language: "Язык этого человека", clock: "Часы", plus10m: "+10 мин", plus1h: "+1 ч", plus1d: "+1 день",
    theme: "Свет / тьма", reset: "Начать заново", menu: "Чаты и настройки", calls: "Вызовы и отказы",
    messages: "Сообщения", keys: "Готовые ответы", cancel: "Отмена", commands: "Команды", attach: "Отправить другое",
    write: "Сообщение", send: "Отправить", close: "Закрыть", refused: "В чём отказал бы Telegram", last_calls: "Последние вызовы бота",
    ok: "Хорошо", block: "Заблокировать", unblock: "Разблокировать", start: "Начать", bot: "бот", typing: "печатает…", group_of: "Ann, Boris и бот",
    edited: "изменено", edit: "Изменить", editing: "Правка", replying: "Ответ на", reply: "Ответить", more: "Показать ещё", less: "Свернуть", hidden: "Скрытый текст, нажмите, чтобы увидеть",
    no_commands: "Бот пока не назвал команд.", no_refusals: "Пока ничего.", no_calls: "Бот ещё не вызывал.",
    voice: "Голосовое", photo: "Фото", sticker: "Стикер", location: "Место", contact: "Контакт", document: "Файл", dice: "Кубик",
    spinning: "ждёт ответа", offered: "Бот предлагает", nothing_offered: "Ничего не нашлось.", asking: "Спрашиваем бота…",
    hello: "Здесь вы говорите с ботом. Нажмите «Начать», как делают все в первый раз.", said_in_group: "В группе бот читает только команды, упоминания и ответы ему.",
    blocked: "Вы заблокировали бота.", offline: "Сервер не отвечает. Пробуем ещё…", joined: "теперь в группе", left: "больше не в группе", copied: "Скопировано", via: "через", today: "Сегодня", as: "от имени", you_as: "Вы как", add_bot: "Добавить бота", remove_bot: "Удалить бота", ask_inline: "Спросить по имени",
  },
};

let language = "en";

export function speak(code) {
  language = WORDS[code] ? code : "en";
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = say(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say(node.dataset.label));
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = say(node.dataset.placeholder);
}

export function say(word) {
  return WORDS[language][word] ?? WORDS.en[word] ?? word;
}

export function clockTime(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
}

export function dayName(seconds) {
  return new Date(seconds * 1000).toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long" });
}
