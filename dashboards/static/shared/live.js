// Follows one region's stream: nothing twice, nothing lost, always in order.
// Sockets are only hints. When `prev` is not the last event seen, and after each new connection,
// what is missing is fetched from /api/v1/events.
import { io } from "/vendor/socket.io/socket.io.esm.min.js";
import { get } from "/static/shared/api.js";

const PAGE = 200;
const TOO_MANY = 2000;   // after a longer absence the page loads itself anew instead of replaying
const PATIENCE = 3000;   // ms before a failed fetch is tried again

/**
 * follow({region, onTicket, onState, onReady, onReset, auth}) -> {close(), last(), region}
 *   onReady(seq)            the stream stands at seq: load the snapshot now; events wait until its promise is fulfilled
 *   onTicket({seq, prev, region, event, ticket}, {late})   late: it came by gap filling
 *   onState("connecting" | "live" | "reconnecting" | "refused", detail)
 *   onReset()               too much was missed: load the snapshot anew (may return a promise)
 */
export function follow({ region, onTicket, onState = () => {}, onReady = () => {}, onReset = () => {}, auth } = {}) {
  let last = null;
  let closed = false;
  let work = Promise.resolve();
  const socket = io("/live", { auth, transports: ["websocket", "polling"], reconnectionDelay: 500, reconnectionDelayMax: 5000 });

  const inTurn = (task) => {
    work = work.then(() => (closed ? null : task())).catch((error) => console.error("live:", error));
    return work;
  };
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  function take(message, late = false) {
    if (message.seq <= last) return;
    last = message.seq;
    try {
      onTicket(message, { late });
    } catch (error) {
      console.error("live: a screen failed on an event", error);   // the next events must still come through
    }
  }

  async function fill(upTo) {
    let seen = 0;
    while (!closed && last < upTo) {   // after a page, `last` has moved on
      let page;
      try {
        page = await get("events", { after: last, region, limit: PAGE });
      } catch (error) {
        onState("reconnecting", error);
        if (!socket.connected) return;   // the next connection fills
        await pause(PATIENCE);
        continue;
      }
      for (const message of page.items) take(message, true);
      seen += page.items.length;
      const more = page.items.length > 0 && page.next_cursor !== null;
      if (more && seen < TOO_MANY) continue;
      last = Math.max(last, upTo);
      if (more) await onReset();
    }
    if (socket.connected && !closed) onState("live");
  }

  async function begin(answer) {
    if (!answer?.ok) {
      onState("refused", answer?.error);
      return;
    }
    if (last === null) {
      last = answer.seq;
      await onReady(answer.seq);
    } else if (answer.seq > last) {
      await fill(answer.seq);
    }
    if (socket.connected && !closed) onState("live");
  }

  onState("connecting");
  // The bell listens to the page's own stream: a second socket would only cost.
  socket.on("notice", (message) => window.dispatchEvent(new CustomEvent("live:notice", { detail: message })));
  socket.on("connect", () => window.dispatchEvent(new CustomEvent("live:connected")));
  socket.on("connect", () => socket.emit("watch", { region }, (answer) => inTurn(() => begin(answer))));
  socket.on("disconnect", () => onState("reconnecting"));
  socket.on("connect_error", (error) => {
    onState("reconnecting", error);
    // A refusal by the server ends socket.io's own attempts; a session may come back, so keep asking.
    if (!socket.active && !closed) setTimeout(() => !closed && socket.connect(), PATIENCE);
  });
  socket.on("ticket", (message) =>
    inTurn(async () => {
      if (last === null || message.seq <= last) return;
      if (message.prev !== null && message.prev !== undefined && message.prev !== last) await fill(message.prev);
      take(message);
    }),
  );

  // When the network is back, do not wait for the next attempt's turn.
  const back = () => { if (!closed && !socket.connected) socket.disconnect().connect(); };
  window.addEventListener("online", back);

  return {
    region,
    last: () => last,
    close() {
      closed = true;
      window.removeEventListener("online", back);
      socket.close();
    },
  };
}

/** Shows the stream's state in an element: "数据截至 14:03:27 ● 实时". */
export function showState(element, state, text) {
  element.dataset.state = state;
  if (element.textContent !== text) element.textContent = text;
}
