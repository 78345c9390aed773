-- What wrk sends: GET of the paths of a file, one after the other, or POST of one body with a number of its own a
-- request. Arguments: file of paths, then for POST the file of the body and a prefix that no other run has.
local paths, body, prefix, count = {}, nil, "", 0

function init(args)
    for line in io.lines(args[1]) do
        paths[#paths + 1] = line
    end
    if args[2] then
        body = io.open(args[2]):read("*a")
        prefix = args[3]
        wrk.headers["Content-Type"] = "application/json"
    end
end

-- A name that a form would hold: letters only.
local function letters(number)
    local text = ""
    repeat
        text = string.char(97 + number % 26) .. text
        number = math.floor(number / 26)
    until number == 0
    return text
end

function request()
    count = count + 1
    local path = paths[count % #paths + 1]
    if not body then
        return wrk.format("GET", path)
    end
    local key = prefix .. "-" .. count
    wrk.headers["Idempotency-Key"] = key
    local day = string.format("%d-%02d-%02d", 2021 + count % 5, 1 + count % 12, 1 + count % 28)
    local words = { KEY = key, NAME = prefix .. letters(count), DAY = day }
    return wrk.format("POST", path, wrk.headers, (body:gsub("%u%u%u+", words)))
end

-- One line for the program that started this one.
function done(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format("figures %d %d %d %d %d\n", summary.requests, summary.duration, failed,
        latency:percentile(50), latency:percentile(99)))
end
