-- The chain of an edition: in front of every script, after prelude.lua.
--
-- A link is the SHA-1 of its parts, each with its length in front, so that two different lists of parts never read the same. The
-- link of an entry covers the entry before it, the newest event of the audit trail, and the entry's own header with the SHA-256 of
-- its text. The link of an event covers the event before it, the newest entry, and the event itself. No link covers a text, so a
-- text can be erased. Both name the oldest record of their stream (`o`), so that a removed record differs from a trimmed one.
-- The meta key has both heads: `hash` (entries) and `audit` (events). docs/chain.md is the contract.

local function link(parts)
  local whole_parts = {}
  for at, part in ipairs(parts) do
    whole_parts[at] = #tostring(part) .. ':' .. tostring(part)
  end
  return redis.sha1hex(table.concat(whole_parts, ','))
end

-- Makes room for `more` records in a stream that keeps about `kept`. Returns the id of its oldest record ("" where it is empty), the
-- last id that the stream has given, and the link of its newest record ("" where there is none).
local function trim(stream, kept, more)
  local info = redis.pcall('XINFO', 'STREAM', stream)
  if info.err and redis.call('EXISTS', stream) == 0 then return '', '0-0', '' end
  -- Redis removes whole nodes of 100 records, so it has nothing to do before that many are too many.
  if info.err or value_of(info, 'length') + more > kept + 100 then
    redis.call('XTRIM', stream, 'MAXLEN', '~', math.max(kept - more, 0))
    info = redis.call('XINFO', 'STREAM', stream)
  end
  local oldest, newest = value_of(info, 'first-entry'), value_of(info, 'last-entry')
  local hash = newest and value_of(newest[2], 'h') or ''
  return oldest and oldest[1] or '', value_of(info, 'last-generated-id'), hash
end

-- Events that an audit trail keeps.
local events_kept = 100000

-- Adds an event. `fields` is a flat list of names and values. The time of an event is that of its id: never before the event before.
local function note(base, now, fields)
  local meta, audit = key(base, 'meta'), key(base, 'audit')
  local heads = redis.call('HMGET', meta, 'audit', 'hash')
  local oldest, last_id, newest = trim(audit, events_kept, 1)
  local before, entry = heads[1] or newest, heads[2] or ''
  local time = whole(math.max(now, tonumber(string.match(last_id, '^%d+'))))
  local parts = { before, entry, time, 'o', oldest }
  for _, field in ipairs(fields) do parts[#parts + 1] = field end
  local hash = link(parts)
  redis.call('XADD', audit, time .. '-*', 't', time, 'b', before, 'l', entry, 'h', hash, 'o', oldest, unpack(fields))
  redis.call('HSET', meta, 'audit', hash)
end

-- The epoch of the next entry: `fresh` where the edition has none, or where a replica found that its history is not what it had
-- read before (compare and set: `suspect` has the epoch that the replica saw). A change of the epoch is an event.
local function current_epoch(base, now, fresh)
  local meta, suspect = key(base, 'meta'), key(base, 'suspect')
  local epoch, suspected = redis.call('HGET', meta, 'epoch'), redis.call('GET', suspect)
  if suspected then redis.call('DEL', suspect) end
  if epoch and suspected ~= epoch then return epoch end
  redis.call('HSET', meta, 'epoch', fresh)
  if epoch then note(base, now, { 'action', 'epoch', 'keyId', 'flashwire', 'name', 'System', 'detail', fresh }) end
  return fresh
end
