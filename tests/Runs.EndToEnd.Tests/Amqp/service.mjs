// A service in another language: it creates a run, executes it and hears of it over AMQP, with nothing but raw JSON and AMQP's own properties.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import amqp from "amqplib";

const connection = await amqp.connect(setting("RUNS_RABBITMQ"));
const channel = await connection.createChannel();
const news = new EventEmitter(); // "fact", and the correlation ids of answers
const facts = new Map(); // by message id: one that is sent twice is one

// Direct reply-to: the broker's own queue, and nothing to declare.
await channel.consume("amq.rabbitmq.reply-to", (reply) => news.emit(reply.properties.correlationId, reply), { noAck: true });

const runId = `run_${randomUUID()}`;
await listen("runs.run-accepted", "runs.run-started", "runs.run-finished");

const create = {
  tenant: "dev", run_id: runId, kind: "task", owner: { kind: "project", id: setting("RUNS_PROJECT_ID") },
  request: { target: "task:rebuild-index", config: { shards: [1, 2], "größe": null } },
};
const created = await ask("runs.create-run", create);
assert.equal(created.type, "RunSnapshot");
assert.equal(created.contentType, "application/json");
assert.equal(created.body.changed, true);
assert.equal(created.body.run.run_id, runId);
assert.equal(created.body.run.status, "pending");
assert.deepEqual(created.body.run.config, create.request.config);
ok("a run is created and answered");

const again = await ask("runs.create-run", create);
assert.equal(again.type, "RunSnapshot");
assert.equal(again.body.changed, false);
assert.deepEqual(again.body.run, created.body.run);
ok("asking again finds the same run");

const refused = await ask("runs.create-run", { ...create, strict: true, request: { target: "task:other" } });
assert.equal(refused.type, "RunRejected");
assert.equal(refused.body.code, "REQUEST_DIFFERS");
assert.deepEqual(refused.body.differences, ["/request/config", "/request/target"]);
ok("another request for the same id is refused");

const fault = await ask("runs.create-run", { ...create, run_id: "no such id" });
assert.equal(fault.type, "Fault");
assert.match(fault.body.detail, /run_id/);
ok("a message that cannot be right is a fault");

const started = await ask("runs.start-run", { tenant: "dev", run_id: runId });
assert.equal(started.body.changed, true);
assert.equal(started.body.run.status, "running");
ok("the run is started");

const completed = await ask("runs.complete-run", { tenant: "dev", run_id: runId, status: "completed", output: { documents: 12 } });
assert.equal(completed.body.changed, true);
assert.equal(completed.body.run.status, "completed");
ok("the run is completed");

while (facts.size < 3) {
  await once(news, "fact", soon());
}
const told = Object.fromEntries([...facts.values()].map(({ exchange, message }) => [exchange, message]));
assert.deepEqual(Object.keys(told).sort(), ["runs.run-accepted", "runs.run-finished", "runs.run-started"]);
assert.equal(told["runs.run-accepted"].target, "task:rebuild-index");
assert.equal(told["runs.run-started"].run_id, runId);
assert.equal(told["runs.run-finished"].status, "completed");
ok("every change of the run was announced");

await connection.close();
console.log("service: all passed");

function setting(name) {
  assert.ok(process.env[name], `Set ${name}.`);
  return process.env[name];
}

function ok(name) {
  console.log(`ok ${name}`);
}

function soon() {
  return { signal: AbortSignal.timeout(10_000) };
}

/** Publishes a command as raw JSON and waits for its answer. */
async function ask(exchange, command) {
  const correlationId = randomUUID();
  const answered = once(news, correlationId, soon());
  channel.publish(exchange, "", Buffer.from(JSON.stringify(command)), {
    contentType: "application/json", messageId: randomUUID(), correlationId, replyTo: "amq.rabbitmq.reply-to",
  });
  const [{ properties: { type, contentType }, content }] = await answered;
  return { type, contentType, body: JSON.parse(content) };
}

/** Binds a queue of this service's own to the exchanges. An event comes in MassTransit's envelope; the fact is its member `message`. */
async function listen(...exchanges) {
  const { queue } = await channel.assertQueue("", { exclusive: true });
  for (const exchange of exchanges) {
    await channel.checkExchange(exchange);
    await channel.bindQueue(queue, exchange, "");
  }
  await channel.consume(queue, ({ fields: { exchange }, properties: { messageId }, content }) => {
    const { message } = JSON.parse(content);
    if (message.run_id === runId) {
      facts.set(messageId, { exchange, message });
      news.emit("fact");
    }
  }, { noAck: true });
}
