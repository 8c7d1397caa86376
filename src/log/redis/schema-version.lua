-- One step of the schema version, if nobody else has taken it.
--
-- KEYS  1 schema
-- ARGV  1 what has to stand there ("" = nothing)  2 what comes in its place
--
-- Returns 1, or 0 where something else stands there.

if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
