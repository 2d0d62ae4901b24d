"""The shipped bot in a real browser: journeys on a phone's screen and on a desk's, and what a screen reader would miss.

With MASSAGE_BOT_SCREENSHOTS=docs/screenshots the journeys leave their pictures there.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright

from tests.bot.preview.test_page import CHROMIUM, FLAGS
from tests.hands.conftest import MONDAY, Chat, running

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Debian's chromium is not installed"),
]

SCREENS = {"phone": (390, 844), "desk": (1280, 800)}
PICTURES = os.environ.get("MASSAGE_BOT_SCREENSHOTS")
PATIENCE = 20_000
"""Milliseconds."""


@dataclass
class Browser:
    """The page, and what a person does in it."""

    page: Page
    chat: Chat
    screen: str

    async def says(self, text: str) -> None:
        await self.page.locator("#text").fill(text)
        await (
            self.page.get_by_role("button", name="Send", exact=True)
            .or_(self.page.get_by_role("button", name="Отправить", exact=True))
            .click()
        )

    async def taps(self, label: str) -> None:
        await self.page.locator("#log .keys").get_by_role("button", name=label, exact=True).last.click()

    def shown(self, words: str) -> Locator:
        return self.page.locator("#log .message").filter(has_text=words).last

    async def sees(self, words: str) -> None:
        await self.shown(words).wait_for(timeout=PATIENCE)

    async def day_passes(self) -> None:
        await self.clock_goes("+1 day")

    async def clock_goes(self, label: str) -> None:
        await self.chat.rests()
        opener = self.page.locator("#open-places")
        is_phone = await opener.is_visible()
        if is_phone:
            await opener.click()
        await self.page.get_by_role("button", name=label, exact=True).click()
        if is_phone:
            await self.page.keyboard.press("Escape")

    async def pictured(self, name: str) -> None:
        if PICTURES:
            await self.page.wait_for_timeout(400)
            await self.page.screenshot(path=f"{PICTURES}/{name}-{self.screen}.png")


@pytest.fixture(params=sorted(SCREENS))
async def browser(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Browser]:
    """The page of a running bot; afterwards nothing broke, nothing was refused, nothing was loaded from elsewhere."""
    troubles: list[str] = []
    width, height = SCREENS[request.param]
    async with running(tmp_path / "bot.db") as chat, async_playwright() as playwright:
        await chat.set_clock(MONDAY)
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await chromium.new_page(viewport={"width": width, "height": height}, timezone_id="UTC", locale="en-GB")
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(chat.api.url) else troubles.append(asked.url))
        await page.goto(f"{chat.api.url}/preview/")
        await page.get_by_role("button", name="Start", exact=True).click()
        browser = Browser(page, chat, request.param)
        await browser.sees("Ask me about neck and back massage")
        yield browser
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        await chromium.close()
        await chat.rests()
        chat.nothing_went_wrong()
    assert troubles == []
    assert wide is False


async def test_from_the_first_visit_to_an_answer_with_its_source(browser: Browser):
    await browser.pictured("first-visit")
    await browser.says("How long should a neck massage last?")
    await browser.sees("our own-words edition")
    await browser.sees("See a doctor")
    await browser.pictured("answer")
    await browser.taps("Show around it")
    await browser.sees("line")


async def test_contraindications_are_checked_by_buttons(browser: Browser):
    await browser.taps("Check contraindications")
    await browser.sees("is any of these there now")
    await browser.pictured("emergency-signs")
    await browser.taps("None of these")
    await browser.taps("Neck")
    await browser.taps("By a therapist")
    await browser.taps("None of these")
    await browser.taps("☐ high blood pressure")
    await browser.sees("Tick what applies")
    await browser.taps("☑ high blood pressure")
    await browser.taps("☐ high blood pressure")
    await browser.pictured("check")
    await browser.taps("Go on")
    for number in ("3", "4", "5", "6"):
        await browser.sees(f"({number} of 6)")
        await browser.taps("None of these")
    await browser.sees("Words to show a doctor")
    await browser.pictured("verdict")


async def test_a_reminder_is_set_comes_is_snoozed_and_finished(browser: Browser):
    await browser.says("remind me every day at 6:30 to stretch my neck, 2 times")
    await browser.sees("2 times in all")
    await browser.taps("Save")
    await browser.taps("I agree")
    await browser.sees("Saved: stretch my neck")
    await browser.day_passes()
    await browser.sees("⏰ stretch my neck")
    await browser.pictured("reminder")
    await browser.taps("15 min")
    await browser.sees("stays as it is")
    await browser.day_passes()
    await browser.sees("This was due")
    await browser.taps("Done")
    await browser.sees("The course is over")
    await browser.sees("Calendar of")
    await browser.pictured("reminder-done")


async def test_in_russian_export_and_delete(browser: Browser):
    await browser.says("/language ru")
    await browser.sees("Буду говорить по-русски")
    await browser.says("Массаж при высоком давлении?")
    await browser.sees("Кратко")
    await browser.pictured("russian")
    await browser.says("напомни каждый день в 9:30 размять шею")
    await browser.taps("Сохранить")
    await browser.taps("Согласен")
    await browser.sees("Сохранено")
    await browser.says("/export")
    await browser.sees("massage-bot.json")
    await browser.pictured("export")
    await browser.says("/delete")
    await browser.taps("Удалить всё")
    await browser.sees("удалено")
    await browser.pictured("delete")


async def test_the_articles_and_a_session_by_buttons(browser: Browser):
    await browser.taps("Browse the articles")
    await browser.sees("Which article?")
    await browser.pictured("browse")
    await browser.says("/session")
    await browser.taps("Neck self-massage")
    await browser.sees("Step 1 of 3")
    await browser.sees("3:00 left")
    await browser.sees("2:52 left")
    await browser.pictured("session")
    await browser.clock_goes("+10 min")
    await browser.sees("That was the last step")


async def test_the_order_of_strokes_as_a_picture(browser: Browser):
    await browser.taps("Browse the articles")
    await browser.taps("🖼 In pictures: Course of back massage (10 sessions)")
    await browser.sees("step by step, from left to right")
    picture = browser.page.locator("#log img.picture").last
    await picture.wait_for(timeout=PATIENCE)
    assert await picture.evaluate(
        "image => image.complete && image.naturalWidth > 0 || image.decode().then(() => true)"
    )
    await browser.pictured("strokes")
    await browser.taps("Go through it now")
    await browser.sees("Step 1 of 5")


async def test_a_passage_is_looked_up_in_the_inline_box(browser: Browser):
    await browser.page.locator("#text").fill("@massage_preview_bot which oil for a back massage")
    offered = browser.page.locator("#popup > *").filter(has_text="oil")
    await offered.first.wait_for(timeout=PATIENCE)
    await browser.pictured("inline")
    await offered.first.click()
    await browser.sees("See a doctor")
    assert await browser.page.locator("#text").input_value() == ""


async def test_an_answer_that_did_not_help_is_reported(browser: Browser):
    await browser.says("How long should a neck massage last?")
    await browser.sees("our own-words edition")
    await browser.taps("👎")
    await browser.sees("Sorry that this did not help")
    await browser.taps("Report it")
    await browser.sees("none of your words")
    await browser.pictured("report")
    await browser.taps("It is wrong")
    await browser.sees("Thank you: the host")


async def test_nothing_serious_stands_in_the_way_of_a_screen_reader(browser: Browser):
    await browser.says("How long should a neck massage last?")
    await browser.sees("our own-words edition")
    found = importlib.util.find_spec("axe_playwright_python")
    assert found is not None, "axe-playwright-python is among the development dependencies"
    assert found.origin is not None
    await browser.page.evaluate((Path(found.origin).parent / "axe.min.js").read_text("utf-8"))
    seen = await browser.page.evaluate("axe.run()")
    serious = [
        (fault["id"], [node["html"][:120] for node in fault["nodes"]])
        for fault in seen["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]
    assert serious == []
