"""Which commands are there? Each imports what it needs only when it is called, so that `--help` is quick.

Machine output goes to standard output, words for people to standard error. Exit status: 0 done, 1 the answer is "no" or
a check failed, 2 wrong use or bad input.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from bot.assemble import Content
    from bot.settings import Settings

DONE, NO, WRONG_USE = 0, 1, 2
_ENV_FILE = Path(".env")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def commands() -> None:
    """A Telegram bot that answers questions about neck and back massage, always with the passage it rests on.

    Settings come from the environment or from .env; .env.example explains each.
    """


@commands.command()
@click.pass_context
def run(context: click.Context) -> None:
    """Run the bot: long polling, or a webhook when WEBHOOK_URL is set. Without a token: the preview."""
    settings = _settings()
    if settings.token is None:
        _say("There is no TELEGRAM_TOKEN, so here is the preview: the real bot, on this machine only.")
        _say("For Telegram itself, get a token from @BotFather and put it into .env (see .env.example).")
        context.invoke(preview)
        return
    from bot.assemble import collecting_later

    with collecting_later():
        from bot.content_cache import content_for

        # Content first: loading it leaves room in between, and the libraries fill that (7 MB).
        content = content_for(settings)
        from bot.telegram.assembled import parts
        from bot.telegram.run import serve

        made = parts(settings, content)
    sys.exit(serve(settings, made))


@commands.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8200, show_default=True, help="0 takes any free port.")
@click.option("--no-browser", is_flag=True, help="Only print the page's address.")
def preview(port: int = 8200, *, no_browser: bool = False) -> None:
    """Try the real bot without a token, in a chat page of your browser (127.0.0.1 only)."""
    from bot.supervisor import preview as start_preview

    sys.exit(start_preview(port=port, open_browser=not no_browser))


@commands.command()
@click.option("--lang", type=click.Choice(["en", "ru"]), help="The language to speak; otherwise the one you write in.")
def chat(lang: str | None) -> None:
    """Have the same conversation in this terminal."""
    from bot.terminal import chat as talk

    settings = _settings()
    conversation = _content(settings).conversation(
        default_language=lang or settings.default_language, default_zone=settings.default_timezone
    )
    talk(conversation, lang, sys.stdin, sys.stdout, now=lambda: datetime.now(UTC))


@commands.command()
@click.argument("text", required=False)
@click.option("--jsonl", is_flag=True, help="Read one JSON object per line from standard input, write one per line.")
def ask(text: str | None, *, jsonl: bool) -> None:
    """Answer TEXT once, or a batch of questions (--jsonl)."""
    if jsonl == (text is not None):
        _refuse("give either a question or --jsonl")
    answerer = _content(_settings()).answerer()
    if text is not None:
        from bot.render import plain

        sys.stdout.write(f"{plain(answerer.answer(text).reply)}\n")
        return
    from bot.batch import ask_jsonl

    ask_jsonl(sys.stdin, sys.stdout, answerer)


@commands.command()
@click.argument("text")
def explain(text: str) -> None:
    """Show what is understood of TEXT: words, repairs, concepts, rules that speak, why each passage scores."""
    from bot.explaining import explain as explained
    from intents.recognise import When

    settings = _settings()
    written = When(now=datetime.now(UTC), zone=settings.default_timezone)
    sys.stdout.write(f"{explained(text, _content(settings), written=written)}\n")


@commands.command()
def check() -> None:
    """Validate corpus, rules, wording and routines; all problems at once, each with its place."""
    from bot.checking import run_check

    settings = _settings()
    folders = {"corpus": settings.corpus_dir, "overlay": settings.rules_dir, "sources": settings.sources_dir}
    sys.exit(run_check(sys.stdout, sys.stderr, **folders))


@commands.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--into", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where the drafts go.")
def import_(files: tuple[Path, ...], into: Path) -> None:
    """Turn txt, md, html, pdf or docx FILES into draft corpus pages, for a person to correct."""
    from bot.importing import import_files

    today = datetime.now().astimezone().date()
    sys.exit(import_files(files, into, today=today, out=sys.stdout, err=sys.stderr))


@commands.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write a copy of the database to FILE, also while the bot runs."""
    from bot.host_tools import save

    save(_settings().database_url, file)
    _say(f"The database is saved in {file}.")


@commands.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(file: Path) -> None:
    """Put a backup in the database's place; what was there is kept beside it."""
    from bot.host_tools import put_back

    kept = put_back(_settings().database_url, file)
    _say(f"The database is the one of {file} again." + (f" The former one is kept as {kept}." if kept else ""))


@commands.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the shape this version needs."""
    from bot.host_tools import bring_up_to_date

    steps = bring_up_to_date(_settings().database_url)
    _say("\n".join(f"applied: {step}" for step in steps) or "The database is up to date already.")


@commands.command("bot-setup")
@click.option("--check", is_flag=True, help="Change nothing; the exit status is 1 when something differs.")
def bot_setup(*, check: bool) -> None:
    """Tell Telegram the bot's commands and profile texts, per language and for groups; `run` does so too."""
    from bot.telegram.assembled import PROFILE, read_profile
    from bot.telegram.profile_setup import set_up

    settings = _settings()
    if settings.token is None:
        _refuse("there is no TELEGRAM_TOKEN to set a bot up with")
    findings = set_up(settings, read_profile(PROFILE), check=check)
    sys.stdout.write("".join(f"{finding}\n" for finding in findings))
    sys.exit(NO if any(finding.is_problem for finding in findings) else DONE)


@commands.command()
@click.option("--jsonl", is_flag=True, help="One JSON object per report and line, for programs.")
def reports(*, jsonl: bool) -> None:
    """List what people reported about answers, newest first, and which passages helped; no one is named."""
    from bot.host_tools import told_reports

    sys.stdout.write(told_reports(_settings().database_url, jsonl=jsonl))


@commands.command()
def doctor() -> None:
    """Look for mistakes in the set-up and say what to do about each."""
    from bot.doctor import examine

    healthy = True
    for finding in examine(_ENV_FILE):
        healthy = healthy and not finding.is_problem
        sys.stdout.write(f"{finding}\n")
    sys.exit(DONE if healthy else NO)


def _settings() -> Settings:
    from bot.settings import read_settings

    return read_settings(_ENV_FILE)


def _content(settings: Settings) -> Content:
    from bot.content_cache import content_for
    from corpus.originals import WrongOriginal
    from corpus.yaml_source import ContentError

    try:
        return content_for(settings)
    except (ContentError, WrongOriginal) as error:
        _refuse(str(error))


def _say(words: str) -> None:
    click.echo(words, err=True)


def _refuse(words: str) -> NoReturn:
    raise click.UsageError(words)


def main() -> NoReturn:
    """The entry point: runs a command, turns known failures into sentences and exit statuses."""
    try:
        commands(prog_name="massage-bot")
    except Exception as error:
        status = _status_of(error)
        if status is None:
            raise
        _say(f"massage-bot: {error}")
        sys.exit(status)
    sys.exit(DONE)


def _status_of(error: Exception) -> int | None:
    """The exit status of a failure that its own text explains; None for one that nobody foresaw.

    By name, because importing the classes would import what they belong to.
    """
    known = {
        "bot.settings.SettingsError": WRONG_USE,
        "bot.store.errors.StoreError": NO,
        "bot.supervisor.PortTaken": WRONG_USE,
        "corpus.yaml_source.ContentError": NO,
        "corpus.originals.WrongOriginal": WRONG_USE,
    }
    kinds = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    return next((known[kind] for kind in kinds if kind in known), None)
