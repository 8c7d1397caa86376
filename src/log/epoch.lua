-- Gives an edition that has none its epoch, and one whose history a replica found rewritten a new one.
--
-- KEYS  1 meta (suspect is read and deleted by its name: an api may do no more with it)
-- ARGV  1 key base of the edition  2 epoch to take
--
-- Returns the epoch that stands.

local time = redis.call('TIME')
return current_epoch(ARGV[1], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[2])
