-- Bodies for wrk: every request has its own ids. Arguments after "--": file with the body's template, copies of each
-- body, seed, file with keys. bench/load.py says what the marks in a template stand for.
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

-- The request in pieces; `fillers` has the function that makes the piece at each mark's place.
local pieces, fillers = {}, {}

local function cut(text, makers)
    local from = 1
    while true do
        local first, last, maker
        for mark, make in pairs(makers) do
            local at, to = text:find(mark, from, true)
            if at and (not first or at < first) then first, last, maker = at, to, make end
        end
        if not first then break end
        pieces[#pieces + 1] = text:sub(from, first - 1)
        pieces[#pieces + 1] = ""
        fillers[#pieces] = maker
        from = last + 1
    end
    pieces[#pieces + 1] = text:sub(from)
end

function init(arguments)
    local file = assert(io.open(arguments[1]))
    local template = file:read("*a")
    file:close()
    copies = tonumber(arguments[2])
    sent = 0
    math.randomseed(tonumber(arguments[3]) * 100 + thread_number)

    local keys = {}
    for key in io.lines(arguments[4]) do keys[#keys + 1] = key end
    local makers = { [("@"):rep(36)] = random_uuid, [("#"):rep(36)] = function() return copied end }
    if #keys > 0 then
        makers[("$"):rep(#keys[1])] = function() return keys[math.random(#keys)] end
    end
    cut(table.concat({
        "POST ", wrk.path, " HTTP/1.1\r\nHost: ", wrk.host, ":", wrk.port,
        "\r\nContent-Type: application/json\r\nx-api-key: bench-key\r\nContent-Length: ", #template, "\r\n\r\n",
        template,
    }), makers)
end

function request()
    if sent % copies == 0 then copied = random_uuid() end
    sent = sent + 1
    for place, make in pairs(fillers) do pieces[place] = make() end
    return table.concat(pieces)
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f,"refused":%d,"broken":%d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
