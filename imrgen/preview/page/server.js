// Requests to the server, and its events when something has changed.
export const tab = crypto.randomUUID();

export async function ask(route, query = {}) {
  const response = await fetch(route, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(query) });
  return { ok: response.ok, status: response.status, ...(await response.json()) };
}

export async function get(route) {
  return (await fetch(route)).json();
}

// Reconnects by itself; the revision shows the server what the page has missed meanwhile.
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
