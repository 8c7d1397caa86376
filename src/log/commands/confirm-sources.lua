-- Replaces the sources that the desk of an edition has confirmed.
--
-- KEYS
--   sources_key   what is confirmed
-- ARGV
--   base     key base of the edition
--   before   what must be confirmed now; "" = none, "*" = anything
--   after    opaque JSON
--   ...      names and values of the event for the audit trail
--
-- Returns "replaced" or "changed": somebody else replaced them meanwhile, and nothing was written.

local sources_key = unpack(KEYS)
local base, before, after = unpack(ARGV)

if before ~= '*' and (redis.call('GET', sources_key) or '') ~= before then return 'changed' end
redis.call('SET', sources_key, after)
note(base, clock(), { unpack(ARGV, 4) })
return 'replaced'
