-- Creates of new runs, as `make bench` sends them. wrk -s creates.lua URL -- CREDENTIAL EXECUTION
-- The number of the execution makes the ids differ from those of every other execution.

local threads = 0

function setup(thread)
  thread:set("thread_number", threads)
  threads = threads + 1
end

local template = table.concat({
  '{"kind":"task","public_id":"run_%08x%08x%04x%012x","owner":',
  '{"kind":"project","id":"7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10"},',
  '"request":{"target":"task:resize-images","name":"Resize the images of an order","input":',
  '{"order_id":"a4f1c7d2","images":["front.png","back.png","side.png"],"width":1280,"quality":0.85,"notify":true},',
  '"timeout_seconds":600}}',
})

local created = 0

function init(arguments)
  wrk.method = "POST"
  wrk.path = "/runs"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = arguments[1]
  execution = tonumber(arguments[2])
  started = os.time()
end

function request()
  created = created + 1
  return wrk.format(nil, nil, nil, string.format(template, started, execution, thread_number, created))
end

-- One line: requests per second, p50 and p99 in milliseconds, requests that failed.
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    "result %.1f %.2f %.2f %d\n",
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000, failed))
end
