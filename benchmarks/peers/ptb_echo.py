"""python-telegram-bot's echo bot as its first example has it; an argument sets how many updates run at once."""

import os
import sys

from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None and update.message.text is not None:
        await update.message.reply_text(update.message.text)


def main() -> None:
    root = os.environ["TELEGRAM_API_URL"]
    builder = ApplicationBuilder().token(os.environ["TELEGRAM_TOKEN"]).base_url(f"{root}/bot")
    if len(sys.argv) > 1:
        builder = builder.concurrent_updates(int(sys.argv[1]))
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, echo))
    if "WEBHOOK_URL" in os.environ:
        application.run_webhook(
            listen="127.0.0.1",
            port=int(os.environ["WEBHOOK_PORT"]),
            url_path="hook",
            webhook_url=os.environ["WEBHOOK_URL"],
            secret_token=os.environ["WEBHOOK_SECRET"],
        )
    else:
        application.run_polling()


if __name__ == "__main__":
    main()
