// Talking to the server: questions, and its word that something has changed.
export const tab = crypto.randomUUID();

export async function ask(what, said = {}) {
  const answer = await fetch(what, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(said) });
  const content = await answer.json();
  return { ok: answer.ok, status: answer.status, ...content };
}

export async function get(what) {
  return (await fetch(what)).json();
}

// The stream comes back by itself; what was missed meanwhile shows in the revision.
export function listen(revision, onEvent, onState) {
  let delay = 200;
  const open = () => {
    const stream = new EventSource(`events?tab=${tab}&revision=${revision()}`);
    stream.onopen = () => { delay = 200; onState("live"); };
    stream.onmessage = (event) => onEvent(JSON.parse(event.data));
    stream.onerror = () => {
      stream.close();
      onState("lost");
      setTimeout(open, delay);
      delay = Math.min(delay * 2, 2000);
    };
  };
  open();
}
