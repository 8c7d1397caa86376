-- One step of the schema version, unless another process has taken it.
--
-- KEYS
--   schema_key
-- ARGV
--   from   the version that the key must have; "" = none
--   to     the version to write
--
-- Returns 1, or 0 if the key has another version.

local schema_key = unpack(KEYS)
local from, to = unpack(ARGV)

if (redis.call('GET', schema_key) or '') ~= from then return 0 end
redis.call('SET', schema_key, to)
return 1
