// Drives the public client, unmodified, through everything it offers, against the server that the environment names.
// The client checks the shape of every response itself; the steps check the values.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

// The client logs every rejection, and the tour causes many.
process.env.LOG_LEVEL ??= "ERROR";
// In plain Node the client finds its schema validator only once this module is loaded.
const { createExternalAgentWorkerClient } = await import("veryfront/agent");
const { VeryfrontRunsClient } = await import("veryfront/runs");

const url = setting("RUNS_URL"); // no trailing slash: the client appends paths
const token = setting("RUNS_TOKEN");
const projectId = setting("RUNS_PROJECT_ID");
const projectSlug = setting("RUNS_PROJECT_SLUG"); // another name of the same project

// No retries: they would hide a failure that passes.
const client = new VeryfrontRunsClient({ apiUrl: url, authToken: token, projectReference: projectId, retry: { maxRetries: 0 } });
const mine = []; // ids of the tour's runs, oldest first
let passed = 0;

await step("a task run is accepted with everything it was created with", async () => {
  const publicId = newId();
  const batchId = randomUUID();
  const environmentId = randomUUID();
  const { run } = await created(client.createTaskRun({
    projectId, publicId, name: "Rebuild", target: "task:rebuild-index", batchId, runtimeTargetKind: "environment",
    runtimeTargetEnvironmentId: environmentId, runtimeTargetBranchId: null, config: { shards: [1, 2], dry: false }, timeoutSeconds: 60, backoffLimit: 0,
  }));
  shows(run, {
    run_id: publicId, kind: "task", status: "pending", owner: { kind: "project", id: projectId }, parent_run_id: null, root_run_id: publicId,
    target: "task:rebuild-index", batch_id: batchId, runtime_target_kind: "environment", runtime_target_environment_id: environmentId,
    runtime_target_branch_id: null, config: { shards: [1, 2], dry: false }, timeout_seconds: 60, backoff_limit: 0, trigger_kind: "api",
    error: null, artifacts: [], started_at: null, completed_at: null,
  });
});

await step("a workflow run is accepted with everything it was created with", async () => {
  const branchId = randomUUID();
  const { run } = await created(client.createWorkflowRun({
    projectId, publicId: newId(), workflowId: "nightly", target: "workflow:nightly", runtimeTargetKind: "preview_branch",
    runtimeTargetBranchId: branchId, input: { since: "2026-01-01" }, startMode: "manual",
  }));
  shows(run, {
    kind: "workflow", target: "workflow:nightly", workflow_id: "nightly", runtime_target_kind: "preview_branch", runtime_target_branch_id: branchId,
    input: { since: "2026-01-01" }, start_mode: "manual",
  });
});

await step("an eval run created twice with one id is one run", async () => {
  const evaluation = {
    projectId, publicId: newId(), target: "eval:quality", runtimeTargetKind: "main_branch", input: { set: "small" }, config: { seed: 7 }, startMode: "manual",
  };
  const first = await created(client.createEvalRun(evaluation));
  shows(first.run, {
    kind: "eval", target: "eval:quality", runtime_target_kind: "main_branch", input: { set: "small" }, config: { seed: 7 }, start_mode: "manual",
  });
  const again = await client.createEvalRun(evaluation);
  assert.equal(again.accepted, true);
  assert.equal(again.duplicate, true);
  assert.deepEqual(again.run, first.run);
});

await step("of many equal creates at once exactly one is new", async () => {
  const publicId = newId();
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.createTaskRun({ projectId, publicId, target: "task:once" })));
  assert.equal(answers.filter((answer) => !answer.duplicate).length, 1);
  mine.push(publicId);
});

await step("a run without an id gets one, and is another run each time", async () => {
  const first = await created(client.createTaskRun({ projectId, target: "task:anonymous" }));
  const second = await created(client.createTaskRun({ projectId, target: "task:anonymous" }));
  assert.match(first.run.run_id, /^run_/);
  assert.notEqual(first.run.run_id, second.run.run_id);
});

await step("a child knows its parent and its root", async () => {
  const root = await created(client.createTaskRun({ projectId, target: "task:root" }));
  const child = await created(client.createTaskRun({ projectId, target: "task:child", parentRunId: root.run.run_id }));
  const grandchild = await created(client.createEvalRun({ projectId, target: "eval:grandchild", parentRunId: child.run.run_id }));
  shows(grandchild.run, { parent_run_id: child.run.run_id, root_run_id: root.run.run_id });
});

await step("knowledge is ingested by upload ids, by paths and by prefix", async () => {
  const { knowledge } = client;
  const byIds = await created(knowledge.ingestByUploadIds({ projectId, uploadIds: ["u1", "u2"] }));
  const byPaths = await created(knowledge.ingestByUploadPaths({ projectId, uploadPaths: ["docs/a.md", "docs/ü b.md"] }));
  const byPrefix = await created(knowledge.ingestByUploadPrefix({ projectId, uploadPrefix: "docs/", name: "Docs" }));
  shows(byIds.run, { kind: "task", target: "task:knowledge-ingest", config: { upload_ids: ["u1", "u2"] } });
  shows(byPaths.run, { target: "task:knowledge-ingest", config: { paths: ["docs/a.md", "docs/ü b.md"] } });
  shows(byPrefix.run, { target: "task:knowledge-ingest", config: { path_prefix: "docs/" } });
});

await step("an accepted run can be read at once", async () => {
  const { run } = await created(client.createTaskRun({ projectId, target: "task:read-me", config: { text: "ü 🙂 \"\\", nothing: null, number: 1.5 } }));
  assert.deepEqual(await client.get(run.run_id), run);
});

await step("an id that the client escapes is found again", async () => {
  const publicId = `a:b.c_d-${"x".repeat(120)}`.slice(0, 92) + randomUUID(); // as long as an id may be
  await created(client.createTaskRun({ projectId, publicId, target: "task:odd-id" }));
  shows(await client.get(publicId), { run_id: publicId });
  shows((await client.cancel(publicId)).run, { run_id: publicId });
});

await step("the list shows every run once, newest first, over several pages", async () => {
  const pages = await allPages({ limit: 4 });
  assert.ok(pages.length >= 4, `${pages.length} pages`);
  assert.ok(pages.slice(0, -1).every((page) => page.data.length === 4));
  const runs = pages.flatMap((page) => page.data);
  const ids = runs.map((run) => run.run_id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(mine.filter((id) => !ids.includes(id)), []);
  const times = runs.map((run) => Date.parse(run.created_at));
  assert.deepEqual(times, [...times].sort((a, b) => b - a));
});

await step("a run added while the pages are read moves no other run", async () => {
  const before = await client.list({ limit: 10 });
  const first = await client.list({ limit: 5 });
  await created(client.createTaskRun({ projectId, target: "task:late" }));
  const second = await client.list({ limit: 5, cursor: first.page_info.next });
  assert.deepEqual([...first.data, ...second.data], before.data);
});

await step("the slug names the same project, per call and per request context", async () => {
  const byId = await client.list({ limit: 3 });
  assert.deepEqual((await client.list({ limit: 3, projectReference: projectSlug })).data, byId.data);
  client.setProjectReference(projectSlug);
  assert.deepEqual((await client.list({ limit: 3 })).data, byId.data);
  client.clearProjectReference();
});

await step("a project without runs has an empty list", async () => {
  const list = await client.list({ projectReference: randomUUID() });
  assert.deepEqual(list, { data: [], page_info: { self: null, first: null, next: null, prev: null } });
});

await step("a cancelled run stays cancelled", async () => {
  const { run } = await created(client.createWorkflowRun({ projectId, workflowId: "long", target: "workflow:long" }));
  const first = await client.cancel(run.run_id);
  assert.equal(first.cancelled, true);
  assert.equal(first.run.status, "cancelled");
  assert.ok(Date.parse(first.run.completed_at) >= Date.parse(run.created_at));
  const again = await client.cancel(run.run_id);
  assert.equal(again.cancelled, false);
  assert.deepEqual(again.run, first.run);
  assert.deepEqual(await client.get(run.run_id), first.run);
});

await step("the events of a run are read page by page", async () => {
  const { run } = await created(client.createTaskRun({ projectId, target: "task:eventful" }));
  assert.deepEqual((await client.events(run.run_id)).data, []);
  await append(run.run_id, [{ type: "CUSTOM", name: "progress", value: 0.5 }, { type: "STEP_STARTED", stepName: "hidden" }, { type: "CUSTOM", name: "progress", value: 1 }]);
  await client.cancel(run.run_id);
  const all = await client.events(run.run_id);
  assert.deepEqual(all.data.map((event) => event.event_type), ["RUN_STARTED", "CUSTOM", "CUSTOM", "RUN_ERROR"]);
  assert.deepEqual(all.data.map((event) => event.event_id), [1, 2, 4, 5]);
  assert.deepEqual(all.data[1].payload, { type: "CUSTOM", name: "progress", value: 0.5 });
  assert.equal(all.page_info.next, null);
  const first = await client.events(run.run_id, { limit: 2 });
  assert.deepEqual(first.data, all.data.slice(0, 2));
  assert.notEqual(first.page_info.next, null);
  assert.deepEqual((await client.events(run.run_id, { afterEventId: first.data.at(-1).event_id })).data, all.data.slice(2));
  await expectStatus(400, client.events(run.run_id, { limit: 501 }));
  await expectStatus(404, client.events(newId()));
});

await step("a create that repeats a cancelled run does not bring it back", async () => {
  const task = { projectId, publicId: newId(), target: "task:cancelled" };
  await created(client.createTaskRun(task));
  await client.cancel(task.publicId);
  const again = await client.createTaskRun(task);
  assert.equal(again.duplicate, true);
  assert.equal(again.run.status, "cancelled");
});

await step("an unknown run is 404, to read and to cancel, with any form of id", async () => {
  for (const id of [newId(), "a/b", "ü %2F?#+", "x".repeat(1000)]) {
    await expectStatus(404, client.get(id));
    await expectStatus(404, client.cancel(id));
  }
});

await step("an unknown parent and an unknown project are 404", async () => {
  await expectStatus(404, client.createTaskRun({ projectId, target: "task:orphan", parentRunId: newId() }));
  await expectStatus(404, client.list({ projectReference: "no-such-project" }));
});

await step("an id taken by a run of another kind is 409", async () => {
  const { run } = await created(client.createTaskRun({ projectId, target: "task:first" }));
  await expectStatus(409, client.createEvalRun({ projectId, publicId: run.run_id, target: "eval:second" }));
});

await step("what is not right is 400", async () => {
  await expectStatus(400, client.createTaskRun({ projectId, target: "eval:not-a-task" }));
  await expectStatus(400, client.createTaskRun({ projectId: "no uuid", target: "task:t" }));
  await expectStatus(400, client.createTaskRun({ projectId, target: "task:t", backoffLimit: -1 }));
  await expectStatus(400, client.list({ limit: 0 }));
  await expectStatus(400, client.list({ cursor: "no cursor" }));
});

await step("a wrong token is 401, on every route", async () => {
  client.setRequestToken(`${token}x`);
  await expectStatus(401, client.get(mine[0]));
  await expectStatus(401, client.list());
  await expectStatus(401, client.createTaskRun({ projectId, target: "task:t" }));
  await expectStatus(401, client.cancel(mine[0]));
  client.clearRequestToken();
  shows(await client.get(mine[0]), { run_id: mine[0], status: "pending" });
});

await step("a worker registers, claims, renews, stores its session, appends and completes", async () => {
  const { worker, run } = await claimedRun();
  assert.equal((await worker.client.heartbeatWorker(worker.id)).id, worker.id);
  shows(run, { agent_id: "writer", status: "running", project_id: projectId, lease_owner: worker.id, worker_session: null });
  assert.deepEqual(run.request_snapshot.messages, [{ id: "m1", role: "user", parts: [{ type: "text", text: "hello" }] }]);
  const renewed = await worker.client.renewLease({ workerId: worker.id, runId: run.run_id, leaseDurationSeconds: 120 });
  assert.ok(renewed.lease_expires_at > run.lease_expires_at);
  const session = await worker.client.recordSession({
    workerId: worker.id, runId: run.run_id, sessionKey: "s1", status: "active", metadata: { page: 1 },
  });
  shows(session, { run_id: run.run_id, worker_id: worker.id, session_key: "s1", status: "active", metadata: { page: 1 }, ended_at: null });
  await worker.client.appendRunEvents({
    conversationId: run.conversation_id, runId: run.run_id, events: [{ type: "CUSTOM", name: "progress", value: 1 }],
    expectedPreviousExternalEventSequence: run.latest_external_event_sequence,
  });
  await worker.client.completeRun({ runId: run.run_id, status: "completed" });
  await worker.client.recordSession({ workerId: worker.id, runId: run.run_id, sessionKey: "s1", status: "completed" });
  shows(await client.get(run.run_id), { status: "completed" });
});

await step("a worker without work gets null, and so does one that has lost its run", async () => {
  const { worker, run } = await claimedRun();
  assert.equal(await worker.client.claimRun({ workerId: worker.id, leaseDurationSeconds: 30 }), null);
  await client.cancel(run.run_id);
  assert.equal(await worker.client.renewLease({ workerId: worker.id, runId: run.run_id, leaseDurationSeconds: 30 }), null);
});

await step("X18 a retried, a lost and a suspended run are read with a status of the contract", async () => {
  const { worker, run } = await claimedRun({ backoff_limit: 3 });
  const attempt = async (path, body) => {
    const response = await fetch(`${url}/runs/${run.run_id}/${path}`, {
      method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify(body),
    });
    assert.equal(response.status, 200);
  };
  await attempt("complete", { status: "failed", attempt: 1, retry_after_seconds: 0 });
  shows(await client.get(run.run_id), { status: "running", completed_at: null, error: null });
  const second = await worker.client.claimRun({ workerId: worker.id, leaseDurationSeconds: 30 });
  shows(second, { run_id: run.run_id, status: "running" });
  await attempt("wait", { reason: "event", attempt: 2, release: true });
  shows(await client.get(run.run_id), { status: "waiting", waiting_reason: "event" });
  await attempt("resume", { type: "event" });
  shows(await client.get(run.run_id), { status: "running", waiting_reason: null });
  assert.equal((await worker.client.claimRun({ workerId: worker.id, leaseDurationSeconds: 5 })).run_id, run.run_id);
  const lost = await eventually(() => worker.client.claimRun({ workerId: worker.id, leaseDurationSeconds: 30 })); // after lease and grace
  shows(lost, { run_id: run.run_id, status: "running" });
  shows(await client.get(run.run_id), { status: "running" });
  await worker.client.completeRun({ runId: run.run_id, status: "failed", terminalErrorCode: "STOPPED", terminalErrorMessage: "Enough." });
  shows(await client.get(run.run_id), { status: "failed" });
});

console.log(`tour: ${passed} steps passed`);

function setting(name) {
  return process.env[name] || fail(`Set ${name}.`);
}

function fail(message) {
  console.error(`tour: ${message}`);
  process.exit(1);
}

async function step(name, body) {
  try {
    await body();
  } catch (error) {
    const body = error.context?.details?.responseText; // of the response, if the server rejected the request
    fail(`FAILED: ${name}\n${error.stack}${body ? `\n${body}` : ""}`);
  }
  passed++;
  console.log(`ok ${name}`);
}

function newId() {
  return `run_${randomUUID()}`;
}

/** Expects a create to have created a run. */
async function created(create) {
  const response = await create;
  assert.equal(response.accepted, true);
  assert.ok(!response.duplicate, "not a duplicate");
  mine.push(response.run.run_id);
  return response;
}

/** Registers a worker of a new implementation, and claims an agent run of a conversation for it. */
async function claimedRun(members = {}) {
  const workers = createExternalAgentWorkerClient({ apiUrl: url, authToken: token });
  const implementationKind = `tour-${randomUUID()}`;
  const { id } = await workers.registerWorker({ projectReference: projectId, implementationKind, workerKey: "tour", metadata: { host: "tour" } });
  const response = await fetch(`${url}/runs`, {
    method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      kind: "agent", owner: { kind: "conversation", id: randomUUID() }, public_id: newId(),
      request: {
        agent_id: "writer", implementation_kind: implementationKind,
        input: { messages: [{ id: "m1", role: "user", parts: [{ type: "text", text: "hello" }] }] }, ...members,
      },
    }),
  });
  assert.equal(response.status, 202);
  const run = await workers.claimRun({ workerId: id, leaseDurationSeconds: 30 });
  assert.equal(run.run_id, (await response.json()).run.run_id);
  return { worker: { id, client: workers }, run };
}

async function eventually(call) {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const result = await call();
    if (result !== null) return result;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.fail("nothing came in time");
}

/** What the client cannot do: an executor's append. */
async function append(runId, events) {
  const response = await fetch(`${url}/runs/${runId}/events`, {
    method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify({ events }),
  });
  assert.equal(response.status, 200);
}

function shows(run, expected) {
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, run[name]])), expected);
}

/** Expects the client's own error, with the status and a problem that explains it. */
async function expectStatus(status, call) {
  await assert.rejects(call, (error) => {
    assert.equal(error.slug, "api-client-error");
    assert.equal(error.status, status);
    const problem = JSON.parse(error.context.details.responseText);
    assert.equal(problem.status, status);
    assert.ok(problem.detail.length > 0);
    return true;
  });
}

async function allPages(options) {
  const pages = [await client.list(options)];
  for (let next; (next = pages.at(-1).page_info.next) !== null;) {
    pages.push(await client.list({ ...options, cursor: next }));
    assert.equal(pages.at(-1).page_info.self, next);
  }
  return pages;
}
