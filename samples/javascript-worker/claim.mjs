// An executor in Node.js that uses HTTP only, without dependencies. It claims runs, renews their leases with heartbeats,
// and continues a run whose worker has ended. The work is in execute(): replace it with your own.
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

const api = process.env.RUNS_URL ?? "http://127.0.0.1:8080";
const key = process.env.RUNS_API_KEY ?? fail("Set RUNS_API_KEY.");
const project = process.env.RUNS_PROJECT ?? fail("Set RUNS_PROJECT.");
const target = process.env.WORKER_TARGET ?? "task:echo";
const slots = 4; // runs at the same time
const lease = Number(process.env.WORKER_LEASE_SECONDS ?? 60);

const instance = randomUUID(); // of this process: replicas may share the worker's key
const held = new Map(); // the runs that this process executes, by id: { attempt, stop, renewedAt }
const stopping = new AbortController();
let changed = new AbortController(); // ends the pending heartbeat, which does not name a new run
let freeSlot = () => {};

/** Counts the words of a text. Returns the output of the run; an exception fails the attempt. */
async function execute(run, { stop, log, save }) {
  const words = String(run.config?.text ?? "").split(/\s+/).filter((word) => word !== "");
  // Of an earlier attempt. The checkpoint is saved after the event: an effect may be repeated, and must allow it.
  for (let done = run.worker_session?.metadata?.done ?? 0; done < words.length; done++) {
    await pause(run.config.delay_ms ?? 0, undefined, { signal: stop });
    await log({ type: "CUSTOM", name: "word", value: words[done] });
    await save({ done: done + 1 });
  }
  return { words: words.length };
}

let worker = await register(); // { path, token }
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    stopping.abort();
    changed.abort();
    freeSlot();
  });
}
console.log(`Executing ${target}.`);
const heartbeats = sendHeartbeats();
await claimRuns();
for (const { stop } of held.values()) {
  stop.abort("shutdown");
}
await heartbeats; // until the last run is released

async function register() {
  const worker_key = process.env.WORKER_KEY ?? hostname();
  const body = { implementation_kind: "javascript", worker_key, targets: [target], max_concurrent_runs: slots };
  const registered = await request("POST", `/agent-workers/projects/${project}/workers`, body, { token: key });
  return { path: `/agent-workers/workers/${registered.worker.id}`, token: registered.token };
}

/** Claims as many runs as there are free slots. The server holds a claim until there is a run. */
async function claimRuns() {
  while (!stopping.signal.aborted) {
    const free = slots - held.size;
    if (free === 0) {
      await new Promise((resolve) => (freeSlot = resolve));
      continue;
    }
    try {
      const claim = { max_runs: free, wait_seconds: 30, lease_duration_seconds: lease, instance_id: instance };
      // Fenced: what names no attempt is rejected. Headless: runs of projects, which have no conversation.
      const body = { ...claim, fenced: true, headless: true };
      const { runs } = await call("POST", "/claim", body, { wait: 30, signal: stopping.signal });
      runs.forEach(start);
    } catch (error) {
      await recover("claim", error);
    }
  }
}

function start(run) {
  const stop = new AbortController();
  held.set(run.run_id, { attempt: run.attempt, stop, renewedAt: performance.now() });
  changed.abort();
  executeAttempt(run, stop.signal).catch((error) => console.error(`${run.run_id}: ${error.message}`)).finally(() => {
    if (held.get(run.run_id)?.stop === stop) {
      held.delete(run.run_id); // otherwise a later attempt has begun here
    }
    changed.abort();
    freeSlot();
  });
}

/**
 * Executes an attempt and reports how it ended. All calls name the attempt: when it was lost, the server rejects them,
 * and another attempt follows.
 */
async function executeAttempt(run, stop) {
  const { run_id, attempt } = run;
  let sequence = run.latest_external_event_sequence;
  const context = {
    stop,
    /** Appends an event to the run's log. Its place is named, so that a retry appends it once. */
    async log(event) {
      const body = { events: [event], attempt, expected_previous_external_event_sequence: sequence };
      sequence = (await retry(stop, () => request("POST", `/runs/${run_id}/events`, body))).latest_external_event_sequence;
    },
    /** Saves the checkpoint, an object of at most 64 KB. The next attempt gets it. */
    save: (metadata) => retry(stop, () => call("PUT", `/runs/${run_id}/session`, { session_key: instance, attempt, metadata })),
  };
  let outcome;
  try {
    outcome = { status: "completed", output: await execute(run, context) };
  } catch (error) {
    outcome = { status: "failed", terminal_error_code: error.code ?? error.name, terminal_error_message: error.message };
  }
  if (!stop.aborted) {
    await retry(stop, () => request("POST", `/runs/${run_id}/complete`, { ...outcome, attempt }));
  } else if (stop.reason === "shutdown") {
    await call("DELETE", `/runs/${run_id}/lease`, { attempt, reason: "shutdown" }); // no failure is counted
  }
  console.log(`${run_id}, attempt ${attempt}: ${stop.aborted ? stop.reason : outcome.status}`);
}

/** Renews all leases, and stops the runs that were cancelled or lost. The server answers at once when there is one. */
async function sendHeartbeats() {
  for (let wait = 0; !stopping.signal.aborted || held.size > 0; ) {
    changed = new AbortController();
    const runs = [...held].map(([run_id, { attempt }]) => ({ run_id, attempt }));
    const sentAt = performance.now();
    try {
      const body = { instance_id: instance, runs, lease_duration_seconds: lease, wait_seconds: wait };
      // A short timeout, so that there is time for another heartbeat before the lease ends.
      const options = { wait, margin: Math.max(1, Math.floor(lease / 6)), signal: wait > 0 ? changed.signal : undefined };
      const response = await call("POST", "/heartbeat", body, options);
      worker.token = response.token ?? worker.token;
      for (const { run_id, attempt, lease_expires_at, status } of response.runs) {
        const run = held.get(run_id);
        if (run?.attempt === attempt && lease_expires_at) {
          run.renewedAt = sentAt;
        } else if (run?.attempt === attempt) {
          run.stop.abort(status === "cancelled" ? "cancelled" : "lost");
        }
      }
      wait = changed.signal.aborted ? 0 : Math.floor(lease / 3);
    } catch (error) {
      wait = 0;
      if (changed.signal.aborted) {
        continue; // the next heartbeat names the new runs
      }
      await recover("heartbeat", error);
      for (const { stop, renewedAt } of held.values()) {
        // Before the server gives the run to another worker.
        if (performance.now() - renewedAt > (lease * 1000 * 5) / 6) {
          stop.abort("lost");
        }
      }
    }
  }
}

/** A call of the worker, with its token. */
function call(method, path, body, options) {
  return request(method, worker.path + path, body, options);
}

async function request(method, path, body, { token = worker.token, wait = 0, margin = 15, signal } = {}) {
  const timeout = AbortSignal.timeout((wait + margin) * 1000);
  const response = await fetch(api + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  });
  const content = await response.json();
  if (!response.ok) {
    const { code, detail } = content;
    throw Object.assign(new Error(`${response.status} ${code}: ${detail}`), { status: response.status, code });
  }
  return content;
}

/** Repeats a call until it succeeds, is rejected, or the run is stopped. */
async function retry(stop, send) {
  for (let delay = 250; ; delay = Math.min(delay * 2, 5000)) {
    try {
      stop.throwIfAborted();
      return await send();
    } catch (error) {
      if (stop.aborted || (error.status < 500 && error.status !== 429)) {
        throw error;
      }
      await pause(delay);
    }
  }
}

/** After a failed call of a loop: waits, and registers again when the token is not valid any more. */
async function recover(what, error) {
  if (stopping.signal.aborted && what === "claim") {
    return;
  }
  console.error(`${what}: ${error.message}`);
  await pause(1000);
  if (error.status === 401) {
    worker = await register().catch(() => worker);
  }
}

function fail(message) {
  throw new Error(message);
}
