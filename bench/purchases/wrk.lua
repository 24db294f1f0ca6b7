-- Carts for wrk: every request has its own ids. Arguments after "--": file with the cart template, copies of each cart.
-- One wrk thread serves many connections, so `copies` requests in a row are in flight at about the same time.

local thread_count = 0

function setup(thread)
    thread_count = thread_count + 1
    thread:set("thread_number", thread_count)
end

local function random_uuid()
    return string.format("%08x-%04x-4%03x-8%03x-%06x%06x", math.random(0, 4294967295), math.random(0, 65535),
        math.random(0, 4095), math.random(0, 4095), math.random(0, 16777215), math.random(0, 16777215))
end

function init(arguments)
    local file = assert(io.open(arguments[1]))
    local template = file:read("*a")
    file:close()
    copies = tonumber(arguments[2])
    sent = 0
    math.randomseed(tonumber(arguments[3]) * 100 + thread_number)

    local request_at = template:find(("@"):rep(36), 1, true)
    local trip_at = template:find(("#"):rep(36), 1, true)
    before = table.concat({
        "POST ", wrk.path, " HTTP/1.1\r\nHost: ", wrk.host, ":", wrk.port,
        "\r\nContent-Type: application/json\r\nx-api-key: bench-key\r\nContent-Length: ", #template, "\r\n\r\n",
        template:sub(1, request_at - 1),
    })
    between = template:sub(request_at + 36, trip_at - 1)
    after = template:sub(trip_at + 36)
end

function request()
    if sent % copies == 0 then trip = random_uuid() end
    sent = sent + 1
    return before .. random_uuid() .. between .. trip .. after
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f,"refused":%d,"broken":%d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
