-- Replaces the sources that the desk of an edition has confirmed.
--
-- KEYS
--   sources_key   what is confirmed
--   meta_key, audit_key   heads of the chain, and the audit trail: chain.lua uses them by their names
-- ARGV
--   base     key base of the edition
--   before   what must be confirmed now; "" = none, "*" = anything
--   after    opaque JSON
--   ...      names and values of the event for the audit trail
--
-- Returns "replaced" or "changed": somebody else replaced them meanwhile, and nothing was written.

local sources_key, meta_key, audit_key = unpack(KEYS)
local base, before, after = unpack(ARGV)

if before ~= '*' and (redis.call('GET', sources_key) or '') ~= before then return 'changed' end
redis.call('SET', sources_key, after)
note(base, clock(), { unpack(ARGV, 4) })
return 'replaced'
