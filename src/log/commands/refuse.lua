-- Refuses what can never be appended, whatever its record looks like.
--
-- KEYS  1 due  2 the command's record
-- ARGV  1 command id  2 problem  3 ttl of what is over, s  4 channel of outcomes  5 key base of the edition
--
-- Publishes "<command id>" on 4.
--
-- Returns "refused", or the state in which the command had ended already (published | cancelled).

local kind = redis.call('TYPE', KEYS[2]).ok
if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', KEYS[2]) end
local state = kind == 'hash' and redis.call('HGET', KEYS[2], 'state')
redis.call('ZREM', KEYS[1], ARGV[1])
if state == 'published' or state == 'cancelled' then return state end
-- An item of which nothing is out, and nothing will be, does not stand in the desk's list as queued for ever. One that is out is again
-- what readers see of it: a retraction that could not be done must not stand in the way of the next one.
local command = kind == 'hash' and redis.call('HMGET', KEYS[2], 'item', 'version') or {}
local item = command[1] and ARGV[5] .. ':item:' .. command[1]
if item and redis.call('TYPE', item).ok == 'hash' then
  local known = redis.call('HMGET', item, 'state', 'accepted', 'version', 'status')
  local waits = known[1] == 'queued' or known[1] == 'held' or known[1] == 'scheduled'
  local seen = ({ usable = 'published', withheld = 'withheld', expired = 'expired' })[known[4] or '']
  if waits and not known[3] and known[2] == command[2] then redis.call('HSET', item, 'state', 'cancelled')
  elseif seen and known[3] and known[2] == command[2] then redis.call('HSET', item, 'state', seen) end
end
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'state', 'refused', 'problem', ARGV[2], 'body', '')
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[1])
return 'refused'
