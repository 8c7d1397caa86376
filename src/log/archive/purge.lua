-- Erases what the desk keeps of an item that is over: every text of every version and every command. What remains is that
-- there was an item, its versions, who asked for them and when, and the chain, which covers no text. The act is an event.
--
-- KEYS  1 item record  2 text of its versions  3 versions
-- ARGV  1 key base of the edition  2 item id  3 edition  4 name of who asks  5 reason
--
-- Returns {"purged", ms, versions, "1" if it had been purged before} or {"refused", problem, state of the item or ""}.
-- May be run again: it erases again, and notes nothing twice.

local base, item_id, edition = ARGV[1], ARGV[2], ARGV[3]
local item = redis.call('HMGET', KEYS[1], 'state', 'status', 'accepted', 'purgedAt')
local state, status, accepted, purged_at = item[1], item[2], tonumber(item[3] or '0'), item[4]
if not state then return { 'refused', 'item-not-found', '' } end
-- An item that was cancelled was never out; one that is to be retracted still is.
if state ~= 'cancelled' and status ~= 'retracted' then return { 'refused', state == 'retracted' and 'not-yet' or 'not-retracted', state } end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('DEL', KEYS[2])
local kept = redis.call('HGETALL', KEYS[3])
for at = 1, #kept, 2 do
  local version = cjson.decode(kept[at + 1])
  version.body = ''
  redis.call('HSET', KEYS[3], kept[at], cjson.encode(version))
end
for v = 1, accepted do
  local id = redis.call('HGET', KEYS[1], 'c' .. v)
  if id and redis.call('EXISTS', base .. ':command:' .. id) == 1 then redis.call('HSET', base .. ':command:' .. id, 'body', '', 'facets', '') end
end
if purged_at then return { 'purged', purged_at, #kept / 2, '1' } end
local at = string.format('%.0f', now)
redis.call('HSET', KEYS[1], 'purgedAt', at)
note(base, now, { 'action', 'purge', 'keyId', 'command-line', 'name', ARGV[4], 'edition', edition, 'itemId', item_id, 'version', accepted,
  'detail', ARGV[5] })
return { 'purged', at, #kept / 2, '' }
