// A service in another language: it creates a run, executes it and receives its events over AMQP, with raw JSON and
// the properties of AMQP only.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import amqp from "amqplib";

const connection = await amqp.connect(setting("RUNS_RABBITMQ"));
const channel = await connection.createChannel();
const emitter = new EventEmitter(); // "run-event", and the correlation ids of replies
const events = new Map(); // by message id: an event that is published again counts once

// Direct reply-to: the broker's own queue, which needs no declaration.
await channel.consume("amq.rabbitmq.reply-to", (reply) => emitter.emit(reply.properties.correlationId, reply), { noAck: true });

const runId = `run_${randomUUID()}`;
await listen("runs.run-accepted", "runs.run-started", "runs.run-finished");

const create = {
  tenant: "dev", run_id: runId, kind: "task", owner: { kind: "project", id: setting("RUNS_PROJECT_ID") },
  request: { target: "task:rebuild-index", config: { shards: [1, 2], "größe": null } },
};
const created = await request("runs.create-run", create);
assert.equal(created.type, "RunSnapshot");
assert.equal(created.contentType, "application/json");
assert.equal(created.body.changed, true);
assert.equal(created.body.run.run_id, runId);
assert.equal(created.body.run.status, "pending");
assert.deepEqual(created.body.run.config, create.request.config);
ok("a run is created and the reply received");

const again = await request("runs.create-run", create);
assert.equal(again.type, "RunSnapshot");
assert.equal(again.body.changed, false);
assert.deepEqual(again.body.run, created.body.run);
ok("a repeated request finds the same run");

const rejected = await request("runs.create-run", { ...create, strict: true, request: { target: "task:other" } });
assert.equal(rejected.type, "RunRejected");
assert.equal(rejected.body.code, "REQUEST_DIFFERS");
assert.deepEqual(rejected.body.differences, ["/request/config", "/request/target"]);
ok("another request for the same id is rejected");

const fault = await request("runs.create-run", { ...create, run_id: "no such id" });
assert.equal(fault.type, "Fault");
assert.match(fault.body.detail, /run_id/);
ok("an invalid message causes a fault");

const started = await request("runs.start-run", { tenant: "dev", run_id: runId });
assert.equal(started.body.changed, true);
assert.equal(started.body.run.status, "running");
ok("the run is started");

const completed = await request("runs.complete-run", { tenant: "dev", run_id: runId, status: "completed", output: { documents: 12 } });
assert.equal(completed.body.changed, true);
assert.equal(completed.body.run.status, "completed");
ok("the run is completed");

while (events.size < 3) {
  await once(emitter, "run-event", soon());
}
const published = Object.fromEntries([...events.values()].map(({ exchange, message }) => [exchange, message]));
assert.deepEqual(Object.keys(published).sort(), ["runs.run-accepted", "runs.run-finished", "runs.run-started"]);
assert.equal(published["runs.run-accepted"].target, "task:rebuild-index");
assert.equal(published["runs.run-started"].run_id, runId);
assert.equal(published["runs.run-finished"].status, "completed");
ok("every change of the run was published");

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

/** Publishes a command as raw JSON and waits for its reply. */
async function request(exchange, command) {
  const correlationId = randomUUID();
  const replied = once(emitter, correlationId, soon());
  channel.publish(exchange, "", Buffer.from(JSON.stringify(command)), {
    contentType: "application/json", messageId: randomUUID(), correlationId, replyTo: "amq.rabbitmq.reply-to",
  });
  const [{ properties: { type, contentType }, content }] = await replied;
  return { type, contentType, body: JSON.parse(content) };
}

/** Binds an exclusive queue to the exchanges. An event comes in MassTransit's envelope, whose member `message` it is. */
async function listen(...exchanges) {
  const { queue } = await channel.assertQueue("", { exclusive: true });
  for (const exchange of exchanges) {
    await channel.checkExchange(exchange);
    await channel.bindQueue(queue, exchange, "");
  }
  await channel.consume(queue, ({ fields: { exchange }, properties: { messageId }, content }) => {
    const { message } = JSON.parse(content);
    if (message.run_id === runId) {
      events.set(messageId, { exchange, message });
      emitter.emit("run-event");
    }
  }, { noAck: true });
}
