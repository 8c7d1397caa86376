-- Refuses a command that can never be appended, whatever its record looks like.
--
-- KEYS
--   due_key       open commands by due time
--   command_key   record of the command
-- ARGV
--   base               key base of the edition
--   command_id
--   problem            why it is refused
--   over_ttl           how long the command can still be read, s
--   outcomes_channel
--   desk_channel
--
-- Publishes "<command id>" on outcomes_channel, and "item <edition> <item id>" on desk_channel.
--
-- Returns "refused", or the state that the command already ended in (published | cancelled).

local due_key, command_key = unpack(KEYS)
local base, command_id, problem, over_ttl, outcomes_channel, desk_channel = unpack(ARGV)

local kind = redis.call('TYPE', command_key).ok
if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', command_key) end
local state = kind == 'hash' and redis.call('HGET', command_key, 'state')
redis.call('ZREM', due_key, command_id)
if state == 'published' or state == 'cancelled' then return state end
-- An item that is not out, and now never will be, must not stay queued in the desk's list. An item that is out gets the state that
-- readers see again: a retraction that failed must not prevent the next one.
local command = kind == 'hash' and redis.call('HMGET', command_key, 'item', 'version') or {}
local item_key = command[1] and key(base, 'item', command[1])
if item_key and redis.call('TYPE', item_key).ok == 'hash' then
  local item = redis.call('HMGET', item_key, 'state', 'accepted', 'version', 'status')
  local item_state, accepted, published, status = item[1], item[2], item[3], item[4]
  local waits = item_state == 'queued' or item_state == 'held' or item_state == 'scheduled'
  local shown_state = ({ usable = 'published', withheld = 'withheld', expired = 'expired' })[status or '']
  if accepted == command[2] then
    if waits and not published then redis.call('HSET', item_key, 'state', 'cancelled')
    elseif shown_state and published then redis.call('HSET', item_key, 'state', shown_state) end
  end
end
redis.call('HSET', command_key, 'id', command_id, 'state', 'refused', 'problem', problem, 'body', '')
redis.call('EXPIRE', command_key, over_ttl)
redis.call('PUBLISH', outcomes_channel, command_id)
if command[1] then tell_desks(desk_channel, base, command[1]) end
return 'refused'
