// An executor in Node.js, with nothing but AMQP and HTTP. Whoever is told of a run again, after a crash or by a second delivery, goes on where its log ends.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import amqp from "amqplib";
import { callOf, echo } from "./echo.mjs";

const api = process.env.RUNS_URL ?? "http://127.0.0.1:8080";
const key = process.env.RUNS_API_KEY ?? fail("Set RUNS_API_KEY.");
const tenant = process.env.RUNS_TENANT ?? "dev"; // the key's
const target = process.env.WORKER_TARGET ?? "agent:echo";

// What the API says when there is nothing more to append, and when not now.
const stopWords = [
  "Cannot append external events to a terminal run", "Cannot append external events while the run is waiting for a tool result",
];

const connection = await amqp.connect(process.env.RABBITMQ_URL ?? "amqp://guest:guest@127.0.0.1:5672");
const channel = await connection.createConfirmChannel();
const stopping = new AbortController();
const underWay = new Set();
connection.on("close", () => process.exit(stopping.signal.aborted ? 0 : 1)); // without a broker it ends; whoever started it starts it again

// What happens while no worker is there waits in the queue.
const queue = `javascript-worker.${target}`;
await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
for (const exchange of ["runs.run-accepted", "runs.run-resumed"]) {
  await channel.checkExchange(exchange);
  await channel.bindQueue(queue, exchange, "");
}
await channel.prefetch(16);
const { consumerTag } = await channel.consume(queue, (delivery) => {
  const work = handle(delivery).catch(() => channel.nack(delivery)).finally(() => underWay.delete(work));
  underWay.add(work);
});
console.log(`Executing ${target}.`);

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, async () => {
    stopping.abort();
    await channel.cancel(consumerTag);
    await Promise.all(underWay);
    await channel.close();
    await connection.close();
  });
}

/** Acknowledges a delivery when all that follows from it is done, however many attempts that takes. A worker that ends before leaves it to the next one. */
async function handle(delivery) {
  const { message } = JSON.parse(delivery.content); // in MassTransit's envelope
  for (let wait = 250; ; wait = Math.min(wait * 2, 5000)) {
    try {
      await (delivery.fields.exchange === "runs.run-accepted" ? accepted(message) : resumed(message));
      return channel.ack(delivery);
    } catch (error) {
      console.error(`${message.run_id}: ${error.message}`);
      await pause(wait, undefined, { signal: stopping.signal });
    }
  }
}

async function accepted(run) {
  // A run that is accepted as running is executed by its creator, and one that names an implementation by such a worker.
  if (run.tenant === tenant && run.target === target && run.status === "pending" && !run.implementation_kind) {
    await publish("runs.start-run", { run_id: run.run_id });
    await execute(run.run_id);
  }
}

async function resumed(answer) {
  if (answer.tenant === tenant && answer.tool_call_id === callOf(answer.run_id)) {
    await execute(answer.run_id, answer);
  }
}

async function execute(run_id, answer) {
  try {
    const run = await ask(`/runs/${run_id}`);
    if (run.target !== target || ["completed", "failed", "cancelled"].includes(run.status)) {
      return;
    }
    // A conversation shows where the log ends. Elsewhere all is said again from its beginning: what the log holds is recognized, and not appended twice.
    const inConversation = run.owner.kind === "conversation";
    const path = inConversation ? `/conversations/${run.owner.id}/runs/${run_id}` : `/runs/${run_id}`;
    let log = inConversation ? await ask(path) : { latest_event_id: 0, latest_external_event_sequence: 0 };
    const { events, output } = echo(run, log.message_id ?? run_id, answer);
    for (let at; (at = log.latest_external_event_sequence) < events.length; ) {
      log = await ask(`${path}/events`, {
        events: events.slice(at, at + 24), expected_previous_event_id: log.latest_event_id, expected_previous_external_event_sequence: at,
      });
    }
    if (output) {
      await publish("runs.complete-run", { run_id, status: "completed", output });
    } else if (log.latest_external_event_sequence === events.length) { // else the answer has come, and its own delivery went on
      await publish("runs.wait-run", { run_id, reason: "tool", tool_call_id: callOf(run_id), tool_name: "ask" });
    }
  } catch (refusal) {
    if (refusal.status === 404 || stopWords.includes(refusal.detail)) {
      return; // ended meanwhile, or its result goes on with it
    }
    if (refusal.status !== 400 || refusal.detail === "External run event cursor mismatch") {
      throw refusal; // trouble, or another worker is at it: look again where the log ends
    }
    await publish("runs.complete-run", { run_id, status: "failed", terminal_error_code: "REFUSED", terminal_error_message: refusal.detail });
  }
}

async function ask(path, body) {
  const response = await fetch(api + path, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  const answer = await response.json();
  if (!response.ok) {
    throw Object.assign(new Error(`${response.status} ${answer.detail}`), { status: response.status, detail: answer.detail });
  }
  return answer;
}

/** Resolves when the broker has the command. */
function publish(exchange, command) {
  const body = Buffer.from(JSON.stringify({ tenant, ...command }));
  const options = { persistent: true, contentType: "application/json", messageId: randomUUID() };
  return new Promise((resolve, reject) => channel.publish(exchange, "", body, options, (error) => (error ? reject(error) : resolve())));
}

function fail(message) {
  throw new Error(message);
}
