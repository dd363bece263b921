// An executor in Node.js that uses AMQP and HTTP only. A run whose message is redelivered, as after a crash, continues
// at the end of its log.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import amqp from "amqplib";
import { echo, getToolCallId } from "./echo.mjs";

const api = process.env.RUNS_URL ?? "http://127.0.0.1:8080";
const key = process.env.RUNS_API_KEY ?? fail("Set RUNS_API_KEY.");
const tenant = process.env.RUNS_TENANT ?? "dev"; // the tenant of the key
const target = process.env.WORKER_TARGET ?? "agent:echo";

// Codes of problem details. Decide by the code: the text may change.
const RUN_NOT_ACTIVE = "RUN_NOT_ACTIVE"; // the run has ended: nothing more can be appended
const RUN_WAITING = "RUN_WAITING"; // the run waits: nothing can be appended until it is resumed
const EVENT_CURSOR_MISMATCH = "EVENT_CURSOR_MISMATCH"; // another worker has appended: read the end of the log again

const MAX_EVENTS_PER_APPEND = 24; // the API accepts 100

const connection = await amqp.connect(process.env.RABBITMQ_URL ?? "amqp://guest:guest@127.0.0.1:5672");
const channel = await connection.createConfirmChannel();
const stopping = new AbortController();
const inProgress = new Set();
// Without a connection the worker ends, and its supervisor restarts it.
connection.on("close", () => process.exit(stopping.signal.aborted ? 0 : 1));

// The queue keeps the events while no worker runs.
const queue = `javascript-worker.${target}`;
await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
for (const exchange of ["runs.run-accepted", "runs.run-resumed"]) {
  await channel.checkExchange(exchange);
  await channel.bindQueue(queue, exchange, "");
}
await channel.prefetch(16);
const { consumerTag } = await channel.consume(queue, (delivery) => {
  const work = handle(delivery).catch(() => channel.nack(delivery)).finally(() => inProgress.delete(work));
  inProgress.add(work);
});
console.log(`Executing ${target}.`);

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, async () => {
    stopping.abort();
    await channel.cancel(consumerTag);
    await Promise.all(inProgress);
    await channel.close();
    await connection.close();
  });
}

/**
 * Handles a delivery, with any number of attempts, and then acknowledges it. If the worker ends before that, the broker
 * redelivers it to another worker.
 */
async function handle(delivery) {
  const { message } = JSON.parse(delivery.content); // in MassTransit's envelope
  for (let wait = 250; ; wait = Math.min(wait * 2, 5000)) {
    try {
      await (delivery.fields.exchange === "runs.run-accepted" ? handleAccepted(message) : handleResumed(message));
      return channel.ack(delivery);
    } catch (error) {
      console.error(`${message.run_id}: ${error.message}`);
      await pause(wait, undefined, { signal: stopping.signal });
    }
  }
}

async function handleAccepted(run) {
  // A run that is accepted as running is executed by its creator. A run with an implementation_kind is executed by
  // workers of that implementation.
  if (run.tenant === tenant && run.target === target && run.status === "pending" && !run.implementation_kind) {
    await publish("runs.start-run", { run_id: run.run_id });
    await execute(run.run_id);
  }
}

async function handleResumed(resumed) {
  if (resumed.tenant === tenant && resumed.tool_call_id === getToolCallId(resumed.run_id)) {
    await execute(resumed.run_id, resumed);
  }
}

async function execute(run_id, toolResult) {
  try {
    const run = await request(`/runs/${run_id}`);
    if (run.target !== target || ["completed", "failed", "cancelled"].includes(run.status)) {
      return;
    }
    // The run of a conversation shows the end of its log. For other runs all events are appended again from the
    // beginning, and the API recognizes those that the log already has.
    const inConversation = run.owner.kind === "conversation";
    const path = inConversation ? `/conversations/${run.owner.id}/runs/${run_id}` : `/runs/${run_id}`;
    let log = inConversation ? await request(path) : { latest_event_id: 0, latest_external_event_sequence: 0 };
    const { events, output } = echo(run, log.message_id ?? run_id, toolResult);
    for (let sequence; (sequence = log.latest_external_event_sequence) < events.length; ) {
      log = await request(`${path}/events`, {
        events: events.slice(sequence, sequence + MAX_EVENTS_PER_APPEND),
        expected_previous_event_id: log.latest_event_id,
        expected_previous_external_event_sequence: sequence,
      });
    }
    if (output) {
      await publish("runs.complete-run", { run_id, status: "completed", output });
    } else if (log.latest_external_event_sequence === events.length) {
      // Otherwise the run was resumed, and that delivery continues it.
      await publish("runs.wait-run", { run_id, reason: "tool", tool_call_id: getToolCallId(run_id), tool_name: "ask" });
    }
  } catch (error) {
    if (error.status === 404 || error.code === RUN_NOT_ACTIVE || error.code === RUN_WAITING) {
      return; // the run has ended, or it waits and its result continues it
    }
    if (error.status !== 400 || error.code === EVENT_CURSOR_MISMATCH) {
      throw error; // a transient failure, or another worker has appended: try again
    }
    await publish("runs.complete-run", {
      run_id,
      status: "failed",
      terminal_error_code: "APPEND_REJECTED",
      terminal_error_message: error.detail,
    });
  }
}

async function request(path, body) {
  const response = await fetch(api + path, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  const content = await response.json();
  if (!response.ok) {
    const { code, detail } = content;
    throw Object.assign(new Error(`${response.status} ${code}: ${detail}`), { status: response.status, code, detail });
  }
  return content;
}

/** Resolves when the broker has confirmed the command. */
function publish(exchange, command) {
  const body = Buffer.from(JSON.stringify({ tenant, ...command }));
  const options = { persistent: true, contentType: "application/json", messageId: randomUUID() };
  return new Promise((resolve, reject) =>
    channel.publish(exchange, "", body, options, (error) => (error ? reject(error) : resolve())));
}

function fail(message) {
  throw new Error(message);
}
