-- Adds an event about keys, sessions or the STOP switch to a trail of the site.
--
-- KEYS
--   meta_key
--   audit_key
-- ARGV
--   base   key base of the trail
--   ...    names and values of the event

local base = unpack(ARGV)
note(base, clock(), { unpack(ARGV, 2) })
