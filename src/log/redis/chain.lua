-- The chain of an edition: put in front of every script that writes history.
--
-- A link is the SHA-1 of its parts, each with its length in front, so that no two lists of parts read the same. An entry's
-- link covers the entry before it, the newest event of the audit trail and its own header with the SHA-256 of its body;
-- an event's link covers the event before it, the newest entry and itself. No link covers a text, so a text can be erased.
-- Both say which is the oldest of their stream (`o`), so that one that has been taken away is told from one that was trimmed.
-- meta holds both heads: `hash` (entries) and `audit` (events).

local function link(parts)
  local whole = {}
  for at, part in ipairs(parts) do whole[at] = #tostring(part) .. ':' .. tostring(part) end
  return redis.sha1hex(table.concat(whole, ','))
end

-- Makes room for one more in a stream that keeps about `kept`. Returns the id of its oldest ("" where it is empty), the last id
-- that it has ever had, and the link of its newest ("" where there is none).
local function trim(stream, kept)
  redis.call('XTRIM', stream, 'MAXLEN', '~', math.max(kept - 1, 0))
  if redis.call('EXISTS', stream) == 0 then return '', '0-0', '' end
  local info, found = redis.call('XINFO', 'STREAM', stream), {}
  for at = 1, #info, 2 do found[info[at]] = info[at + 1] end
  local oldest, newest, hash = found['first-entry'], found['last-entry'], ''
  for at = 1, newest and #newest[2] or 0, 2 do
    if newest[2][at] == 'h' then hash = newest[2][at + 1] end
  end
  return oldest and oldest[1] or '', found['last-generated-id'], hash
end

-- Adds an event. `fields` is a flat list of names and values. Its time is that of its id: never before that of the event before.
local function note(base, now, fields)
  local heads = redis.call('HMGET', base .. ':meta', 'audit', 'hash')
  local oldest, last, newest = trim(base .. ':audit', 100000)
  local before, entry = heads[1] or newest, heads[2] or ''
  local t = string.format('%.0f', math.max(now, tonumber(string.match(last, '^%d+'))))
  local parts = { before, entry, t, 'o', oldest }
  for _, field in ipairs(fields) do parts[#parts + 1] = field end
  local hash = link(parts)
  redis.call('XADD', base .. ':audit', t .. '-*', 't', t, 'b', before, 'l', entry, 'h', hash, 'o', oldest, unpack(fields))
  redis.call('HSET', base .. ':meta', 'audit', hash)
end

-- The epoch in which the next entry stands: `fresh` where there is none, or where a replica has found the one that stands
-- to be no longer what it had read (compare-and-set: `suspect` names the epoch that the replica saw). A change is an event.
local function current_epoch(base, now, fresh)
  local epoch, suspected = redis.call('HGET', base .. ':meta', 'epoch'), redis.call('GET', base .. ':suspect')
  if suspected then redis.call('DEL', base .. ':suspect') end
  if epoch and suspected ~= epoch then return epoch end
  redis.call('HSET', base .. ':meta', 'epoch', fresh)
  if epoch then note(base, now, { 'action', 'epoch', 'keyId', 'flashwire', 'name', 'Flashwire', 'detail', fresh }) end
  return fresh
end

