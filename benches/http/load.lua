-- The requests that wrk sends: GET of each path in a file in turn, or POST of one body with a different number per
-- request. Arguments: the file of paths; for POST also the file of the body and a prefix that is unique to the run.
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

-- A name of four syllables, unlike that of the previous number: the program reports similar names as likely duplicates.
local function name(number)
    local text = ""
    number = (number * 48271 + #prefix) % 2147483647
    for _ = 1, 4 do
        local consonant = number % 16 + 1
        number = math.floor(number / 16)
        local vowel = number % 5 + 1
        number = math.floor(number / 5)
        text = text .. ("bcdfgjklmnprstvz"):sub(consonant, consonant) .. ("aeiou"):sub(vowel, vowel)
    end
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
    -- Each family has its own telephone number, for the same reason.
    local phone = string.format("06 %08d", count)
    local words = { KEY = key, NAME = name(count), DAY = day, PHONE = phone }
    return wrk.format("POST", path, wrk.headers, (body:gsub("%u%u%u+", words)))
end

-- Prints one line for the benchmark to parse.
function done(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format("figures %d %d %d %d %d\n", summary.requests, summary.duration, failed,
        latency:percentile(50), latency:percentile(99)))
end
