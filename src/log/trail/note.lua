-- Adds what happened to keys, sessions and the STOP switch to the audit trail of the site.
--
-- KEYS  1 meta  2 audit
-- ARGV  1 key base  2 .. names and values

local time = redis.call('TIME')
local fields = {}
for at = 2, #ARGV do fields[at - 1] = ARGV[at] end
note(ARGV[1], time[1] * 1000 + math.floor(time[2] / 1000), fields)
