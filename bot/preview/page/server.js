// The way to the local server: ask, do, follow.
const ROOT = "/preview/api";

export async function ask(path) {
  const answer = await fetch(ROOT + path);
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? answer.statusText);
  return answer.json();
}

export async function act(path, body) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(ROOT + path, options);
  const given = await answer.json();
  if (!answer.ok) throw new Error(given.error ?? answer.statusText);
  return given.result ?? given;
}

export async function follow(since, onChanges, onTrouble) {
  for (;;) {
    try {
      const news = await ask(`/changes?since=${since}`);
      since = news.number;
      const start = await onChanges(news);
      if (start !== undefined) since = start;
    } catch (error) {
      onTrouble(error);
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
  }
}
