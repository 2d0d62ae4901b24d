"""Do the buttons of a guided check touch only their own check?"""

from __future__ import annotations

from bot.guided_check import GuidedCheck
from bot.presses import Press
from bot.reply import Reply
from tests.shipped import shipped


def guided() -> GuidedCheck:
    content = shipped()
    return GuidedCheck(
        steps=content.check_steps,
        red_flags=content.red_flags,
        rulebook=content.rulebook,
        answerer=content.answerer(),
        reader=content.reader,
        wording=content.wording,
    )


def argument(reply: Reply) -> str:
    """What "none of these" on the first screen sends."""
    press = Press.parse(reply.choices[-2][0].press)
    assert press is not None
    return press.argument


def test_a_button_goes_on_in_its_own_check() -> None:
    check = guided()
    first = check.begin("en")
    after = check.press(argument(first.reply), first.state, "en")
    assert after is not None
    assert after.verdict is None
    assert after.state["step"] == 1


def test_a_button_of_an_earlier_check_does_nothing() -> None:
    check = guided()
    old = check.begin("en")
    newer = check.begin("en", previous=old.state)
    assert check.press(argument(old.reply), newer.state, "en") is None


def test_a_button_of_somebody_elses_check_does_nothing() -> None:
    check = guided()
    mine = check.begin("en")
    assert check.press(argument(mine.reply), None, "en") is None
