-- All of an append, or nothing of it: the item's record, the entry, the message to every fan-out process, what is due next.
--
-- KEYS  1 meta  2 log  3 shown  4 due  5 item record  6 text of its versions  7 the command's record  8 items  9 suspect
-- ARGV  1 key base of the edition  2 command id  3 item id  4 epoch to take where there is none or it is suspect  5 digest of the body
--       6 language  7 dir  8 channel of entries  9 channel of outcomes  10 entries to keep  11 ttl of an item, s
--       12 how long a notice stays, ms  13 age up to which a retracted item leaves a notice, ms  14 ttl of what is over, s
--       15 "1" = only in its turn
--
-- Publishes the entry with its text on 8 (JSON; bodies and facets are joined into it as they are), "<command id>" on 9.
--
-- Returns {"appended", seq, "1" if it had been appended before, {id, due, kind} of each command that time will ask for ...}
--      or {"early", ms to wait}
--      or {"behind"}: in its turn it is not, since a command of the edition that was due before it still is
--      or {"refused", problem}

local base, command_id, item_id = ARGV[1], ARGV[2], ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(number) return string.format('%.0f', number) end

local c = redis.call('HMGET', KEYS[7], 'state', 'kind', 'version', 'due', 'body', 'facets', 'change', 'expires', 'notice', 'seq', 'problem', 'superseded', 'hidden')
local state, kind, version, body, facets, change, notice = c[1], c[2], tonumber(c[3] or '0'), c[5], c[6], c[7], c[9]
if not state then return { 'refused', 'unknown-command' } end
if state == 'published' then return { 'appended', tonumber(c[10]), '1' } end
if state == 'refused' then return { 'refused', c[11] } end
if state == 'cancelled' or state == 'draft' or c[12] then
  redis.call('ZREM', KEYS[4], command_id)
  return { 'refused', state == 'cancelled' and 'cancelled' or 'superseded' }
end
if tonumber(c[4]) > now then return { 'early', tonumber(c[4]) - now } end

local carries_text = kind == 'publish' or kind == 'correct' or kind == 'release'
-- Redis does not take back what a script wrote before it failed, so whatever could fail later is refused before. What takes a line
-- away has no use for its text.
for _, key in ipairs({ KEYS[5], carries_text and KEYS[6] or nil }) do
  local found = redis.call('TYPE', key).ok
  if found ~= 'hash' and found ~= 'none' then
    redis.call('HSET', KEYS[7], 'state', 'refused', 'problem', 'damaged-record')
    redis.call('ZREM', KEYS[4], command_id)
    redis.call('PUBLISH', ARGV[9], command_id)
    return { 'refused', 'damaged-record' }
  end
end

local item = redis.call('HMGET', KEYS[5], 'version', 'status', 'place', 'publishedAt', 'facets', 'shown', 'state', 'language', 'dir', 'acceptedAt')
local item_version, status, shown = tonumber(item[1] or '0'), item[2] or '', item[6] == '1'

local by_time = kind == 'expire' or kind == 'clear'
local function refuse(problem)
  redis.call('HSET', KEYS[7], 'state', 'refused', 'problem', problem)
  if by_time then redis.call('EXPIRE', KEYS[7], ARGV[14]) end
  -- A correction that a withholding has overtaken keeps its text: the release shows it.
  if status == 'retracted' then redis.call('HSET', KEYS[7], 'body', '') end
  redis.call('ZREM', KEYS[4], command_id)
  redis.call('PUBLISH', ARGV[9], command_id)
  return { 'refused', problem }
end

if not (kind and version and body and facets and change and tonumber(c[8]) and notice) then return refuse('unreadable-command') end
if by_time then
  if version ~= item_version or not shown or status ~= (kind == 'clear' and 'retracted' or 'usable') then return refuse('superseded') end
elseif status == 'retracted' then return refuse('item-retracted')
elseif version <= item_version then return refuse('stale-version')
elseif kind == 'correct' and status == 'expired' then return refuse('item-expired')
elseif carries_text and (body == '' or facets == '') then return refuse('unreadable-command')
end

-- What is wrong with the whole edition is nothing that a command shall be refused for: it is tried again until somebody mends it.
for key, wanted in pairs({ [KEYS[1]] = 'hash', [KEYS[2]] = 'stream', [KEYS[3]] = 'zset', [KEYS[4]] = 'zset', [KEYS[8]] = 'zset', [KEYS[9]] = 'string', [base .. ':audit'] = 'stream' }) do
  local found = redis.call('TYPE', key).ok
  if found ~= wanted and found ~= 'none' then return redis.error_reply('DAMAGED ' .. key .. ' is a ' .. found) end
end

-- What takes a line back waits for nothing.
local is_urgent = kind == 'withhold' or kind == 'retract'
if ARGV[15] == '1' and not is_urgent and redis.call('ZRANGE', KEYS[4], 0, 0)[1] ~= command_id then return { 'behind' } end

local epoch = current_epoch(base, now, ARGV[4])
local last_seq, before, event = unpack(redis.call('HMGET', KEYS[1], 'seq', 'hash', 'audit'))
if last_seq and not tonumber(last_seq) then return redis.error_reply('DAMAGED ' .. KEYS[1] .. ': seq is no number') end
local oldest, last_id, newest = trim(KEYS[2], tonumber(ARGV[10]))
-- A stream that outlived its head, or is ahead of it, goes on counting where it stopped.
if not last_seq or tonumber(last_seq) < tonumber(string.match(last_id, '^%d+')) then last_seq, before = string.match(last_id, '^%d+'), newest end
local seq = tonumber(last_seq) + 1
local place = tonumber(item[3] or '') or seq
local published_at = item[4] or ms(now)
local was = shown and item[5] or ''
local is_shown, reason, kept_notice, new_status = false, '', '', status
-- Its time ended while it was hidden, or on its way from the acceptance to here: no reader is shown it even for a moment.
local expires = tonumber(c[8])
local is_over = expires > 0 and expires <= now and (kind == 'release' or expires > (tonumber(item[10] or '') or now))

if carries_text then
  if c[13] == '1' then
    new_status = 'withheld'
    if shown then reason = 'withheld' end
  elseif is_over then new_status, reason = 'expired', 'expired'
  else
    is_shown, new_status = true, 'usable'
  end
elseif kind == 'withhold' then new_status, reason = 'withheld', 'withheld'
elseif kind == 'retract' then
  new_status, reason = 'retracted', 'retracted'
  if shown and notice ~= '' and now - tonumber(published_at) <= tonumber(ARGV[13]) then kept_notice = notice end
elseif kind == 'expire' then new_status, reason = 'expired', 'expired'
else reason = 'expired' end

local now_facets = is_shown and facets or ''
local in_list = is_shown or kept_notice ~= ''
before, event = before or '', event or ''
local header = { 'o', string.match(oldest, '^%d+') or seq, 'e', epoch, 'c', command_id, 'i', item_id, 'v', version, 'p', place, 't', ms(now), 'a', published_at, 'd', ARGV[5], 'w', was,
  'n', now_facets, 'k', is_shown and change or '', 'r', reason, 'm', kept_notice }
local hash = link({ before, event, seq, unpack(header) })
redis.call('XADD', KEYS[2], seq .. '-0', 'b', before, 'u', event, 'h', hash, unpack(header))
redis.call('HSET', KEYS[1], 'seq', seq, 'hash', hash)
redis.call('HSET', KEYS[5], 'version', version, 'status', new_status, 'place', place, 'publishedAt', published_at, 'updatedAt', ms(now),
  'shown', in_list and '1' or '0')
if carries_text then
  redis.call('HSET', KEYS[6], version, body)
  redis.call('HSET', KEYS[5], 'facets', facets, 'language', ARGV[6], 'dir', ARGV[7], 'textOut', version)
end
if kind == 'retract' then redis.call('HSET', KEYS[5], 'notice', notice) end
if in_list then redis.call('ZADD', KEYS[3], place, item_id) else redis.call('ZREM', KEYS[3], item_id) end

-- Who polls a feed once an hour hears of a retraction for 48 h, of the newest 500. The end of a notice (clear) changes nothing. Nothing of
-- this may stop an entry: it is for feeds alone, so a key that is damaged is left as it is.
local withdrawn, is_withdrawn = base .. ':withdrawn', reason ~= '' and kind ~= 'clear'
if is_withdrawn then
  redis.pcall('ZADD', withdrawn, ms(now), item_id)
  redis.pcall('EXPIRE', withdrawn, 172800)
  redis.pcall('ZREMRANGEBYSCORE', withdrawn, '-inf', ms(now - 172800000))
  redis.pcall('ZREMRANGEBYRANK', withdrawn, 0, -501)
elseif is_shown and kind ~= 'publish' then redis.pcall('ZREM', withdrawn, item_id) end

local is_waiting = item[7] == 'queued' or item[7] == 'held' or item[7] == 'scheduled'
if new_status == 'expired' then
  if item[7] == 'published' or (carries_text and is_waiting) then redis.call('HSET', KEYS[5], 'state', 'expired') end
elseif kind == 'publish' or kind == 'release' then
  if is_waiting then redis.call('HSET', KEYS[5], 'state', 'published') end
elseif kind == 'retract' then
  redis.call('DEL', KEYS[6])
  for v = 1, version do
    local id = redis.call('HGET', KEYS[5], 'c' .. v)
    if id and redis.call('EXISTS', base .. ':command:' .. id) == 1 then redis.call('HSET', base .. ':command:' .. id, 'body', '') end
  end
end

redis.call('HSET', KEYS[7], 'state', 'published', 'seq', seq)
redis.call('ZREM', KEYS[4], command_id)

local function json(text) return text == '' and 'null' or text end
local function string_or_null(text) return text == '' and 'null' or cjson.encode(text) end
-- Joined by hand, since cjson would turn an empty array in a body into an object.
redis.call('PUBLISH', ARGV[8], '{"epoch":"' .. epoch .. '","seq":' .. seq .. ',"commandId":"' .. command_id .. '","itemId":"' .. item_id
  .. '","version":' .. version .. ',"place":' .. place .. ',"at":' .. ms(now) .. ',"publishedAt":' .. published_at
  .. ',"digest":"' .. ARGV[5] .. '","hash":"' .. hash .. '","before":"' .. before .. '","was":' .. json(was) .. ',"now":' .. json(now_facets)
  .. ',"change":' .. string_or_null(is_shown and change or '') .. ',"reason":' .. string_or_null(reason)
  .. ',"notice":' .. string_or_null(kept_notice)
  .. ',"withdrawn":' .. (is_withdrawn and '{"facets":' .. json(item[5] or '') .. ',"language":' .. cjson.encode(item[8] or '') .. ',"dir":' .. cjson.encode(item[9] or '')
    .. ',"notice":' .. string_or_null(kind == 'retract' and notice or '') .. '}' or 'null') .. ',"body":' .. json(is_shown and body or '') .. '}')
redis.call('PUBLISH', ARGV[9], command_id)

local lives_until = math.floor(math.max(now, expires) / 1000) + ARGV[11]
local result = { 'appended', seq, '' }
local function follow_up(id, next_kind, due)
  local edition = redis.call('HGET', KEYS[7], 'edition')
  redis.call('HSET', base .. ':command:' .. id, 'id', id, 'kind', next_kind, 'edition', edition, 'item', item_id, 'version', version,
    'state', 'scheduled', 'due', ms(due), 'body', '', 'facets', '', 'change', '', 'expires', '0', 'notice', '')
  -- As long as its item, so that it is done however late the worker comes.
  redis.call('EXPIREAT', base .. ':command:' .. id, lives_until)
  redis.call('ZADD', KEYS[4], ms(due), id)
  result[#result + 1] = { id, ms(due), next_kind }
end
if is_shown and expires > 0 then follow_up('x_' .. string.lower(item_id) .. '_' .. version, 'expire', expires) end
if kept_notice ~= '' then follow_up('n_' .. string.lower(item_id) .. '_' .. version, 'clear', now + tonumber(ARGV[12])) end

for _, key in ipairs({ KEYS[5], KEYS[6], KEYS[7], base .. ':versions:' .. item_id }) do redis.call('EXPIREAT', key, lives_until) end
-- Items whose record is gone leave the lists, a few at each append.
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[8], '-inf', now - ARGV[11] * 1000, 'LIMIT', 0, 20)) do
  if redis.call('EXISTS', base .. ':item:' .. old) == 0 then
    redis.call('ZREM', KEYS[8], old)
    redis.call('ZREM', KEYS[3], old)
  end
end
return result
