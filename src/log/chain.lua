-- The chain of an edition: put in front of every script that writes history.
--
-- A link is the SHA-1 of its parts, each with its length in front, so that no two lists of parts read the same. An entry's
-- link covers the entry before it, the newest event of the audit trail and its own header with the SHA-256 of its body;
-- an event's link covers the event before it, the newest entry and itself. No link covers a text, so a text can be erased.
-- meta holds both heads: `hash` (entries) and `audit` (events).

local function link(parts)
  local whole = {}
  for at, part in ipairs(parts) do whole[at] = #tostring(part) .. ':' .. tostring(part) end
  return redis.sha1hex(table.concat(whole, ','))
end

-- Adds an event. `fields` is a flat list of names and values.
local function note(base, now, fields)
  local heads = redis.call('HMGET', base .. ':meta', 'audit', 'hash')
  local before, entry = heads[1] or '', heads[2] or ''
  local parts = { before, entry, string.format('%.0f', now) }
  for _, field in ipairs(fields) do parts[#parts + 1] = field end
  local hash = link(parts)
  redis.call('XADD', base .. ':audit', 'MAXLEN', '~', 100000, '*', 't', string.format('%.0f', now), 'b', before, 'l', entry, 'h', hash, unpack(fields))
  redis.call('HSET', base .. ':meta', 'audit', hash)
end

-- The epoch in which the next entry stands: `fresh` where there is none, or where a replica has found the one that stands
-- to be no longer what it had read (compare-and-set: `suspect` names the epoch that the replica saw).
local function current_epoch(base, fresh)
  local epoch, suspected = redis.call('HGET', base .. ':meta', 'epoch'), redis.call('GET', base .. ':suspect')
  if suspected then redis.call('DEL', base .. ':suspect') end
  if epoch and suspected ~= epoch then return epoch end
  redis.call('HSET', base .. ':meta', 'epoch', fresh)
  return fresh
end

