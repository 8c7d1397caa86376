-- Erases the texts that the desk keeps of an item that is over: those of every version and of every command. The id, the versions,
-- who asked for them and when, and the chain remain; the chain covers no text. The purge is an event.
--
-- KEYS
--   item_key       record of the item
--   text_key       public texts of its versions
--   versions_key   what the desk keeps of its versions
--   meta_key, audit_key   heads of the chain, and the audit trail: chain.lua uses them by their names
-- ARGV
--   base      key base of the edition
--   item_id
--   edition
--   name      who asks for it
--   reason
--   desk_channel
--
-- Publishes "item <edition> <item id>" on desk_channel.
--
-- Returns {"purged", ms, versions, "1" if it had been purged before} or {"refused", problem, state of the item or ""}.
-- A second purge erases again and adds no event.

local item_key, text_key, versions_key, meta_key, audit_key = unpack(KEYS)
local base, item_id, edition, name, reason, desk_channel = unpack(ARGV)

local item = redis.call('HMGET', item_key, 'state', 'status', 'accepted', 'purgedAt')
local state, status, accepted, purged_at = item[1], item[2], tonumber(item[3] or '0'), item[4]
if not state then return { 'refused', 'item-not-found', '' } end
-- A cancelled item was never out. An item whose retraction is not appended yet still is.
if state ~= 'cancelled' and status ~= 'retracted' then
  return { 'refused', state == 'retracted' and 'not-yet' or 'not-retracted', state }
end

redis.call('DEL', text_key)
local versions = redis.call('HGETALL', versions_key)
for at = 1, #versions, 2 do
  local version = cjson.decode(versions[at + 1])
  version.body = ''
  redis.call('HSET', versions_key, versions[at], cjson.encode(version))
end
for version = 1, accepted do
  local id = redis.call('HGET', item_key, 'c' .. version)
  local command_key = id and key(base, 'command', id)
  if id and redis.call('EXISTS', command_key) == 1 then redis.call('HSET', command_key, 'body', '', 'facets', '') end
end
if purged_at then return { 'purged', purged_at, #versions / 2, '1' } end
local now = clock()
redis.call('HSET', item_key, 'purgedAt', whole(now))
note(base, now, { 'action', 'purge', 'keyId', 'command-line', 'name', name, 'edition', edition, 'itemId', item_id, 'version', accepted,
  'detail', reason })
tell_desks(desk_channel, base, item_id)
return { 'purged', whole(now), #versions / 2, '' }
