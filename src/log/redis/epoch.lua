-- Gives an edition its first epoch, and a new one if its history was rewritten: a replica reported it, or the log ends before the
-- entry that the caller knows, or has another entry in its place.
--
-- KEYS
--   meta_key      of the edition. `suspect` and `log` are used by their names, because an api may do no more with `suspect` than to read
--                 and delete it, and nothing with `log`
--   audit_key     audit trail of the edition
-- ARGV
--   base          key base of the edition
--   fresh_epoch   epoch to take
--   known_epoch   of the newest entry that the caller knows; "" where it knows none
--   known_seq     of this entry; 0 where it knows none
--   known_hash    of this entry; "" where it is not known
--
-- Returns the head: epoch, seq, link.

local meta_key, audit_key = unpack(KEYS)
local base, fresh_epoch, known_epoch, known_seq, known_hash = unpack(ARGV)

local function link_at(seq)
  local id = whole(seq) .. '-0'
  local found = redis.call('XREVRANGE', key(base, 'log'), id, id)[1]
  return found and value_of(found[2], 'h') or ''
end

local known = tonumber(known_seq)
if known > 0 then
  local epoch, seq = unpack(redis.call('HMGET', meta_key, 'epoch', 'seq'))
  if epoch == known_epoch then
    local hash = link_at(known)
    local is_other = hash ~= '' and known_hash ~= '' and hash ~= known_hash
    if (tonumber(seq or '') or 0) < known or is_other then redis.call('SET', key(base, 'suspect'), epoch) end
  end
end
local epoch = current_epoch(base, clock(), fresh_epoch)
local head = redis.call('HMGET', meta_key, 'seq', 'hash')
return { epoch, head[1] or '0', head[2] or '' }
