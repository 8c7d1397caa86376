-- Refuses what can never be appended, whatever its record looks like.
--
-- KEYS  1 due  2 the command's record
-- ARGV  1 command id  2 problem  3 ttl of what is over, s  4 channel of outcomes
--
-- Publishes "<command id>" on 4.
--
-- Returns "refused", or the state in which the command had ended already (published | cancelled).

local kind = redis.call('TYPE', KEYS[2]).ok
if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', KEYS[2]) end
local state = kind == 'hash' and redis.call('HGET', KEYS[2], 'state')
redis.call('ZREM', KEYS[1], ARGV[1])
if state == 'published' or state == 'cancelled' then return state end
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'state', 'refused', 'problem', ARGV[2], 'body', '')
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[1])
return 'refused'
