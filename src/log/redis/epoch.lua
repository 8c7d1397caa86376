-- Gives an edition that has none its epoch, and one whose history was rewritten a new one. A replica may have said so; or the log
-- ends before the entry that the caller knows of the same epoch, or has another entry in its place.
--
-- KEYS  1 meta (suspect is read and deleted by its name: an api may do no more with it)
-- ARGV  1 key base of the edition  2 epoch to take  3 epoch, 4 seq and 5 link of the entry that the caller knows; "", 0 and "" where none
--
-- Returns the head: epoch, seq and link.

local time = redis.call('TIME')
local base, known = ARGV[1], tonumber(ARGV[4])

local function link_at(seq)
  local id = string.format('%.0f-0', seq)
  local found = redis.call('XREVRANGE', base .. ':log', id, id)[1]
  for at = 1, found and #found[2] or 0, 2 do
    if found[2][at] == 'h' then return found[2][at + 1] end
  end
  return ''
end

if known > 0 then
  local epoch, seq = unpack(redis.call('HMGET', KEYS[1], 'epoch', 'seq'))
  if epoch == ARGV[3] then
    local now = link_at(known)
    local is_other = now ~= '' and ARGV[5] ~= '' and now ~= ARGV[5]
    if (tonumber(seq or '') or 0) < known or is_other then redis.call('SET', base .. ':suspect', epoch) end
  end
end
local epoch = current_epoch(base, time[1] * 1000 + math.floor(time[2] / 1000), ARGV[2])
local head = redis.call('HMGET', KEYS[1], 'seq', 'hash')
return { epoch, head[1] or '0', head[2] or '' }
