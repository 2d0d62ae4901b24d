"""The server's edge: every way to write a call, who is let in, and what the page may load."""

import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.preview.bot_api import LARGEST_BODY
from bot.preview.server import PAGE, LocalBotApi

pytestmark = pytest.mark.anyio


@pytest.fixture
async def web(api: LocalBotApi) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(api.url) as session:
        yield session


def multipart(fields: dict[str, str]) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        form.add_field(name, value)
    return form


async def test_a_call_may_come_as_query_form_multipart_or_json(api: LocalBotApi, web: aiohttp.ClientSession) -> None:
    ann = api.person("ann")
    ann.sends("hello")
    fields = {"chat_id": str(ann.id), "text": "слова"}
    address = f"/bot{api.token}/SENDmessage"
    for request in (
        web.get(address, params=fields),
        web.post(address, data=fields),
        web.post(address, data=multipart(fields)),
        web.post(address, json={**fields, "reply_markup": {"keyboard": [["x"]]}}),
    ):
        async with request as answer:
            assert (answer.status, (await answer.json())["result"]["text"]) == (200, "слова")
    assert ann.replies()[-1].markup == {"keyboard": [[{"text": "x"}]]}


async def test_the_http_status_is_the_error_code(api: LocalBotApi, web: aiohttp.ClientSession) -> None:
    for address, status, description in (
        (f"/bot{api.token}/noSuchMethod", 404, "Not Found"),
        ("/bot1:wrong/getMe", 401, "Unauthorized"),
        (f"/bot{api.token}/sendMessage", 400, "Bad Request: chat_id is empty"),
        ("/elsewhere", 404, "Not Found"),
    ):
        async with web.get(address) as answer:
            body = await answer.json()
            assert answer.status == status
            assert body == {"ok": False, "error_code": status, "description": description}


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 100_000])
async def test_a_body_that_is_no_object_is_refused(api: LocalBotApi, web: aiohttp.ClientSession, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with web.post(f"/bot{api.token}/getMe", data=body, headers=headers) as answer:
        assert answer.status == 400


async def test_more_than_telegram_takes_is_refused(api: LocalBotApi, web: aiohttp.ClientSession) -> None:
    async with web.post(f"/bot{api.token}/sendDocument", data=io.BytesIO(bytes(LARGEST_BODY + 1))) as answer:
        assert (answer.status, (await answer.json())["description"]) == (413, "Request Entity Too Large")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_other_web_pages_are_not_let_in(
    api: LocalBotApi, web: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    for address in ("/preview/api/state", f"/bot{api.token}/getMe"):
        async with web.get(address, headers=headers) as answer:
            assert answer.status == 403


async def test_the_person_side_takes_json_only(web: aiohttp.ClientSession) -> None:
    async with web.post("/preview/api/reset", data="{}") as answer:
        assert answer.status == 403


async def test_the_page_may_load_nothing_from_elsewhere(web: aiohttp.ClientSession) -> None:
    async with web.get("/preview/") as answer:
        policy = answer.headers["Content-Security-Policy"]
        page = await answer.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=", page)


@pytest.mark.parametrize("file", sorted(PAGE.iterdir()), ids=lambda file: file.name)
def test_no_file_of_the_page_names_another_server(file: Path) -> None:
    addresses = re.findall(r"https?://[\w.]+\.\w+", file.read_text("utf-8"))
    assert [one for one in addresses if one != "http://www.w3.org"] == []
    assert "innerHTML" not in file.read_text("utf-8")


async def test_a_person_acts_and_follows_through_the_page(api: LocalBotApi, web: aiohttp.ClientSession) -> None:
    ann = api.person("ann")
    async with web.get("/preview/api/state") as answer:
        state = await answer.json()
    assert [person["key"] for person in state["people"]] == ["ann", "boris"]
    acts: list[tuple[str, dict[str, object]]] = [
        ("send", {"text": "hello"}),
        ("send-other", {"kind": "location", "latitude": 52.5, "longitude": 13.4}),
        ("send-other", {"kind": "voice"}),
        ("edit", {"message": 1, "text": "good day"}),
        ("press", {"message": 1, "data": "x"}),
        ("language", {"language": "ru"}),
        ("inline", {"query": "neck"}),
        ("block", {"blocked": True}),
    ]
    for path, body in acts:
        given = {"person": "ann", "chat": ann.id, **body}
        async with web.post(f"/preview/api/{path}", json=given) as answer:
            assert answer.status == 200, await answer.text()
    async with web.get("/preview/api/changes", params={"since": state["number"]}) as answer:
        changes = (await answer.json())["changes"]
    assert [change["kind"] for change in changes if change["kind"] != "person"] == [
        "message",
        "message",
        "message",
        "edited",
        "pressed",
    ]
    assert ann.seen()[0].text == "good day"
    assert ann.person.language == "ru"
    async with web.post("/preview/api/send", json={"person": "ann", "chat": ann.id, "text": "x"}) as answer:
        assert (answer.status, await answer.json()) == (409, {"error": "You have blocked the bot."})


@pytest.mark.parametrize("body", ["[]", "{", '{"person": "nobody"}', '{"person": "ann"}'])
async def test_what_the_page_cannot_mean_is_answered_with_a_sentence(web: aiohttp.ClientSession, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with web.post("/preview/api/send", data=body, headers=headers) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"].startswith("Not understood")


async def test_the_clock_can_be_moved_and_read(api: LocalBotApi, web: aiohttp.ClientSession) -> None:
    async with web.post("/preview/api/clock", json={"forward": 3600}) as answer:
        assert (await answer.json())["offset"] == 3600
    async with web.get("/preview/api/clock") as answer:
        clock = await answer.json()
    assert clock["offset"] == api.state.clock_offset == 3600
    assert api.api.now() >= clock["now"]


async def test_a_file_of_the_bot_is_saved_and_never_shown_as_a_page(
    api: LocalBotApi, web: aiohttp.ClientSession
) -> None:
    ann = api.person("ann")
    ann.sends("hello")
    form = multipart({"chat_id": str(ann.id)})
    form.add_field("document", b"<script>1</script>", filename="x.html", content_type="text/html")
    async with web.post(f"/bot{api.token}/sendDocument", data=form) as answer:
        sent = await answer.json()
    number = sent["result"]["document"]["file_id"]
    async with web.get(f"/preview/api/files/{number}") as answer:
        assert answer.headers["Content-Disposition"] == "attachment"
        assert answer.content_type == "application/octet-stream"
        assert await answer.read() == b"<script>1</script>"


async def test_a_follower_that_missed_too_much_is_told_to_start_over(
    api: LocalBotApi, web: aiohttp.ClientSession
) -> None:
    for _ in range(api.state.changes.maxlen or 0):
        api.state.note("person", {})
    async with web.get("/preview/api/changes", params={"since": 1}) as answer:
        assert json.loads(await answer.text())["lost"] is True
