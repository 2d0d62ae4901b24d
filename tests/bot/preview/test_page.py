"""The chat page in a real browser, on a phone's screen and on a desk's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup

from bot.preview.server import LocalBotApi

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
QUOTE = "A long passage about kneading the neck. " * 8

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
]


@pytest.fixture(params=[(390, 844), (1280, 800)], ids=["phone", "desk"])
async def page(api: LocalBotApi, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """The page, opened; afterwards: nothing was loaded from elsewhere, nothing was blocked or broke."""
    troubles: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        width, height = request.param
        page = await browser.new_page(viewport={"width": width, "height": height})
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("request", lambda asked: None if asked.url.startswith(api.url) else troubles.append(asked.url))
        await page.goto(f"{api.url}/preview/")
        await page.get_by_role("button", name="Start", exact=True).wait_for()
        yield page
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        await browser.close()
    assert troubles == []
    assert wide is False


async def test_a_conversation_works_in_the_page(api: LocalBotApi, bot: Bot, page: Page) -> None:
    ann = api.person("ann")
    await page.get_by_role("button", name="Start", exact=True).click()
    await api.until(lambda: [message.text for message in ann.seen()] == ["/start"])
    buttons = [[InlineKeyboardButton("More", callback_data="more"), InlineKeyboardButton("Go", url="https://a.org")]]
    words = f"<b>Neck</b> &lt;i&gt; <tg-spoiler>secret</tg-spoiler>\n<blockquote expandable>{QUOTE}</blockquote>end"
    sent = await bot.send_message(ann.id, words, parse_mode="HTML", reply_markup=InlineKeyboardMarkup(buttons))
    log = page.get_by_role("log")
    await log.locator("strong", has_text="Neck").wait_for()
    assert "<i>" in await log.inner_text()

    more = page.get_by_role("button", name="Show more")
    await more.click()
    await page.get_by_role("button", name="Show less").wait_for()

    await page.get_by_role("button", name="More", exact=True).click()
    await page.locator(".keys [aria-busy=true]").wait_for()
    await bot.answer_callback_query(api.unanswered[0].id, "Look here", show_alert=True)
    await page.get_by_role("dialog").get_by_text("Look here").wait_for()
    assert await page.locator(".keys [aria-busy=true]").count() == 0
    await page.get_by_role("button", name="OK").click()

    await sent.edit_text("Another passage")
    await log.get_by_text("Another passage").wait_for()
    assert await page.locator(".keys").count() == 0
    assert api.refusals == []


async def test_commands_are_offered_in_the_persons_language(api: LocalBotApi, bot: Bot, page: Page) -> None:
    await bot.set_my_commands([BotCommand("ask", "Ask a question")])
    await bot.set_my_commands([BotCommand("ask", "Задать вопрос")], language_code="ru")
    api.person("ann").speaks("ru")
    await page.reload()
    await page.get_by_role("textbox", name="Сообщение").fill("/a")
    await page.get_by_role("option", name="Задать вопрос").click()
    await api.until(lambda: [message.text for message in api.person("ann").seen()] == ["/ask"])


async def test_the_drawer_lists_what_telegram_would_refuse(api: LocalBotApi, page: Page) -> None:
    api.state.calls.clear()
    async with Bot(api.token, base_url=f"{api.url}/bot") as bot:
        with pytest.raises(Exception, match="Chat not found"):
            await bot.send_message(1, "x")
    await page.get_by_role("button", name="Calls and refusals: 1").click()
    await page.get_by_role("complementary", name="Calls and refusals").get_by_text("chat not found").first.wait_for()
